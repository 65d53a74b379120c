/* aws/defaults_mode.h: what AWS's defaults modes set where nothing else is said. */
#ifndef AWS_DEFAULTS_MODE_H
#define AWS_DEFAULTS_MODE_H

#include "aws/settings.h"

/* Fills defaults_mode, s3_regional and sts_global, which are said by the mode or by settings
 * of their own. To be called when the profile files and the region are known. 0; -EINVAL with
 * *error filled (CONFIG). Behaviour: botocore's SmartDefaultsConfigStoreFactory, but that the
 * metadata service is not asked (aws/instance.h). */
int defaults_mode_load(struct settings *settings, const struct pail_config *config,
                       struct pail_error *error);

/* The mode's connect timeout; of AUTO, STANDARD's. Pure. */
int64_t defaults_mode_connect_timeout_ms(enum pail_defaults_mode mode);

#endif
