#include "cli/pail_keys.h"

#include <errno.h>

#define CURSOR_MAX 65536

void pail_keys_init(struct pail_keys *keys, struct pail_str bucket, struct pail_str prefix)
{
    *keys = (struct pail_keys){.in = {.bucket = bucket, .prefix = prefix}, .more = true};
    buf_init(&keys->cursor, CURSOR_MAX);
}

void pail_keys_done(struct pail_keys *keys)
{
    buf_done(&keys->cursor);
}

/* 0; -EPROTO: more follows, but the page does not say where; -ENOMEM. */
static int turn_page(struct pail_keys *keys, const struct pail_s3_list_objects_v2_output *page)
{
    struct pail_str next = page->next_continuation_token;
    keys->more = page->is_truncated.value;
    if (!keys->more)
        return 0;
    if (next.len == 0 || str_eq(next, keys->in.continuation_token))
        return -EPROTO;
    buf_reset(&keys->cursor);
    buf_add_str(&keys->cursor, next);
    keys->in.continuation_token = buf_str(&keys->cursor);
    return buf_failed(&keys->cursor) ? -ENOMEM : 0;
}

int pail_keys_next(struct pail_run *run, struct pail_keys *keys,
                   struct pail_s3_list_objects_v2_output *page)
{
    const struct pail_call_options limits = pail_limits(run);
    struct pail_error error = {0};
    int r = pail_s3_list_objects_v2(run->client, &keys->in, page, &limits, &error);
    if (r == 0)
        r = turn_page(keys, page);
    if (r == -EPROTO && error.sys == 0)
        error = (struct pail_error){.sys = EPROTO,
                                    .kind = PAIL_ERROR_PARSE,
                                    .message = "the listing does not say where it goes on"};
    if (error.sys != 0)
        return pail_fail(run, keys->in.bucket, keys->in.prefix, &error);
    return r < 0 ? pail_fail_memory(run) : EXIT_OK;
}
