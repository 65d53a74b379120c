/* services/logs_pages.h: a log stream read by pages of GetLogEvents, from its oldest event on
 * and as it grows: what to ask for next, and what of an answer is new. Pure: the caller makes
 * the calls, one at a time. One thread at a time.
 *
 * Every event is given once, in the service's order:
 * - a page without events is not the end; a token that equals the one that was sent is. Asked
 * again with it, the service gives what has come since (AWS), or before that also what it gave
 * the last time, which is known by its last event and passed over.
 * - a token that is refused (they live for a day) is replaced by the time of the last event,
 * and what was given of that millisecond is passed over. */
#ifndef SERVICES_LOGS_PAGES_H
#define SERVICES_LOGS_PAGES_H

#include <pail/logs.h>

struct logs_pages {
    int64_t from_ms,
        until_ms;        /* from, and up to but not with; INT64_MIN, INT64_MAX: no bound */
    char *token;         /* to send; NULL: none */
    size_t given;        /* of the last page, if its token was the one sent... */
    uint64_t given_mark; /* ...and a checksum of the last of them */
    int64_t last_ms;     /* the newest timestamp given; INT64_MIN: none */
    size_t last_count;   /* events given that have it */
    size_t again;        /* those of them that come again, after a refused token */
    bool renewed;        /* and nothing new has come since */
};

void logs_pages_init(struct logs_pages *pages, int64_t since_ms, int64_t until_ms);
void logs_pages_done(struct logs_pages *pages);

/* Sets next_token, start_time, end_time and start_from_head; all else of the input is the
 * caller's. Borrowed until the next call that changes `pages`. */
void logs_pages_ask(const struct logs_pages *pages, struct pail_logs_get_log_events_input *in);

/* Takes the answer to that in. *ret: the events in it that are new, borrowed from `out`. 1:
 * there is more, ask again; 0: that is all for now; -EPROTO with *ret_reason in static words:
 * it is no list of events, or does not say where to go on; -ENOMEM: after either nothing has
 * changed. */
int logs_pages_take(struct logs_pages *pages, const struct pail_logs_get_log_events_output *out,
                    struct pail_logs_log_events *ret, const char **ret_reason);

/* The call failed. True: its token was refused and has been dropped; ask again. */
bool logs_pages_renew(struct logs_pages *pages, const struct pail_error *error);

#endif
