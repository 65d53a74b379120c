/* aws/endpoint.h: where an operation is sent, and for which region it is signed. Pure. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/settings.h"

struct endpoint {
    struct url url; /* scheme, host, port, and the base path of a custom endpoint */
    char signing_region[64];
    bool bucket_in_host; /* the path must not name the bucket */
    bool custom;
};

/* The endpoint of `op` in `region` (NULL: the configured, else the service's default).
 * `bucket`: S3's, absent for other calls; access-point ARNs are -EINVAL (not supported, said
 * so). `host_prefix`: with its labels filled in, absent for none. 0; -EINVAL with *error filled
 * (NO_REGION; a region or bucket that is no host label: PARAM), -ENOMEM. AWS partitions: aws,
 * aws-cn, aws-us-gov (by region prefix). */
int endpoint_resolve(const struct settings *settings, const struct pail_operation *op,
                     const char *region, struct pail_str bucket, struct pail_str host_prefix,
                     struct endpoint *ret, struct pail_error *error);
void endpoint_done(struct endpoint *endpoint);

DEFINE_CLEANUP_DONE(endpoint, struct endpoint, endpoint_done);

#endif
