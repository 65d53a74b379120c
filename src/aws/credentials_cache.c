/* Two threads. The asker's owns the newest credentials and who waits for them; the helper's
 * runs the provider. One fetch at a time goes back and forth between them: `fetch_message`
 * down, `done_message` up, and what the fetch came to belongs to whoever has the message. */
#include "aws/credentials.h"

#include "aws/response.h"
#include "base/thread.h"

#include <errno.h>
#include <stdatomic.h>

#define ADVISORY_S    (15 * 60) /* before the expiry: refresh, but nobody waits */
#define MANDATORY_S   (10 * 60) /* before the expiry: wait for the refresh */
#define RETRY_PAUSE_S 60        /* between refreshes that nobody needs to wait for */

/* Kept for the cache's life, because other threads may be reading it. */
struct source {
    struct source *next;
    char text[];
};

struct requests {
    struct credentials_request *first, *last;
};

struct credentials_cache {
    /* Fixed. */
    struct credentials_provider *provider;
    const struct clock *clock;
    void (*post)(void *user, struct message *message);
    void *user;
    struct mailbox *mailbox; /* the helper's */
    pthread_t helper;

    /* Any thread. */
    _Atomic bool stopping;
    _Atomic(const char *) source;

    /* The helper's. */
    struct message stop_message;
    bool ended;

    /* The asker's. */
    struct credentials *newest;
    bool refused;          /* the newest were, by the service */
    bool again;            /* they were while a fetch was under way */
    bool fetching;         /* `fetch_message` or `done_message` is on its way */
    int64_t pause_ends_ns; /* no refresh before, unless there is nothing to go on with */
    struct requests waiting, serving;
    struct source *sources;

    /* A fetch and what it came to. */
    struct message fetch_message, done_message;
    int status;
    struct credentials *fetched;
    struct pail_error error;
};

static void deliver_fetch(struct message *message)
{
    struct credentials_cache *cache =
        CONTAINER_OF(message, struct credentials_cache, fetch_message);
    cache->error = (struct pail_error){0};
    if (atomic_load(&cache->stopping))
        cache->status = error_set(&cache->error, PAIL_ERROR_CANCELLED, ECANCELED,
                                  "the client is being closed");
    else
        cache->status = cache->provider->fetch(cache->provider, &cache->fetched, &cache->error);
    if (cache->status == -ENOENT)
        cache->status = error_set(&cache->error, PAIL_ERROR_NO_CREDENTIALS, EACCES,
                                  "no credentials from: %s", cache->provider->name);
    cache->post(cache->user, &cache->done_message);
}

static void deliver_stop(struct message *message)
{
    CONTAINER_OF(message, struct credentials_cache, stop_message)->ended = true;
}

static void *helper_main(void *arg)
{
    struct credentials_cache *cache = arg;
    while (!cache->ended)
        mailbox_wait(cache->mailbox, -1);
    return NULL;
}

