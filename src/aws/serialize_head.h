/* aws/serialize_head.h: the parts of serializing an input that do not depend on the protocol's
 * document. Internal to aws/serialize*.c. */
#ifndef AWS_SERIALIZE_HEAD_H
#define AWS_SERIALIZE_HEAD_H

#include "aws/serialize.h"
#include "aws/value.h"

#define SERIALIZE_UUID_LEN 36

/* One input on its way to a request. */
struct serialize_job {
    const struct pail_operation *op;
    const char *in; /* a shallow copy of the input with what is sent in place of absent members;
                       NULL: no input shape */
    char uuid[SERIALIZE_UUID_LEN + 1];
    struct serialized *out;
    struct pail_error *error;
};

/* Fill the error. -EINVAL, -ENOMEM; serialize_check: 0 unless the buf, which holds `what`, has
 * failed. */
int serialize_refuse(const struct serialize_job *job, const char *what, const char *why);
int serialize_out_of_memory(const struct serialize_job *job);
int serialize_check(const struct serialize_job *job, const struct buf *b, const char *what);

static inline size_t serialize_member_count(const struct serialize_job *job)
{
    return job->op->input ? job->op->input->member_count : 0;
}
static inline const void *serialize_value(const struct serialize_job *job,
                                          const struct pail_member *member)
{
    return value_member_const(member, job->in);
}
static inline bool serialize_is_present(const struct serialize_job *job,
                                        const struct pail_member *member)
{
    return value_is_present(member->shape, serialize_value(job, member), VALUE_INPUT);
}

/* Adds the members that are in the query and the headers, and notes the range that is asked
 * for. */
int serialize_head(struct serialize_job *job);

#endif
