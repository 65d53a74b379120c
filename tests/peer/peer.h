/* peer.h: a loopback HTTP/1.1 server inside the test's process that plays any response and
 * records what it was asked.
 *
 * One thread of its own serves every connection, so hundreds of stalled ones cost nothing.
 * Every function may be called from any thread, and from handlers too, but for the waits and
 * peer_stop. Test code: failures of the system end the process with a message.
 *
 *     struct peer *p = peer_start();
 *     peer_on(p, "GET /hello", PEER_RESPONSE(.body = "hi", .fault = {.delay_ms = 20}));
 *     ... peer_url(p) ...
 *     ck_assert(peer_wait_requests(p, PEER_MATCH(.pattern = "GET /hello"), 1, 1000));
 *     peer_stop(p);
 */
#ifndef PEER_PEER_H
#define PEER_PEER_H

#include "peer/peer_response.h"

struct peer;

struct peer *peer_start(void);
void peer_stop(struct peer *peer); /* NULL is ignored; takes the recorded requests along */
unsigned peer_port(const struct peer *peer);
const char *peer_url(const struct peer *peer); /* "http://127.0.0.1:PORT", the peer's own */

/* ---- what was asked ---- */

struct peer_pair {
    const char *name, *value; /* NUL-terminated */
    size_t value_len;
};

struct peer_request {
    uint64_t number;     /* 1, 2, ... in order of arrival, never reused */
    unsigned connection; /* 1, 2, ...: two requests with the same number shared a connection */
    int64_t time_ns;     /* CLOCK_MONOTONIC when it was complete */
    const char *method, *target; /* as sent */
    const char *path;            /* decoded, without the query */
    size_t path_len;
    const char *raw_path;           /* as sent, without the query */
    const struct peer_pair *params; /* of the query, decoded */
    size_t param_count;
    const struct peer_pair *headers; /* as sent */
    size_t header_count;
    const void *body; /* without chunk framing; at most 64 MiB */
    size_t body_len;
};

/* The value of the first header (in any case) or query parameter of that name, or NULL. */
const char *peer_request_header(const struct peer_request *request, const char *name);
const char *peer_request_param(const struct peer_request *request, const char *name);

/* Which requests: every field that is set must hold. */
struct peer_match {
    const char *pattern; /* "METHOD /path", decoded; METHOD may be "*", the path end in '*' */
    const char *method;
    const char *path, *path_prefix; /* decoded */
    const char *raw_path;
    const char *param;       /* is present... */
    const char *param_value; /* ...and has this value */
    const char *without_param;
    const char *header;
    const char *header_value;
    const char *without_header;
};

#define PEER_MATCH(...) (&(const struct peer_match){__VA_ARGS__})

/* Recorded requests since the last peer_clear; a NULL match means all. */
size_t peer_count(struct peer *peer, const struct peer_match *match);
size_t peer_count_of(struct peer *peer, const char *pattern);

/* The index-th (from 0) that matches, or NULL. Valid until peer_clear or peer_stop. */
const struct peer_request *peer_request_at(struct peer *peer, const struct peer_match *match,
                                           size_t index);

/* What came of a request so far. */
struct peer_outcome {
    int status;         /* 0: no answer was begun */
    uint64_t body_sent; /* without framing; at most 64 KiB of it are not yet with the kernel */
    bool complete;      /* everything that the response meant to send was sent */
    bool dropped;       /* the client went away before */
};
struct peer_outcome peer_outcome(struct peer *peer, const struct peer_request *request);

void peer_clear(struct peer *peer);
size_t peer_open_connections(struct peer *peer);
size_t peer_connections(struct peer *peer); /* ever accepted */
size_t peer_stalled(struct peer *peer);     /* answers held by PEER_END_STALL now */
uint64_t peer_body_sent(struct peer *peer);

/* Wait until it is so; false after timeout_ms. Connections: until exactly n are open. Ended:
 * the answers to n requests came to their end, be it because the client went away. */
bool peer_wait_requests(struct peer *peer, const struct peer_match *match, size_t n,
                        int timeout_ms);
bool peer_wait_ended(struct peer *peer, const struct peer_match *match, size_t n,
                     int timeout_ms);
bool peer_wait_connections(struct peer *peer, size_t n, int timeout_ms);
bool peer_wait_stalled(struct peer *peer, size_t n, int timeout_ms);

/* ---- what is answered ---- */

/* Responses are played one after another and the last repeats, or with `around` all of them do;
 * `skip` matching requests pass by first; after `times` responses (0: no limit) the rule is
 * used up and the next is asked. */
struct peer_rule {
    struct peer_match match;
    const struct peer_response *responses;
    size_t response_count;
    unsigned skip, times;
    bool around;
};

#define PEER_ANSWERS(...)                                                                      \
    .responses = (const struct peer_response[]){__VA_ARGS__},                                  \
    .response_count =                                                                          \
        sizeof((const struct peer_response[]){__VA_ARGS__}) / sizeof(struct peer_response)

/* Asked newest first, then the handler; else the answer is 404. Copied. Returns an id. */
int peer_rule_add(struct peer *peer, const struct peer_rule *rule);
int peer_on(struct peer *peer, const char *pattern, const struct peer_response *response);
void peer_rule_remove(struct peer *peer, int id); /* an unknown id is ignored */
/* All at once, in place of every rule there was; asked in the order of the table. */
void peer_rules_set(struct peer *peer, const struct peer_rule *rules, size_t count);

/* The answer to what no rule took: called on the peer's thread, with an all zero response. */
void peer_set_handler(struct peer *peer,
                      void (*handler)(void *user, const struct peer_request *request,
                                      struct peer_response *response),
                      void *user);

/* Answers get unique x-amz-request-id and x-amz-id-2 headers, if not PEER_BARE or their own. */
void peer_set_request_ids(struct peer *peer, bool on);
void peer_request_id(const struct peer_request *request, char ret[static 32]);

/* ---- connections ---- */

/* Every answer that is stalled now goes on as if it had no such fault. */
void peer_release(struct peer *peer);
/* End all connections or only those without a request under way, by FIN or RST. */
void peer_drop(struct peer *peer, bool reset, bool idle_only);

enum peer_accept { PEER_ACCEPT, PEER_ACCEPT_DEAF, PEER_ACCEPT_CLOSE, PEER_ACCEPT_RESET };
/* The next `count` connections (0: all) are served, never read, closed, or reset. */
void peer_set_accept(struct peer *peer, enum peer_accept how, unsigned count);
/* Off: connecting is refused. On again: the same port. */
void peer_listen(struct peer *peer, bool on);
/* Of later connections: bounds by how much "sent" can run ahead of what the client has. */
void peer_set_send_buffer(struct peer *peer, int bytes);

#endif
