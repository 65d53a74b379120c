/* aws/sigv4.h: AWS Signature Version 4 in the Authorization header. */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "aws/credentials.h"
#include "http/transport.h"

struct sigv4_scope {
    const char *region;
    const char *service; /* signing name */
    bool s3; /* path signed as sent, x-amz-content-sha256 sent; else it is normalised and
                encoded again */
    bool unsigned_payload; /* UNSIGNED-PAYLOAD instead of the body's digest (s3 only) */
};

/* Signs in place: sets Host, X-Amz-Date, X-Amz-Security-Token (removed where there is no
 * token), x-amz-content-sha256 (s3) and Authorization, replacing earlier ones, so that a retry
 * signs the same request again. Headers that proxies or later steps change (connection,
 * user-agent, expect, amz-sdk-request, ...) are not signed. Pure: `now_s` is seconds since 1970
 * UTC. Any thread. 0, -EINVAL (no host), -E2BIG (headers past their limits), -ENOMEM; on
 * failure `req` must not be sent. Behaviour: botocore auth.py (S3SigV4Auth, SigV4Auth). */
int sigv4_sign(struct http_request *req, const struct sigv4_scope *scope,
               const struct credentials *creds, int64_t now_s);

/* The canonical request, for tests and for diagnosis, appended to `b`; the list of signed
 * headers is appended to `ret_signed_headers`. Failures are the bufs' sticky ones. */
void sigv4_canonical_request(struct buf *b, const struct http_request *req,
                             const struct sigv4_scope *scope, const char *payload_hash,
                             struct buf *ret_signed_headers);

#endif