static void append(struct requests *list, struct credentials_request *request)
{
    request->next = NULL;
    if (list->first)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

static bool take_out(struct requests *list, const struct credentials_request *request)
{
    struct credentials_request *before = NULL;
    for (struct credentials_request *r = list->first; r; before = r, r = r->next) {
        if (r != request)
            continue;
        if (before)
            before->next = r->next;
        else
            list->first = r->next;
        if (list->last == r)
            list->last = before;
        return true;
    }
    return false;
}

/* Seconds that credentials still have; INT64_MAX: no end. */
static int64_t left_s(const struct credentials_cache *cache, const struct credentials *c)
{
    return c->expires_s == INT64_MAX ? INT64_MAX
                                     : c->expires_s - clock_realtime_s(cache->clock);
}

static bool usable(const struct credentials_cache *cache)
{
    return cache->newest && !cache->refused && left_s(cache, cache->newest) > 0;
}

static void start_fetch(struct credentials_cache *cache)
{
    if (cache->fetching)
        return;
    cache->fetching = true;
    cache->again = false;
    mailbox_post(cache->mailbox, &cache->fetch_message);
}

static void publish_source(struct credentials_cache *cache)
{
    const char *text = cache->newest->source;
    for (struct source *s = cache->sources; s; s = s->next)
        if (strcmp(s->text, text) == 0) {
            atomic_store(&cache->source, s->text);
            return;
        }
    size_t len = strlen(text);
    struct source *s = malloc(sizeof(*s) + len + 1);
    if (!s)
        return; /* it is for people only: the old one stays */
    memcpy(s->text, text, len + 1);
    s->next = cache->sources;
    cache->sources = s;
    atomic_store(&cache->source, s->text);
}

static bool same_keys(const struct credentials *a, const struct credentials *b)
{
    return strcmp(a->access_key_id, b->access_key_id) == 0 &&
           str_eq(str_c(a->session_token), str_c(b->session_token));
}

static void serve(struct credentials_cache *cache)
{
    int status = usable(cache) ? 0 : cache->status;
    const struct credentials *credentials = status == 0 ? cache->newest : NULL;
    /* Those who ask from inside a ready are not of this turn. */
    cache->serving = cache->waiting;
    cache->waiting = (struct requests){0};
    while (cache->serving.first) {
        struct credentials_request *request = cache->serving.first;
        take_out(&cache->serving, request);
        request->waiting = false;
        request->ready(request, status, credentials, status ? &cache->error : NULL);
    }
}

static void deliver_done(struct message *message)
{
    struct credentials_cache *cache =
        CONTAINER_OF(message, struct credentials_cache, done_message);
    struct credentials *fetched = STEAL(cache->fetched);
    cache->fetching = false;
    cache->pause_ends_ns = clock_now_ns(cache->clock) + RETRY_PAUSE_S * NS_PER_SEC;
    if (fetched && left_s(cache, fetched) <= 0) {
        cache->status = error_set(&cache->error, PAIL_ERROR_CREDENTIALS, EACCES,
                                  "the credentials from %s have expired", fetched->source);
        credentials_free(STEAL(fetched));
    }
    if (fetched && cache->again && cache->newest && same_keys(fetched, cache->newest)) {
        /* They were fetched before the service refused them. */
        credentials_free(fetched);
        start_fetch(cache);
        return;
    }
    if (fetched) {
        credentials_free(cache->newest);
        cache->newest = fetched;
        cache->refused = false;
        publish_source(cache);
    }
    serve(cache);
}

struct credentials_cache *
credentials_cache_new(struct credentials_provider *provider, const struct clock *clock,
                      void (*post)(void *user, struct message *message), void *user)
{
    CLEANUP(credentials_provider) struct credentials_provider *owned = provider;
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    if (!mailbox)
        return NULL;
    struct credentials_cache *cache = malloc(sizeof(*cache));
    if (!cache)
        return NULL;
    *cache = (struct credentials_cache){
        .provider = provider,
        .clock = clock,
        .post = post,
        .user = user,
        .mailbox = mailbox,
        .source = "none",
        .stop_message.deliver = deliver_stop,
        .fetch_message.deliver = deliver_fetch,
        .done_message.deliver = deliver_done,
    };
    int r = thread_start(&cache->helper, "credentials", helper_main, cache);
    if (r < 0) {
        free(cache);
        errno = -r;
        return NULL;
    }
    owned = NULL;
    mailbox = NULL;
    return cache;
}

void credentials_cache_stop(struct credentials_cache *cache)
{
    if (atomic_exchange(&cache->stopping, true))
        return;
    if (cache->provider->cancel)
        cache->provider->cancel(cache->provider);
    mailbox_post(cache->mailbox, &cache->stop_message);
    pthread_join(cache->helper, NULL);
}

void credentials_cache_free(struct credentials_cache *cache)
{
    if (!cache)
        return;
    credentials_cache_stop(cache);
    mailbox_free(cache->mailbox);
    credentials_provider_free(cache->provider);
    credentials_free(cache->newest);
    credentials_free(cache->fetched);
    while (cache->sources) {
        struct source *s = cache->sources;
        cache->sources = s->next;
        free(s);
    }
    free(cache);
}

void credentials_get(struct credentials_cache *cache, struct credentials_request *request)
{
    if (atomic_load(&cache->stopping)) {
        struct pail_error error;
        int r =
            error_set(&error, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
        request->ready(request, r, NULL, &error);
        return;
    }
    if (usable(cache)) {
        int64_t left = left_s(cache, cache->newest);
        bool pause = clock_now_ns(cache->clock) < cache->pause_ends_ns;
        if (left <= ADVISORY_S && !pause)
            start_fetch(cache);
        if (left > MANDATORY_S || (pause && !cache->fetching)) {
            request->ready(request, 0, cache->newest, NULL);
            return;
        }
    }
    request->waiting = true;
    append(&cache->waiting, request);
    start_fetch(cache);
}

void credentials_cancel(struct credentials_cache *cache, struct credentials_request *request)
{
    if (!request->waiting)
        return;
    request->waiting = false;
    if (!take_out(&cache->waiting, request))
        take_out(&cache->serving, request);
}

void credentials_invalidate(struct credentials_cache *cache)
{
    cache->refused = true;
    cache->again = cache->fetching;
}

const char *credentials_source(struct credentials_cache *cache)
{
    return atomic_load(&cache->source);
}
