/* aws/serialize_validate.h: an input held to its shapes before anything is sent. Internal to
 * aws/serialize*.c. */
#ifndef AWS_SERIALIZE_VALIDATE_H
#define AWS_SERIALIZE_VALIDATE_H

#include "aws/serialize_head.h"

/* Looks for required members that are absent, and for unions without exactly one member, in
 * all structures of the input. 0; -EINVAL with the error filled, which names the member:
 * "ShardFilter.Type is required". Behaviour: botocore's validate.py. */
int serialize_validate(const struct serialize_job *job);

#endif
