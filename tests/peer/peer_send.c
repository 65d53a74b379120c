#include "peer/peer_private.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define FILL ((size_t)64 * 1024) /* bytes of the body prepared at a time */
#define SEND_TURN                                                                              \
    ((size_t)1024 * 1024) /* bytes after which other connections have their turn */
#define CHUNK    ((size_t)16 * 1024)
#define MS       1000000LL
#define RESET_MS 1000 /* how long the client has to take what was sent before it is reset */

void peer_request_id(const struct peer_request *request, char ret[static 32])
{
    (void)snprintf(ret, 32, "PEER%012" PRIX64, request->number);
}

static bool has_header(const struct peer_response *response, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = response->headers ? response->headers : ""; *at;) {
        size_t len = strcspn(at, "\n");
        if (len > name_len && at[name_len] == ':' && strncasecmp(at, name, name_len) == 0)
            return true;
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    return false;
}

static bool bodyless(const struct peer_conn *conn, int status)
{
    return strcmp(conn->record->request.method, "HEAD") == 0 || status == 204 ||
           status == 304 || (status >= 100 && status < 200);
}

static void add_headers(struct peer_conn *conn, int status)
{
    const struct peer_response *r = &conn->response;
    struct peer_text *out = &conn->out;
    for (const char *at = r->headers ? r->headers : ""; *at;) {
        size_t len = strcspn(at, "\n");
        if (len > 0)
            peer_text_addf(out, "%.*s\r\n", (int)len, at);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    if (conn->peer->request_ids && r->framing != PEER_BARE) {
        char id[32];
        peer_request_id(&conn->record->request, id);
        if (!has_header(r, "x-amz-request-id"))
            peer_text_addf(out, "x-amz-request-id: %s\r\n", id);
        if (!has_header(r, "x-amz-id-2"))
            peer_text_addf(out, "x-amz-id-2: host-%s\r\n", id);
    }
    if (r->fault.huge_header) {
        peer_text_addf(out, "X-Huge: ");
        memset(peer_text_reserve(out, r->fault.huge_header), 'h', r->fault.huge_header);
        out->len += r->fault.huge_header;
        peer_text_addf(out, "\r\n");
    }
    bool none = status == 204 || status == 304;
    if (r->framing == PEER_LENGTH && !none)
        peer_text_addf(out, "Content-Length: %" PRIu64 "\r\n", conn->body_end);
    else if (r->framing == PEER_CLAIM)
        peer_text_addf(out, "Content-Length: %" PRIu64 "\r\n", r->claim);
    else if (r->framing == PEER_CHUNKED && !none)
        peer_text_addf(out, "Transfer-Encoding: chunked\r\n");
    if (r->framing == PEER_CLOSE || !conn->record->keep_alive)
        peer_text_addf(out, "Connection: close\r\n");
    peer_text_addf(out, "\r\n");
}

void peer_send_start(struct peer_conn *conn)
{
    struct peer_response *r = &conn->response;
    const struct peer_fault *fault = &r->fault;
    int status = r->status ? r->status : 200;
    if (fault->shorten && r->body_len > fault->shorten_to)
        r->body_len = fault->shorten_to;
    conn->body_end = r->body_len;
    conn->out.len = 0;
    conn->out_at = 0;
    if (fault->interim) {
        unsigned times = fault->interim_count ? fault->interim_count : 1;
        for (unsigned i = 0; i < times; i++)
            peer_text_addf(&conn->out, "HTTP/1.1 %d %s\r\n\r\n", fault->interim,
                           peer_reason(fault->interim));
    }
    if (fault->instead_of_head) {
        peer_text_addf(&conn->out, "%s", fault->instead_of_head);
    } else {
        peer_text_addf(&conn->out, "HTTP/1.1 %d %s\r\n", status,
                       r->reason ? r->reason : peer_reason(status));
        add_headers(conn, status);
    }
    if (bodyless(conn, status))
        conn->body_end = 0;
    bool faulty = fault->end != PEER_END_WELL;
    conn->fault_struck = !faulty;
    conn->head_hold = faulty && fault->in_head ? (size_t)fault->after : SIZE_MAX;
    conn->fault_at = faulty && !fault->in_head ? fault->after : UINT64_MAX;
    conn->body_at = 0;
    conn->chunk_left = 0;
    conn->record->outcome.status = status;
    conn->step = PEER_STEP_HEAD;
    conn->wake_ns = fault->delay_ms ? peer_now_ns() + fault->delay_ms * MS : 0;
}

/* Append the body's next n bytes to `out`. */
static void add_body(struct peer_conn *conn, size_t n)
{
    const struct peer_response *r = &conn->response;
    char *to = peer_text_reserve(&conn->out, n);
    if (r->body)
        memcpy(to, (const char *)r->body + conn->body_at, n);
    else
        peer_fill(r->seed, r->body_offset + conn->body_at, to, n);
    uint64_t corrupt_at = r->fault.corrupt_at;
    if (r->fault.corrupt && corrupt_at >= conn->body_at && corrupt_at - conn->body_at < n)
        to[corrupt_at - conn->body_at] ^= 1;
    conn->out.len += n;
    conn->body_at += n;
    conn->record->outcome.body_sent += n;
    conn->peer->body_sent += n;
}

/* Put what comes next of the body into `out`: up to a piece, up to the point where the fault
 * strikes. */
static void fill_body(struct peer_conn *conn)
{
    const struct peer_response *r = &conn->response;
    conn->out.len = 0;
    conn->out_at = 0;
    uint64_t stop =
        conn->fault_struck || conn->fault_at > conn->body_end ? conn->body_end : conn->fault_at;
    uint64_t n = stop - conn->body_at;
    if (n > FILL)
        n = FILL;
    if (r->fault.piece && n > r->fault.piece)
        n = r->fault.piece;
    if (r->framing != PEER_CHUNKED) {
        add_body(conn, (size_t)n);
        return;
    }
    if (conn->chunk_left == 0) {
        uint64_t whole = conn->body_end - conn->body_at;
        uint64_t size = r->chunk ? r->chunk : CHUNK;
        if (r->fault.end == PEER_END_BAD_CHUNK && !conn->fault_struck)
            whole = stop - conn->body_at;
        conn->chunk_left = size < whole ? size : whole;
        peer_text_addf(&conn->out, "%" PRIx64 "\r\n", conn->chunk_left);
    }
    if (n > conn->chunk_left)
        n = conn->chunk_left;
    add_body(conn, (size_t)n);
    conn->chunk_left -= n;
    if (conn->chunk_left == 0)
        peer_text_addf(&conn->out, "\r\n");
}

static void fill_tail(struct peer_conn *conn)
{
    const struct peer_response *r = &conn->response;
    conn->out.len = 0;
    conn->out_at = 0;
    int status = r->status ? r->status : 200;
    if (r->framing == PEER_CHUNKED && !bodyless(conn, status))
        peer_text_addf(&conn->out, "0\r\n\r\n");
    if (r->fault.excess) {
        memset(peer_text_reserve(&conn->out, r->fault.excess), 'x', r->fault.excess);
        conn->out.len += r->fault.excess;
    }
}

/* The fault strikes here and now. */
static void strike(struct peer_conn *conn)
{
    conn->fault_struck = true;
    switch (conn->response.fault.end) {
    case PEER_END_WELL:
        break;
    case PEER_END_STALL:
        conn->resume = conn->step;
        conn->step = PEER_STEP_STALLED;
        conn->peer->stalled++;
        (void)pthread_cond_broadcast(&conn->peer->changed);
        break;
    case PEER_END_RESET:
        conn->step = PEER_STEP_RESET;
        conn->give_up_ns = peer_now_ns() + RESET_MS * MS;
        break;
    case PEER_END_BAD_CHUNK:
        (void)send(conn->fd, "zz nonsense\r\n", 13, MSG_NOSIGNAL | MSG_DONTWAIT);
        __attribute__((fallthrough));
    case PEER_END_CUT:
        (void)shutdown(conn->fd, SHUT_WR);
        conn->step = PEER_STEP_LINGER;
        break;
    }
}

enum flushed { FLUSHED_ALL, FLUSHED_SOME, FLUSHED_GONE };

/* Send `out` up to `hold`, in pieces of `piece` bytes (0: whole). FLUSHED_SOME: the socket is
 * full. */
static enum flushed flush(struct peer_conn *conn, size_t hold, size_t piece)
{
    size_t end = conn->out.len < hold ? conn->out.len : hold;
    while (conn->out_at < end) {
        size_t n = end - conn->out_at;
        if (piece && n > piece)
            n = piece;
        ssize_t sent =
            send(conn->fd, conn->out.data + conn->out_at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR ? FLUSHED_SOME : FLUSHED_GONE;
        conn->out_at += (size_t)sent;
    }
    return FLUSHED_ALL;
}

static enum flushed send_head(struct peer_conn *conn)
{
    const struct peer_fault *fault = &conn->response.fault;
    size_t hold = conn->fault_struck ? SIZE_MAX : conn->head_hold;
    size_t end = hold < conn->out.len ? hold : conn->out.len;
    if (fault->head_piece_delay_ms && end - conn->out_at > fault->head_piece) {
        conn->wake_ns = peer_now_ns() + fault->head_piece_delay_ms * MS;
        return flush(conn, conn->out_at + fault->head_piece, 0);
    }
    enum flushed flushed = flush(conn, hold, fault->head_piece);
    if (flushed != FLUSHED_ALL)
        return flushed;
    if (!conn->fault_struck && conn->head_hold != SIZE_MAX) {
        strike(conn);
        return FLUSHED_ALL;
    }
    conn->out.len = 0;
    conn->out_at = 0;
    conn->step = PEER_STEP_BODY;
    if (fault->body_delay_ms)
        conn->wake_ns = peer_now_ns() + fault->body_delay_ms * MS;
    return FLUSHED_ALL;
}

static enum flushed send_body(struct peer_conn *conn)
{
    const struct peer_fault *fault = &conn->response.fault;
    enum flushed flushed = flush(conn, SIZE_MAX, 0);
    if (flushed != FLUSHED_ALL)
        return flushed;
    if (conn->out.len > 0 && fault->piece_delay_ms) {
        conn->out.len = 0;
        conn->out_at = 0;
        if (conn->body_at < conn->body_end) {
            conn->wake_ns = peer_now_ns() + fault->piece_delay_ms * MS;
            return FLUSHED_ALL;
        }
    }
    if (!conn->fault_struck && conn->body_at >= conn->fault_at) {
        conn->out.len = 0;
        conn->out_at = 0;
        strike(conn);
    } else if (conn->body_at < conn->body_end) {
        fill_body(conn);
    } else {
        fill_tail(conn);
        conn->step = PEER_STEP_TAIL;
    }
    return FLUSHED_ALL;
}

static enum flushed send_tail(struct peer_conn *conn)
{
    enum flushed flushed = flush(conn, SIZE_MAX, 0);
    if (flushed != FLUSHED_ALL)
        return flushed;
    const struct peer_response *r = &conn->response;
    int status = r->status ? r->status : 200;
    bool lied =
        r->framing == PEER_CLAIM && r->claim != conn->body_end && !bodyless(conn, status);
    bool ends = r->framing == PEER_CLOSE || lied || r->fault.close ||
                !conn->record->keep_alive || r->fault.instead_of_head;
    peer_conn_finished(conn, true);
    if (ends) {
        (void)shutdown(conn->fd, SHUT_WR);
        conn->step = PEER_STEP_LINGER;
    } else {
        conn->step = PEER_STEP_READ;
    }
    return FLUSHED_ALL;
}

/* True when the connection is to be closed (which resets it). */
static bool reset_when_taken(struct peer_conn *conn)
{
    int queued = 0;
    (void)ioctl(conn->fd, SIOCOUTQ, &queued);
    if (queued > 0 && peer_now_ns() < conn->give_up_ns) {
        conn->wake_ns = peer_now_ns() + MS;
        return false;
    }
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    return true;
}

bool peer_send(struct peer_conn *conn)
{
    uint64_t started_at = conn->body_at;
    while (conn->wake_ns == 0) {
        enum flushed flushed = FLUSHED_ALL;
        switch (conn->step) {
        case PEER_STEP_HEAD:
            flushed = send_head(conn);
            break;
        case PEER_STEP_BODY:
            flushed = send_body(conn);
            break;
        case PEER_STEP_TAIL:
            flushed = send_tail(conn);
            break;
        case PEER_STEP_RESET:
            if (reset_when_taken(conn))
                return false;
            break;
        case PEER_STEP_READ:
        case PEER_STEP_STALLED:
        case PEER_STEP_LINGER:
        case PEER_STEP_DEAF:
            return true;
        }
        if (flushed == FLUSHED_GONE)
            return false;
        if (flushed == FLUSHED_SOME || conn->body_at - started_at > SEND_TURN)
            return true;
    }
    return true;
}
