#include "aws/json_write.h"
#include "cli/pail_output.h"
#include "cli/pail_show.h"

#include <pail/sts.h>

#define TEXT_MAX 65536

struct whoami_settings {
    bool json;
};

static const struct option rows[] = {
    PAIL_ROW(struct whoami_settings, "json", OPTION_FLAG, json, .help = "one line of JSON"),
};

static void add_line(struct buf *b, const char *name, struct pail_str value)
{
    buf_addf(b, "%s: ", name);
    pail_add_name(b, value);
    buf_add_byte(b, '\n');
}

/* Where the keys come from, as an output like STS's. */
struct keys {
    struct pail_str source;
};
static const struct pail_member keys_members[] = {
    PAIL_FIELD(struct keys, source, "CredentialsSource", NULL, &pail_shape_string, PAIL_IN_BODY,
               0),
};
static const struct pail_shape keys_shape =
    PAIL_STRUCTURE_SHAPE(struct keys, NULL, keys_members);

static void add_json(struct buf *b, const struct pail_sts_get_caller_identity_output *out,
                     struct pail_str source)
{
    const struct keys keys = {.source = source};
    CLEANUP_DONE(buf) struct buf members;
    buf_init(&members, TEXT_MAX);
    json_write(&members, JSON_PRINT, &keys_shape, &keys);
    if (buf_failed(&members) ||
        (out && pail_show_json(b, &pail_sts_get_caller_identity_operation, out) < 0)) {
        buf_reset(b);
        return;
    }
    /* Two objects become one, as in pail_show_json. */
    if (out) {
        buf_truncate(b, b->len - strlen("}\n"));
        buf_add_byte(b, ',');
    }
    buf_add_str(b, str_sub(buf_str(&members), out ? 1 : 0, members.len));
    buf_add_byte(b, '\n');
}

/* `out` NULL: STS did not say whose they are. */
static int show(struct pail_run *run, const struct pail_sts_get_caller_identity_output *out)
{
    const struct whoami_settings *settings = run->arguments->settings;
    struct pail_str source = str_c(pail_client_credentials_source(run->client));
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, TEXT_MAX);
    if (settings->json) {
        add_json(&text, out, source);
    } else if (out) {
        add_line(&text, "Account", out->account);
        add_line(&text, "Arn", out->arn);
        add_line(&text, "UserId", out->user_id);
    }
    if (!settings->json)
        add_line(&text, "Credentials", source);
    if (buf_failed(&text) || text.len == 0)
        return pail_fail_memory(run);
    return pail_print(run, buf_str(&text));
}

static int run_whoami(struct pail_run *run)
{
    const struct pail_call_options limits = pail_limits(run);
    PAIL_CLEANUP(pail_sts_get_caller_identity_output)
    struct pail_sts_get_caller_identity_output out = {0};
    struct pail_error error = {0};
    if (pail_sts_get_caller_identity(run->client, &out, &limits, &error) == 0)
        return show(run, &out);
    /* Where the keys come from is known all the same, if there are any. */
    if (!str_eq_c(str_c(pail_client_credentials_source(run->client)), "none")) {
        int status = show(run, NULL);
        if (status != EXIT_OK)
            return status;
    }
    return pail_fail_at(run, "whoami", &error);
}

const struct pail_command pail_command_whoami = {
    .name = "whoami",
    .usage = "",
    .summary = "tells whose keys are used, and where from",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct whoami_settings),
    .words_max = PAIL_NO_WORDS,
    .run = run_whoami,
};
