/* What a client would do, told without doing it. */
#include "aws/answer.h"
#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/response.h"
#include "http/probe.h"

#include <errno.h>

static bool is_anonymous(const struct pail_client *client,
                         const struct pail_operation *operation)
{
    return !client->credentials || (operation->flags & PAIL_OP_UNSIGNED);
}

static void add_url(struct buf *b, const struct url *url)
{
    buf_addf(b, "http%s://", url->tls ? "s" : "");
    buf_add_authority(b, url);
    buf_add_c(b, url->path);
}

int pail_client_get_facts(const struct pail_client *client,
                          const struct pail_operation *operation, struct pail_str bucket,
                          struct pail_client_facts *ret, struct pail_error *error)
{
    const struct settings *settings = client->settings;
    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    CLEANUP_DONE(buf) struct buf url;
    buf_init(&url, 2 * URL_MAX);
    struct pail_client_facts facts = {.anonymous = is_anonymous(client, operation)};
    int r = endpoint_resolve(settings, operation, NULL, bucket, (struct pail_str){0}, &endpoint,
                             error);
    if (r < 0)
        return r;
    add_url(&url, &endpoint.url);
    str_copy(facts.url, sizeof(facts.url), buf_str(&url));
    str_copy(facts.profile, sizeof(facts.profile), str_c(settings->profile));
    str_copy(facts.region, sizeof(facts.region), str_c(endpoint.signing_region));
    str_copy(facts.region_source, sizeof(facts.region_source), str_c(settings->region_source));
    settings_endpoint_source(settings, operation->service, facts.endpoint_source,
                             sizeof(facts.endpoint_source));
    if (buf_failed(&url))
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = facts;
    return 0;
}

/* ---- credentials: the net thread asks for them ---- */

struct question {
    struct message ask;
    struct pail_client *client;
    struct credentials_request request;
    struct pail_credentials_facts facts;
    struct answer answer;
};

static void keys_ready(struct credentials_request *request, int status,
                       const struct credentials *keys, const struct pail_error *error)
{
    struct question *q = CONTAINER_OF(request, struct question, request);
    if (status == 0) {
        struct pail_credentials_facts *facts = &q->facts;
        str_copy(facts->access_key_id, sizeof(facts->access_key_id),
                 str_c(keys->access_key_id));
        str_copy(facts->source, sizeof(facts->source), str_c(keys->source));
        facts->temporary = keys->session_token != NULL;
        if (keys->expires_s != INT64_MAX)
            facts->expires = (struct pail_time){.seconds = keys->expires_s, .present = true};
    }
    answer_post(&q->answer, status, error);
}

static void deliver_ask(struct message *message)
{
    struct question *q = CONTAINER_OF(message, struct question, ask);
    credentials_get(q->client->credentials, &q->request);
}

int pail_client_get_credentials(struct pail_client *client, struct pail_credentials_facts *ret,
                                struct pail_error *error)
{
    if (!client->credentials)
        return -ENOENT;
    CLEANUP(mailbox) struct mailbox *box = NULL;
    struct question q = {
        .ask.deliver = deliver_ask, .client = client, .request.ready = keys_ready};
    int r = answer_mailbox(&box, error);
    if (r < 0)
        return r;
    answer_init(&q.answer, box, error);
    transport_post(client->transport, &q.ask);
    r = answer_wait(&q.answer);
    if (r == 0)
        *ret = q.facts;
    return r;
}

/* ---- the connection ---- */

int pail_client_probe(const struct pail_client *client, const struct pail_operation *operation,
                      struct pail_str bucket, int64_t timeout_ms, struct pail_probe *ret,
                      struct pail_error *error)
{
    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    struct http_request request;
    struct http_result result = {0};
    *ret = (struct pail_probe){.name_ms = -1, .connection_ms = -1, .tls_ms = -1};
    int r = endpoint_resolve(client->settings, operation, NULL, bucket, (struct pail_str){0},
                             &endpoint, error);
    if (r < 0)
        return r;
    http_request_init(&request);
    request.connect_timeout_ms = timeout_ms;
    request.url = endpoint.url;
    const struct curl_options options = client_curl_options(client->settings);
    r = http_probe(&options, &request, ret, &result);
    request.url = (struct url){0}; /* the endpoint's */
    http_request_done(&request);
    if (r < 0)
        return error_set(error, r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_PARAM, -r,
                         "no connection can be tried: %s", pail_errno_name(-r));
    if (result.kind == PAIL_ERROR_NONE)
        return 0;
    struct pail_error failure;
    error_from_http(&failure, &result);
    if (error)
        *error = failure;
    return -failure.sys;
}
