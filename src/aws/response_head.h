/* aws/response_head.h: what a response's head says: its metadata, and the output members that
 * are kept in headers. */
#ifndef AWS_RESPONSE_HEAD_H
#define AWS_RESPONSE_HEAD_H

#include "aws/response.h"
#include "base/arena.h"

/* The first field of that name, absent if there is none. */
struct pail_str response_header(const struct pail_http_response *response, const char *name);

/* Fills *ret but for its arena and what the call knows (attempts, checksum). 0, -ENOMEM,
 * -EPROTO (too many fields). */
int response_head_metadata(const struct pail_http_response *response, struct arena *arena,
                           struct pail_response *ret);

/* Fills the output's members that are in headers and the status. 0, -ENOMEM, -EPROTO:
 * *ret_member does not parse. */
int response_head_members(const struct pail_shape *output,
                          const struct pail_http_response *response, struct arena *arena,
                          void *out, const struct pail_member **ret_member);

/* retry_after_ms, date_s and region. */
void response_head_facts(const struct pail_http_response *response, struct response_facts *ret);

#endif
