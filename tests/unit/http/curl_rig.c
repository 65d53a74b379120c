#include "unit/http/curl_rig.h"

#include "unit/check.h"

#include <stdio.h>

struct peer *curl_peer;
struct transport *transport;

void curl_rig_use(struct curl_options options)
{
    transport_free(transport);
    transport = NULL;
    ck_assert_int_eq(curl_transport_new(&options, &transport), 0);
}

void curl_rig_setup(void)
{
    curl_peer = peer_start();
    transport = NULL;
    curl_rig_use((struct curl_options){0});
}

void curl_rig_teardown(void)
{
    transport_free(transport);
    peer_stop(curl_peer);
}

void curl_rig_begin(struct fetch *f, const char *method, const char *target)
{
    char url[4096];
    snprintf(url, sizeof(url), "%s%s", peer_url(curl_peer), target);
    fetch_init(f, transport, method, url);
}

void curl_rig_get(const char *target)
{
    struct fetch f;
    curl_rig_begin(&f, "GET", target);
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    fetch_done(&f);
}
