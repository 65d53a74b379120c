/* aws/settings_steps.h: the steps of settings_load that have files of their own. Each takes
 * what it looks for from code, the environment and the profile files, and returns as
 * settings_load does. */
#ifndef AWS_SETTINGS_STEPS_H
#define AWS_SETTINGS_STEPS_H

#include "aws/settings.h"

/* settings_retry.c: mode, attempts, quota. */
int settings_load_retries(struct settings *s, const struct pail_config *config,
                          struct pail_error *error);
/* settings_proxy.c: which hosts are reached through which proxy. */
int settings_load_proxies(struct settings *s, const struct pail_config *config,
                          struct pail_error *error);

#endif
