/* aws/facts.h: what a body says about the request, besides the output: the same for every
 * protocol. */
#ifndef AWS_FACTS_H
#define AWS_FACTS_H

#include <pail/types.h>

/* Absent where the body does not say; in the arena it was parsed into. */
struct body_facts {
    bool is_error;                         /* the document is an error's, whatever the status */
    bool is_s3_error;                      /* and in the form that S3 has for it */
    struct pail_str code, message, region; /* of the error */
    struct pail_str request_id, host_id;
};

#endif
