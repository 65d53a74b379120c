/* aws/endpoint.h: where an operation is sent, and for which region it is signed. Pure. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/settings.h"

struct endpoint {
    struct url
        url; /* scheme, host, port, and the base path of a custom endpoint ("" for none) */
    char signing_region[64];
    bool bucket_in_host; /* the path must not name the bucket */
    bool custom;         /* configured, not AWS's own */
    bool global;         /* S3, STS: the one host of all regions is meant */
};

/* The endpoint of `op` in `region` (NULL: the configured, else the service's default).
 * `bucket`: S3's, absent for other calls; access-point ARNs and directory buckets (of AWS
 * itself) are -EINVAL, not supported, and say so. `host_prefix`: with its labels filled in,
 * absent for none; not used with a custom endpoint. The bucket is in the host name where
 * addressing is not "path" and it can be one label of it (over http: several); at a custom
 * endpoint only where addressing is "virtual" and the host is no address. 0; -EINVAL with
 * *error filled (NO_REGION; a region, bucket or prefix that has no place in a host or path:
 * PARAM; a configured endpoint that is none: CONFIG), -ENOMEM. Behaviour: botocore's endpoint
 * rules, for its partitions. */
int endpoint_resolve(const struct settings *settings, const struct pail_operation *op,
                     const char *region, struct pail_str bucket, struct pail_str host_prefix,
                     struct endpoint *ret, struct pail_error *error);
void endpoint_done(struct endpoint *endpoint);

DEFINE_CLEANUP_DONE(endpoint, struct endpoint, endpoint_done);

#endif
