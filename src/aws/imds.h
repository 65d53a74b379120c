/* aws/imds.h: the metadata service of an EC2 instance: where it is, and its tokens. */
#ifndef AWS_IMDS_H
#define AWS_IMDS_H

#include "aws/metadata.h"

#define IMDS_TEXT_MAX 4096 /* bytes of what it says */

/* It is not to be asked (AWS_EC2_METADATA_DISABLED). */
bool imds_disabled(const struct settings *settings);
/* How it is asked, as the environment and the profile have it. */
struct ask_how imds_how(const struct settings *settings);
/* Appends a token (version 2 of the service) to `token`, of memory for secrets; nothing where
 * it gives none, but may say other things all the same. 0; -ENOENT: this is no instance;
 * -EACCES (it is not to be asked without a token), -ECANCELED, -ENOMEM, with *error filled if
 * not NULL. */
int imds_token(struct ask *ask, const struct ask_how *how, struct buf *token,
               struct pail_error *error);

#endif
