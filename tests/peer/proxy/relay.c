#include "proxy.h"

#include "base/cleanup.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define READ_STEP ((size_t)256 * 1024)
#define IOV_STEP  64

static struct proxy_side *other(struct proxy_side *side)
{
    return side == &side->pair->client ? &side->pair->server : &side->pair->client;
}

static void side_watch(struct proxy_side *side)
{
    if (side->ended && side->shut) {
        /* Such a socket would be reported as hung up for ever. */
        if (side->events != EPOLLET)
            (void)epoll_ctl(side->pair->proxy->epoll, EPOLL_CTL_DEL, side->fd, NULL);
        side->events = EPOLLET;
        return;
    }
    uint32_t events = 0;
    const struct proxy_piece *first = side->out.first;
    if (!side->ended && other(side)->out.bytes < PROXY_QUEUE_MAX)
        events |= EPOLLIN;
    if ((side == &side->pair->server && !side->pair->connected) ||
        (first && first->due_ns <= side->pair->proxy->now_ns))
        events |= EPOLLOUT;
    if (events == side->events)
        return;
    struct epoll_event event = {.events = events, .data.ptr = side};
    if (epoll_ctl(side->pair->proxy->epoll, EPOLL_CTL_MOD, side->fd, &event) < 0)
        proxy_die("epoll_ctl");
    side->events = events;
}

static void side_init(struct proxy_pair *pair, struct proxy_side *side, int fd, uint32_t events)
{
    side->pair = pair;
    side->fd = fd;
    side->events = events;
    side->out.end = &side->out.first;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event event = {.events = events, .data.ptr = side};
    if (epoll_ctl(pair->proxy->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        proxy_die("epoll_ctl");
}

static void side_done(struct proxy_side *side)
{
    (void)close(side->fd);
    for (struct proxy_piece *piece = side->out.first, *next; piece; piece = next) {
        next = piece->next;
        free(piece);
    }
}

static void pair_free(struct proxy_pair *pair)
{
    struct proxy *p = pair->proxy;
    *pair->link = pair->next;
    if (pair->next)
        pair->next->link = pair->link;
    p->counts.open--;
    p->counts.in_flight -= pair->pending_count;
    side_done(&pair->client);
    side_done(&pair->server);
    free(pair);
}

void proxy_pair_new(struct proxy *p, int fd)
{
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server < 0)
        proxy_die("socket");
    int r = connect(server, (struct sockaddr *)&p->options.server, sizeof(p->options.server));
    if (r < 0 && errno != EINPROGRESS) {
        (void)close(server);
        (void)close(fd);
        return;
    }
    struct proxy_pair *pair = calloc(1, sizeof(*pair));
    if (!pair)
        proxy_die("calloc");
    pair->proxy = p;
    pair->cut_after = -1;
    pair->next = p->pairs;
    pair->link = &p->pairs;
    if (pair->next)
        pair->next->link = &pair->next;
    p->pairs = pair;
    side_init(pair, &pair->client, fd, EPOLLIN);
    side_init(pair, &pair->server, server, EPOLLIN | EPOLLOUT);
    if (p->options.share > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &p->options.share,
                         sizeof(p->options.share));
    /* Over a real link the client could not have sent before the round trip of its SYN. */
    pair->client.not_before_ns = p->now_ns + p->options.delay_ns;
    p->counts.connections++;
    if (++p->counts.open > p->counts.open_peak)
        p->counts.open_peak = p->counts.open;
}

void proxy_pair_reset(struct proxy_pair *pair)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(pair->client.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    pair->dead = true;
}

/* Send as much as goes at once; the bytes, 0 also when none goes now. The pair dies of errors.
 */
static size_t send_now(struct proxy_side *to, const char *data, size_t len)
{
    ssize_t n = send(to->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0)
        return (size_t)n;
    if (errno != EAGAIN && errno != EINTR)
        to->pair->dead = true;
    return 0;
}

void proxy_forward(struct proxy_side *from, const char *data, size_t len)
{
    struct proxy_side *to = other(from);
    struct proxy *p = from->pair->proxy;
    struct proxy_queue *queue = &to->out;
    if (len > 0 && from == &from->pair->client)
        p->counts.bytes_up += len;
    else
        p->counts.bytes_down += len;
    int64_t due = p->now_ns > from->not_before_ns ? p->now_ns : from->not_before_ns;
    due += p->options.delay_ns / 2;
    bool ready = to == &from->pair->client || from->pair->connected;
    if (len > 0 && ready && due <= p->now_ns && !queue->first) {
        size_t sent = send_now(to, data, len);
        data += sent;
        len -= sent;
        if (len == 0)
            return;
    }
    struct proxy_piece *piece = malloc(sizeof(*piece) + len);
    if (!piece)
        proxy_die("malloc");
    *piece = (struct proxy_piece){.due_ns = due, .len = len};
    if (len > 0)
        memcpy(piece->data, data, len);
    *queue->end = piece;
    queue->end = &piece->next;
    queue->bytes += len;
    if (due < p->soonest_ns)
        p->soonest_ns = due;
}

static void queue_pop(struct proxy_queue *queue)
{
    struct proxy_piece *piece = queue->first;
    queue->first = piece->next;
    if (!queue->first)
        queue->end = &queue->first;
    free(piece);
}

/* Drop `n` sent bytes off the queue. */
static void queue_sent(struct proxy_queue *queue, size_t n)
{
    queue->bytes -= n;
    while (n > 0) {
        struct proxy_piece *piece = queue->first;
        size_t step = piece->len - piece->sent;
        step = step < n ? step : n;
        piece->sent += step;
        n -= step;
        if (piece->sent == piece->len)
            queue_pop(queue);
    }
}

/* Write what is due, the end of the stream included. */
static void side_flush(struct proxy_side *side)
{
    struct proxy_queue *queue = &side->out;
    int64_t now = side->pair->proxy->now_ns;
    if (side == &side->pair->server && !side->pair->connected)
        return;
    while (queue->first && queue->first->due_ns <= now && !side->pair->dead) {
        if (queue->first->len == 0) {
            (void)shutdown(side->fd, SHUT_WR);
            side->shut = true;
            queue_pop(queue);
            continue;
        }
        struct iovec iov[IOV_STEP];
        size_t count = 0;
        for (struct proxy_piece *piece = queue->first;
             piece && piece->len > 0 && piece->due_ns <= now && count < IOV_STEP;
             piece = piece->next, count++)
            iov[count] = (struct iovec){piece->data + piece->sent, piece->len - piece->sent};
        struct msghdr message = {.msg_iov = iov, .msg_iovlen = count};
        ssize_t n = sendmsg(side->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                side->pair->dead = true;
            return;
        }
        queue_sent(queue, (size_t)n);
    }
}

static void side_read(struct proxy_side *side)
{
    char *scratch = side->pair->proxy->scratch;
    ssize_t n = recv(side->fd, scratch, READ_STEP, MSG_DONTWAIT);
    /* A server that lets Nagle's algorithm hold the body back until the head is acknowledged
     * must not wait here. */
    int on = 1;
    if (side == &side->pair->server)
        (void)setsockopt(side->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
    if (n > 0)
        proxy_take(side, scratch, (size_t)n);
    else if (n == 0)
        proxy_take_end(side);
    else if (errno != EAGAIN && errno != EINTR)
        proxy_pair_reset(side->pair);
}

/* The server's side is connected, or the pair ends. */
static void side_connected(struct proxy_side *side)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
        proxy_pair_reset(side->pair);
        return;
    }
    side->pair->connected = true;
}

