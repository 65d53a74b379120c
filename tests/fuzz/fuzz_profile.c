/* Any bytes as a config and as a credentials file. */
#include "fuzz/fuzz.h"

#include "aws/profile.h"

#include <stdlib.h>

static const char *const keys[] = {"region", "s3", "a", ""};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pail_str text = str_of((const char *)data, size);
    struct pail_str halves[] = {str_sub(text, 0, size / 2), str_sub(text, size / 2, size)};
    char reason[64] = "";
    struct profile_files *files = NULL;
    int r = profile_parse(halves[0], "config", halves[1], "credentials", &files, reason,
                          sizeof(reason));
    if (r < 0) {
        /* A refusal says where. */
        if (!strchr(reason, ':'))
            abort();
        return 0;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct pail_str value = profile_get(files, "default", keys[i]);
        struct pail_str nested = profile_get_nested(files, "default", keys[i], keys[2]);
        if ((value.ptr && value.ptr[value.len]) || (nested.ptr && nested.ptr[nested.len]) ||
            (value.ptr && nested.ptr))
            abort();
        if (value.ptr && !profile_exists(files, "default"))
            abort();
    }
    profile_free(files);
    return 0;
}
