/* aws/instance.h: the region of the EC2 instance that this is, asked while nobody waits. */
#ifndef AWS_INSTANCE_H
#define AWS_INSTANCE_H

#include "aws/settings.h"

struct instance;

/* Asks the metadata service, on a thread of its own. `known` is called there, once, if it says
 * a region; where it does not, nothing happens. `settings` are borrowed until instance_free.
 * 0, -ENOMEM, -EMFILE, -ENFILE, -EAGAIN (no thread). */
int instance_ask(const struct settings *settings,
                 void (*known)(void *user, struct pail_str region), void *user,
                 struct instance **ret);
/* Ends the asking, at once; from then on `known` is not called. NULL-safe. */
void instance_free(struct instance *instance);

#endif
