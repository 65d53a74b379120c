/* pail/client.h: what calls are made through. */
#ifndef PAIL_CLIENT_H
#define PAIL_CLIENT_H

#include <pail/config.h>
#include <pail/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_client;

/* Makes a client: resolves its configuration (environment and profile files are read now),
 * starts its net thread. For every service. `config` NULL: all defaults. 0; -EINVAL (bad
 * configuration, named in error->message), -EACCES (half a credential pair), -ENOMEM, -EMFILE
 * or -ENFILE (no descriptors), -EAGAIN (no thread). No request is sent; missing credentials
 * show in the first signed call. Any thread. */
PAIL_API int pail_client_new(const struct pail_config *config, struct pail_client **ret,
                             struct pail_error *error);

/* Cancels what still runs (each call's done comes, with -ECANCELED), ends the net thread,
 * releases all. Bodies and streams of events still open end too, with CANCELLED, -ECANCELED:
 * buffers come back with it, readers that wait return with it, and so does whoever reads on
 * later. They stay to be closed and freed by their owners. NULL-safe. Not on the net thread. */
PAIL_API void pail_client_free(struct pail_client *client);
PAIL_DEFINE_CLEANUP(pail_client, pail_client_free)

/* Where the credentials came from, in words ("environment", "profile x in FILE", "options"), or
 * "anonymous"; "none" until the first signed call has asked for them, even where there are some
 * (pail_client_get_credentials asks at once); borrowed for the client's life. Any thread. */
PAIL_API const char *pail_client_credentials_source(struct pail_client *client);
/* The region calls go to unless told otherwise; "" when none is configured. Borrowed. Any
 * thread. */
PAIL_API const char *pail_client_region(const struct pail_client *client);

/* Counters since the client was made. Any thread. */
struct pail_client_stats {
    uint64_t requests;    /* sent, retries included */
    uint64_t retries;     /* sent because the retry policy granted another attempt */
    uint64_t throttled;   /* responses that were throttling */
    uint64_t bytes_in;    /* of bodies */
    uint64_t connections; /* opened */
};
PAIL_API void pail_client_get_stats(const struct pail_client *client,
                                    struct pail_client_stats *ret);

#ifdef __cplusplus
}
#endif
#endif
