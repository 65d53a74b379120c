#include "aws/client.h"

#include "aws/call_steps.h"
#include "aws/defaults_mode.h"
#include "aws/response.h"

#include <errno.h>

static void post_to_net(void *user, struct message *message)
{
    transport_post(user, message);
}

static void quota_flowed(struct timer *timer)
{
    call_release_queued(CONTAINER_OF(timer, struct pail_client, quota));
}

DEFINE_CLEANUP(transport, struct transport *, transport_free);

int client_new_with(const struct client_parts *parts, struct pail_client **ret)
{
    CLEANUP(transport) struct transport *transport = parts->transport;
    CLEANUP(settings) struct settings *settings = parts->settings;
    CLEANUP(credentials_provider) struct credentials_provider *provider = parts->provider;
    CLEANUP(mailbox) struct mailbox *gone_box = mailbox_new();
    if (!gone_box)
        return -errno;
    struct pail_client *client = calloc(1, sizeof(*client));
    if (!client)
        return -ENOMEM;
    if (provider) {
        client->credentials =
            credentials_cache_new(STEAL(provider), transport->clock, post_to_net, transport);
        if (!client->credentials) {
            int r = -errno;
            free(client);
            return r;
        }
    }
    retry_init(&client->retry, settings->retry_mode, settings->retry_quota_waits,
               transport_now(transport));
    client->quota.fire = quota_flowed;
    random_init(&client->random);
    atomic_init(&client->connect_timeout_ms, settings->connect_timeout_ms);
    client->transport = STEAL(transport);
    client->settings = STEAL(settings);
    client->gone_box = STEAL(gone_box);
    *ret = client;
    return 0;
}

struct curl_options client_curl_options(const struct settings *settings)
{
    return (struct curl_options){
        .max_connections = settings->max_connections,
        .ca_bundle = settings->ca_bundle,
        .insecure = settings->insecure,
        .http_proxy = settings->http_proxy,
        .https_proxy = settings->https_proxy,
        .no_proxy = settings->no_proxy,
        .tcp_keepalive = settings->tcp_keepalive,
    };
}

static int refuse(struct pail_error *error, int r)
{
    if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
        return error_set_want(error, r);
    return error_set(error, PAIL_ERROR_CONFIG, -r, "the client cannot be set up: %s",
                     pail_errno_name(-r));
}

int client_new_from(struct settings *settings, struct credentials_provider *provider,
                    struct pail_client **ret, struct pail_error *error)
{
    const struct curl_options options = client_curl_options(settings);
    struct client_parts parts = {.settings = settings, .provider = provider};
    int r = curl_transport_new(&options, &parts.transport);
    if (r < 0) {
        credentials_provider_free(provider);
        settings_free(settings);
        return refuse(error, r);
    }
    r = client_new_with(&parts, ret);
    return r < 0 ? refuse(error, r) : 0;
}

/* The instance's thread. */
static void know_region(void *user, struct pail_str region)
{
    struct pail_client *client = user;
    if (str_eq_c(region, client->settings->region))
        atomic_store(&client->connect_timeout_ms,
                     defaults_mode_connect_timeout_ms(PAIL_DEFAULTS_IN_REGION));
}

int pail_client_new(const struct pail_config *config, struct pail_client **ret,
                    struct pail_error *error)
{
    CLEANUP(settings) struct settings *settings = NULL;
    CLEANUP(credentials_provider) struct credentials_provider *provider = NULL;
    int r = settings_load(config, NULL, NULL, &settings, error);
    if (r < 0)
        return r;
    if (!settings->no_sign_request) {
        provider = credentials_chain_new(settings);
        if (!provider)
            return refuse(error, -errno);
    }
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    r = client_new_from(STEAL(settings), STEAL(provider), &client, error);
    if (r < 0)
        return r;
    if (client->settings->defaults_mode == PAIL_DEFAULTS_AUTO) {
        r = instance_ask(client->settings, know_region, client, &client->instance);
        if (r < 0)
            return refuse(error, r);
    }
    *ret = STEAL(client);
    return 0;
}

static void deliver_gone(struct message *message)
{
    (void)message; /* the waiting was for its delivery */
}

static void tell_if_gone(struct pail_client *client)
{
    if (!client->stopped || atomic_load(&client->pins) > 0)
        return;
    client->gone_message.deliver = deliver_gone;
    mailbox_post(client->gone_box, &client->gone_message);
}

void client_unpin(struct pail_client *client)
{
    atomic_fetch_sub(&client->pins, 1);
    tell_if_gone(client);
}

void client_stop(struct pail_client *client)
{
    if (client->stopped)
        return;
    atomic_store(&client->closing, true);
    while (client->calls) {
        struct pail_call *call = client->calls;
        bool detach = call->open; /* the body stays with its reader */
        call_abort(call, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
        if (detach)
            call_leave(call);
    }
    timer_cancel(&client->transport->timers, &client->quota);
    client->stopped = true;
    tell_if_gone(client);
}

static void deliver_stop(struct message *message)
{
    client_stop(CONTAINER_OF(message, struct pail_client, stop_message));
}

void pail_client_free(struct pail_client *client)
{
    if (!client)
        return;
    if (!client->stopped) {
        atomic_store(&client->closing, true);
        client->stop_message.deliver = deliver_stop;
        transport_post(client->transport, &client->stop_message);
        while (mailbox_wait(client->gone_box, -1) == 0)
            continue;
    }
    instance_free(client->instance);
    if (client->credentials)
        credentials_cache_stop(client->credentials);
    transport_free(client->transport);
    credentials_cache_free(client->credentials);
    regions_done(&client->regions);
    settings_free(client->settings);
    mailbox_free(client->gone_box);
    free(client);
}

int64_t client_now_s(const struct pail_client *client)
{
    return clock_realtime_s(client->transport->clock) + client->clock_offset_s;
}

const char *pail_client_credentials_source(struct pail_client *client)
{
    return client->credentials ? credentials_source(client->credentials) : "anonymous";
}

const char *pail_client_region(const struct pail_client *client)
{
    return client->settings->region ? client->settings->region : "";
}

void pail_client_get_stats(const struct pail_client *client, struct pail_client_stats *ret)
{
    *ret = (struct pail_client_stats){
        .requests = atomic_load(&client->stats.requests),
        .retries = atomic_load(&client->stats.retries),
        .throttled = atomic_load(&client->stats.throttled),
        .bytes_in = atomic_load(&client->stats.bytes_in),
        .connections = atomic_load(&client->transport->connections),
    };
}
