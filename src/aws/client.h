/* aws/client.h: the client inside: what its calls share. One net thread (its transport's) runs
 * every call. */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/credentials.h"
#include "aws/instance.h"
#include "aws/regions.h"
#include "aws/retry.h"
#include "http/curl.h"

#include <pail/client.h>
#include <stdatomic.h>

struct pail_call;

struct pail_client {
    /* Fixed when it is made; any thread. */
    struct transport *transport;
    struct settings *settings;
    struct credentials_cache *credentials; /* NULL: anonymous */
    struct mailbox *gone_box;              /* where pail_client_free waits */
    struct instance *instance;             /* who learns our region; NULL: nobody */

    /* The net thread's. */
    struct retry_state retry;
    struct timer quota;   /* the next turn of a retry that waits for quota */
    struct random random; /* of invocation ids */
    struct regions regions;
    int64_t clock_offset_s;  /* what the servers' clocks are ahead of ours */
    struct pail_call *calls; /* every call that runs or whose body is open */
    bool stopped;            /* client_stop has run */

    struct message stop_message, gone_message;

    /* Any thread. */
    _Atomic int64_t connect_timeout_ms; /* of calls that say none */
    _Atomic bool closing;               /* pail_client_free has begun: nothing new is started */
    _Atomic size_t pins; /* calls that may still touch the transport; taken by pail_call_start,
                            given back on the net thread */
    struct {
        _Atomic uint64_t requests, retries, throttled, bytes_in;
    } stats;
};

/* What a client is made of. */
struct client_parts {
    struct transport *transport;
    struct settings *settings;
    struct credentials_provider *provider; /* NULL: anonymous */
};

/* Makes a client of its parts, all of which it takes over, also on failure. 0, -ENOMEM,
 * -EAGAIN (no thread), -EMFILE... */
int client_new_with(const struct client_parts *parts, struct pail_client **ret);
/* The same over curl, for these settings: -errno with *error filled if not NULL. */
int client_new_from(struct settings *settings, struct credentials_provider *provider,
                    struct pail_client **ret, struct pail_error *error);
/* The net thread: ends every call with -ECANCELED, detaches open bodies, and refuses new calls.
 * pail_client_free has the net thread do it; a test that is the net thread itself does it
 * before pail_client_free. Repeatable. */
void client_stop(struct pail_client *client);
/* The net thread: a call no longer needs the transport. */
void client_unpin(struct pail_client *client);
/* What its transport over curl is made with; strings are the settings'. */
struct curl_options client_curl_options(const struct settings *settings);
/* Seconds since 1970 by the servers' clocks, as far as they are known. The net thread. */
int64_t client_now_s(const struct pail_client *client);

#endif
