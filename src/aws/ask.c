#include "aws/ask.h"

#include "aws/answer.h"
#include "aws/client.h"
#include "aws/response.h"

#include <errno.h>

static void deliver_cancel(struct message *message)
{
    struct ask *ask = CONTAINER_OF(message, struct ask, cancel_message);
    ask->cancelled = true;
    if (ask->call)
        pail_call_cancel(ask->call);
}

int ask_init(struct ask *ask)
{
    *ask = (struct ask){.mailbox = mailbox_new(), .cancel_message.deliver = deliver_cancel};
    return ask->mailbox ? 0 : -errno;
}

void ask_done(struct ask *ask)
{
    mailbox_free(ask->mailbox);
    ask->mailbox = NULL;
}

void ask_cancel(struct ask *ask)
{
    if (!atomic_exchange(&ask->cancel_posted, true))
        mailbox_post(ask->mailbox, &ask->cancel_message);
}

static void take_done(struct pail_call *call, int status, const struct pail_error *error,
                      void *user)
{
    (void)call;
    answer_post(user, status, error);
}

static int load_settings(const struct ask_how *how, struct settings **ret,
                         struct pail_error *error)
{
    const struct settings *s = how->settings;
    const struct pail_config config = {
        .profile = s->profile_in_code ? s->profile : NULL,
        .region = how->region ? how->region : s->region,
        .endpoint_url = how->endpoint_url,
        .defaults_mode = s->defaults_mode,
        .connect_timeout_ms = how->timeout_ms,
        .read_timeout_ms = how->timeout_ms,
        .max_attempts = how->attempts,
        .max_connections = 1,
        .ca_bundle = s->ca_bundle,
        .insecure = s->insecure,
        .proxy = "",
        .no_proxy = "",
    };
    int r = settings_load(&config, s->getenv, s->getenv_user, ret, error);
    if (r == 0 && !how->endpoint_url && settings_take_proxies(*ret, s) < 0)
        r = error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    return r;
}

static int call(struct ask *ask, struct pail_client *client,
                const struct pail_operation *operation, const void *in, void *out,
                struct pail_error *error)
{
    struct answer answer;
    answer_init(&answer, ask->mailbox, error);
    int r = pail_call_start(client, operation, in, out, NULL, take_done, &answer, &ask->call,
                            error);
    if (r < 0)
        return r;
    r = answer_wait(&answer);
    pail_call_release(STEAL(ask->call));
    return r;
}

int ask_call(struct ask *ask, const struct ask_how *how, struct credentials_provider *keys,
             const struct pail_operation *operation, const void *in, void *out,
             struct pail_error *error)
{
    CLEANUP(credentials_provider) struct credentials_provider *provider = keys;
    CLEANUP(settings) struct settings *settings = NULL;
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    mailbox_deliver(ask->mailbox);
    if (ask->cancelled)
        return error_set(error, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
    int r = load_settings(how, &settings, error);
    if (r < 0)
        return r;
    r = client_new_from(STEAL(settings), STEAL(provider), &client, error);
    if (r == 0)
        r = call(ask, client, operation, in, out, error);
    if (r != -ENOENT)
        return r;
    if (error)
        error->sys = EACCES;
    return -EACCES;
}
