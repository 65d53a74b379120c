/* aws/environment.h: an environment for settings_load that only the test fills. */
#ifndef UNIT_AWS_ENVIRONMENT_H
#define UNIT_AWS_ENVIRONMENT_H

#include "aws/settings.h"

#include <stdio.h>

/* `user` is a NULL-terminated array of name, value, name, value ... */
__attribute__((unused)) static const char *test_getenv(const char *name, void *user)
{
    for (const char *const *pair = user; pair && *pair; pair += 2)
        if (strcmp(pair[0], name) == 0)
            return pair[1];
    return NULL;
}

/* A file in a directory of its own: write_file, then drop_file. */
struct test_file {
    char dir[32], path[48];
};

__attribute__((unused)) static void write_file(struct test_file *file, const char *text)
{
    snprintf(file->dir, sizeof(file->dir), "/tmp/test_aws.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(file->dir));
    snprintf(file->path, sizeof(file->path), "%s/file", file->dir);
    FILE *f = fopen(file->path, "we");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

__attribute__((unused)) static void drop_file(struct test_file *file)
{
    remove(file->path);
    remove(file->dir);
}

#endif
