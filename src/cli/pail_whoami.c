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

static int show(struct pail_run *run, const struct pail_sts_get_caller_identity_output *out)
{
    const struct whoami_settings *settings = run->arguments->settings;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, TEXT_MAX);
    if (settings->json) {
        (void)pail_show_json(&text, &pail_sts_get_caller_identity_operation, out);
    } else {
        add_line(&text, "Account", out->account);
        add_line(&text, "Arn", out->arn);
        add_line(&text, "UserId", out->user_id);
        add_line(&text, "Credentials", str_c(pail_client_credentials_source(run->client)));
    }
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
    if (pail_sts_get_caller_identity(run->client, &out, &limits, &error) < 0)
        return pail_fail_at(run, "whoami", &error);
    return show(run, &out);
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
