/* base/date.h: dates as AWS writes them. Pure, independent of locale and time zone; any thread.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/buf.h"

/* Years 1 to 9999; a leap second counts as the second before it. Outside them the parsers say
 * -EINVAL and the formats show the nearest moment inside. */

/* RFC 822/1123/850 and asctime forms ("Wed, 12 Oct 2009 17:50:00 GMT"). 0 or -EINVAL. */
int date_parse_http(struct pail_str s, struct pail_time *ret);
/* ISO 8601 / RFC 3339: date, 'T' or space, time, up to 9 fractional digits, Z or an offset
 * (none is UTC). 0 or -EINVAL. */
int date_parse_iso8601(struct pail_str s, struct pail_time *ret);
/* Seconds since 1970, with an optional fraction and exponent ("1795355669.615"). 0 or -EINVAL.
 */
int date_parse_epoch(struct pail_str s, struct pail_time *ret);
/* Any of the three, as botocore's parse_timestamp: numeric, else ISO 8601, else HTTP. 0 or
 * -EINVAL. */
int date_parse_any(struct pail_str s, struct pail_time *ret);

/* "Wed, 12 Oct 2009 17:50:00 GMT" */
void buf_add_http_date(struct buf *b, struct pail_time t);
/* "2009-10-12T17:50:00Z", with ".123456789" (trailing zeros dropped) where there is a fraction.
 */
void buf_add_iso8601(struct buf *b, struct pail_time t);
/* SigV4's "20091012T175000Z" in out[17]. */
void date_format_amz(int64_t seconds, char out[17]);

#endif
