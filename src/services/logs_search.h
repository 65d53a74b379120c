/* services/logs_search.h: the events of a log group's streams, read by pages of FilterLogEvents
 * to the end, and from there on as they come: what to ask for next, and what of an answer is
 * new. Pure: the caller makes the calls, one at a time. One thread at a time.
 *
 * FilterLogEvents has an end and no way to go on from it. To follow, it is asked anew from
 * `overlap_ms` before the newest event on, as events of several streams come late and out of
 * order (and before the present: there are events of the future); what was given is known by
 * its id. */
#ifndef SERVICES_LOGS_SEARCH_H
#define SERVICES_LOGS_SEARCH_H

#include <pail/logs.h>

struct logs_seen; /* an event that was given */

struct logs_search {
    int64_t since_ms,
        until_ms; /* from, and up to but not with; INT64_MIN, INT64_MAX: no bound */
    int64_t overlap_ms;
    char *token;            /* to send; NULL: none */
    int64_t from_ms;        /* where this round began */
    int64_t newest_ms;      /* the newest timestamp given; INT64_MIN: none */
    struct logs_seen *seen; /* those given that another round may give again */
    unsigned page;          /* how many were taken */
    const struct pail_logs_filtered_log_event **fresh; /* of the last page */
    size_t fresh_count, fresh_capacity;
    bool renewed; /* and nothing new has come since */
};

void logs_search_init(struct logs_search *search, int64_t since_ms, int64_t until_ms,
                      int64_t overlap_ms);
void logs_search_done(struct logs_search *search);

/* Sets next_token, start_time and end_time; all else of the input is the caller's. Borrowed
 * until the next call that changes `search`. */
void logs_search_ask(const struct logs_search *search,
                     struct pail_logs_filter_log_events_input *in);

/* Takes the answer to that in, at `now_ms` since 1970: its new events are search->fresh,
 * borrowed from `out`. 1: there is more, ask again; 0: that is all for now, and asking again
 * begins another round; -EPROTO with *ret_reason in static words: it is no list of events, or
 * says to go on where it has just been; -ENOMEM: after either nothing has changed but `fresh`.
 */
int logs_search_take(struct logs_search *search, int64_t now_ms,
                     const struct pail_logs_filter_log_events_output *out,
                     const char **ret_reason);

/* The call failed. True: its token was refused and has been dropped, and another round begins;
 * ask again. */
bool logs_search_renew(struct logs_search *search, int64_t now_ms,
                       const struct pail_error *error);

#endif
