/* base/when.h: a moment as people say it. Pure; any thread. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/buf.h"

#include <pail/types.h>

/* The forms, for help and for complaints. */
#define WHEN_FORMS       "1h or 1h ago (s, m, h or d), 2026-11-01 or 2026-11-01T00:00:00Z (UTC)"
#define WHEN_FORMS_BRIEF "1h [ago] (s, m, h, d) or 2026-11-01[T00:00:00Z]"

/* "90s", "15m", "1.5h", "2d", each also with " ago": that long before `now_ms`; a date: its
 * beginning in UTC; or RFC 3339, whose zone is UTC where none is said. Milliseconds since 1970.
 * 0; -EINVAL (a number without a unit too). */
int when_parse(struct pail_str s, int64_t now_ms, int64_t *ret_ms);

/* A moment of the library's in milliseconds since 1970, cut. */
int64_t when_ms(struct pail_time t);
/* The reverse. */
struct pail_time when_time(int64_t ms);

/* The bounds "from" and "up to, but not with", milliseconds since 1970 or absent. 0; -EINVAL
 * with words in `reason`: nothing lies between them. `names`: what they are called, "--since".
 */
int when_check_bounds(struct pail_int since, struct pail_int until, const char *const names[2],
                      struct buf *reason);

#endif
