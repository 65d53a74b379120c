#include "cli/pail_keys.h"

#include <errno.h>

void pail_keys_init(struct pail_keys *keys, struct pail_str bucket, struct pail_str prefix)
{
    *keys = (struct pail_keys){.in = {.bucket = bucket, .prefix = prefix}, .more = true};
}

void pail_keys_done(struct pail_keys *keys)
{
    list_pages_done(&keys->pages);
}

int pail_keys_next(struct pail_run *run, struct pail_keys *keys,
                   struct pail_s3_list_objects_v2_output *page)
{
    const struct pail_call_options limits = pail_limits(run);
    struct pail_error error = {0};
    const char *reason = NULL;
    keys->in.continuation_token = str_c(keys->pages.token);
    int r = pail_s3_list_objects_v2(run->client, &keys->in, page, &limits, &error);
    if (r == 0)
        r = list_pages_take(&keys->pages, &list_of_objects, page, &reason);
    keys->more = r > 0;
    if (reason)
        error = (struct pail_error){.sys = EPROTO, .kind = PAIL_ERROR_PARSE};
    if (reason)
        str_copy(error.message, sizeof(error.message), str_c(reason));
    if (error.sys != 0)
        return pail_fail(run, keys->in.bucket, keys->in.prefix, &error);
    return r < 0 ? pail_fail_memory(run) : EXIT_OK;
}