/* The side is to be written to when what waits for it is due. */
static void side_note_due(const struct proxy_side *side)
{
    struct proxy *p = side->pair->proxy;
    const struct proxy_piece *first = side->out.first;
    if (first && first->due_ns > p->now_ns && first->due_ns < p->soonest_ns)
        p->soonest_ns = first->due_ns;
}

void proxy_pair_event(struct proxy_side *side, uint32_t events)
{
    struct proxy_pair *pair = side->pair;
    if (pair->dead)
        return;
    pair->proxy->now_ns = proxy_now_ns();
    if (side == &pair->server && !pair->connected &&
        (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
        side_connected(side);
    if (!pair->dead && !side->ended && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        side_read(side);
    else if (side->ended && !side->shut && (events & (EPOLLHUP | EPOLLERR)))
        pair->dead = true;
    side_flush(side);
    side_flush(other(side));
    if (pair->server.ended && pair->client.shut)
        pair->dead = true;
    if (pair->dead)
        return;
    struct proxy_side *const sides[] = {&pair->client, &pair->server};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        side_watch(sides[i]);
        side_note_due(sides[i]);
    }
}

void proxy_pairs_run(struct proxy *p)
{
    bool due = p->soonest_ns <= p->now_ns;
    if (due)
        p->soonest_ns = INT64_MAX;
    for (struct proxy_pair *pair = p->pairs, *next; pair; pair = next) {
        next = pair->next;
        if (due && !pair->dead)
            proxy_pair_event(&pair->client, 0);
        if (pair->dead)
            pair_free(pair);
    }
}
