/* aws/metadata.h: asking the metadata services of containers and instances. */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include "aws/ask.h"

/* What is sent besides the path; absent: nothing. */
struct metadata_headers {
    struct pail_str authorization, token, token_ttl_s;
};

/* GETs `path` (encoded, with its query), which must be an object with AccessKeyId,
 * SecretAccessKey, Token and Expiration. 0 with *ret, whose source is `source`; -ENOENT: an
 * object without them, which an instance says that has no role to give; or -errno with *error
 * filled. */
int metadata_get_keys(struct ask *ask, const struct ask_how *how, const char *path,
                      const struct metadata_headers *headers, const char *source,
                      struct credentials **ret, struct pail_error *error);
/* GETs or PUTs `path` and appends what it says. 0 or -errno with *error filled. */
int metadata_text(struct ask *ask, const struct ask_how *how, const char *method,
                  const char *path, const struct metadata_headers *headers, struct buf *ret,
                  struct pail_error *error);

#endif
