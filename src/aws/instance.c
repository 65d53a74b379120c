#include "aws/instance.h"

#include "aws/imds.h"
#include "aws/regions.h"
#include "base/thread.h"

#include <errno.h>

#define ZONE_PATH "/latest/meta-data/placement/availability-zone/"

struct instance {
    /* Fixed. */
    const struct settings *settings;
    void (*known)(void *user, struct pail_str region);
    void *user;
    pthread_t thread;
    /* The thread's; its cancelling any thread's. */
    struct ask ask;
};

static void *ask_main(void *arg)
{
    struct instance *instance = arg;
    const struct ask_how how = imds_how(instance->settings);
    struct metadata_headers headers = {.token = {0}};
    CLEANUP_DONE(buf) struct buf token, zone;
    buf_init_secret(&token, IMDS_TEXT_MAX);
    buf_init(&zone, IMDS_TEXT_MAX);
    if (imds_token(&instance->ask, &how, &token, NULL) < 0)
        return NULL;
    if (buf_str(&token).len > 0)
        headers.token = str_trim(buf_str(&token));
    if (metadata_text(&instance->ask, &how, "GET", ZONE_PATH, &headers, &zone, NULL) < 0)
        return NULL;
    /* A zone is its region and a letter. */
    struct pail_str name = str_trim(buf_str(&zone));
    struct pail_str region = str_sub(name, 0, name.len > 0 ? name.len - 1 : 0);
    if (region_valid(region))
        instance->known(instance->user, region);
    return NULL;
}

int instance_ask(const struct settings *settings,
                 void (*known)(void *user, struct pail_str region), void *user,
                 struct instance **ret)
{
    struct instance *instance = calloc(1, sizeof(*instance));
    int r = instance ? ask_init(&instance->ask) : -ENOMEM;
    if (r < 0) {
        free(instance);
        return r;
    }
    instance->settings = settings;
    instance->known = known;
    instance->user = user;
    r = thread_start(&instance->thread, "instance", ask_main, instance);
    if (r < 0) {
        ask_done(&instance->ask);
        free(instance);
        return r;
    }
    *ret = instance;
    return 0;
}

void instance_free(struct instance *instance)
{
    if (!instance)
        return;
    ask_cancel(&instance->ask);
    pthread_join(instance->thread, NULL);
    ask_done(&instance->ask);
    free(instance);
}
