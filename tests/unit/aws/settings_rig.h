/* unit/aws/settings_rig.h: settings loaded from what a test says. */
#ifndef UNIT_AWS_SETTINGS_RIG_H
#define UNIT_AWS_SETTINGS_RIG_H

#include "aws/settings.h"
#include "unit/aws/environment.h"

#define PAIRS_MAX 12

/* What a test says where: in code, in the environment, in the config file. */
struct given {
    struct pail_config code;
    const char *env[PAIRS_MAX]; /* name, value, ... */
    const char *file;
};

/* The environment, with the config file's path put in front. */
struct loaded {
    struct test_file file;
    const char *env[PAIRS_MAX + 5];
    struct settings *settings;
    struct pail_error error;
    int result;
};

static inline void load(const struct given *given, struct loaded *l)
{
    *l = (struct loaded){0};
    write_file(&l->file, given->file ? given->file : "");
    size_t n = 0;
    l->env[n++] = "AWS_CONFIG_FILE";
    l->env[n++] = l->file.path;
    l->env[n++] = "AWS_SHARED_CREDENTIALS_FILE";
    l->env[n++] = "/nonexistent";
    memcpy(&l->env[n], given->env, sizeof(given->env));
    l->result = settings_load(&given->code, test_getenv, l->env, &l->settings, &l->error);
}

static inline void unload(struct loaded *l)
{
    settings_free(l->settings);
    drop_file(&l->file);
}

#endif
