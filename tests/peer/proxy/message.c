#include "proxy.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"

static const char SLOW_DOWN[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>"
    "<Message>Please reduce your request rate.</Message><RequestId>PROXY</RequestId></Error>";

static bool has(struct pail_str text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part));
}

static bool is_listing(struct pail_str query)
{
    static const char *const marks[] = {
        "list-type=", "prefix=", "delimiter=", "marker=", "max-keys="};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (has(query, marks[i]))
            return true;
    return false;
}

static struct proxy_request classify(const struct proxy_options *options, const struct frame *f)
{
    struct pail_str rest = str_of(f->head, f->head_len);
    struct pail_str line, method, target;
    if (!str_next(&rest, '\n', &line) || !str_next(&line, ' ', &method) ||
        !str_next(&line, ' ', &target))
        return (struct proxy_request){.kind = PROXY_OTHER};
    size_t mark = str_find(target, '?', 0);
    struct pail_str query = str_sub(target, mark, target.len);
    struct proxy_request request = {
        .kind = PROXY_OTHER,
        .slow = options->slow && has(str_sub(target, 0, mark), options->slow),
    };
    if (str_eq_c(method, "HEAD"))
        request.kind = PROXY_HEAD;
    else if (str_eq_c(method, "PUT"))
        request.kind = PROXY_PUT;
    else if (str_eq_c(method, "GET"))
        request.kind = is_listing(query) ? PROXY_LIST : PROXY_GET;
    return request;
}

static void log_request(const struct proxy *p, const struct frame *f)
{
    struct pail_str rest = str_of(f->head, f->head_len), line;
    if (!p->options.log || !str_next(&rest, '\r', &line))
        return;
    (void)fprintf(p->options.log, "%.1f %u %.*s\n", (double)p->now_ns / (double)NS_PER_MS,
                  p->counts.in_flight, (int)line.len, line.ptr);
}

static void request_begins(struct proxy_pair *pair)
{
    struct proxy *p = pair->proxy;
    struct frame *f = &pair->client.in;
    struct proxy_request request = classify(&p->options, f);
    p->counts.requests[request.kind]++;
    if (pair->pending_count == PROXY_PENDING_MAX) {
        proxy_pair_reset(pair);
        return;
    }
    unsigned at = (pair->pending_first + pair->pending_count++) % PROXY_PENDING_MAX;
    pair->pending[at] = request;
    if (++p->counts.in_flight > p->counts.in_flight_peak)
        p->counts.in_flight_peak = p->counts.in_flight;
    log_request(p, f);
    proxy_forward(&pair->client, f->head, f->head_len);
    (void)frame_body(f, false, true);
}

static void response_ended(struct proxy_pair *pair)
{
    pair->discard = false;
    pair->cut_after = -1;
    if (pair->pending_count == 0)
        return;
    pair->pending_first = (pair->pending_first + 1) % PROXY_PENDING_MAX;
    pair->pending_count--;
    pair->proxy->counts.in_flight--;
}

static enum proxy_fault draw_fault(struct proxy *p)
{
    if (p->options.fault_every == 0 || random_u64(&p->random) % p->options.fault_every != 0)
        return PROXY_NO_FAULT;
    unsigned enabled = 0;
    for (int i = 0; i < PROXY_FAULTS; i++)
        enabled += p->options.faults[i];
    if (enabled == 0)
        return PROXY_NO_FAULT;
    uint64_t which = random_u64(&p->random) % enabled;
    for (int i = 0; i < PROXY_FAULTS; i++)
        if (p->options.faults[i] && which-- == 0)
            return (enum proxy_fault)i;
    return PROXY_NO_FAULT;
}

static void send_slow_down(struct proxy_pair *pair, bool bodiless)
{
    char head[256];
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       sizeof(SLOW_DOWN) - 1);
    proxy_forward(&pair->server, head, (size_t)len);
    if (!bodiless)
        proxy_forward(&pair->server, SLOW_DOWN, sizeof(SLOW_DOWN) - 1);
}

/* The end of the connection is to come somewhere in the body that follows; false if there is
 * none. */
static bool plan_cut(struct proxy_pair *pair)
{
    const struct frame *f = &pair->server.in;
    uint64_t within = f->step == FRAME_IN_BODY ? f->left : 64;
    if (f->step == FRAME_IN_HEAD)
        return false;
    pair->cut_after = (int64_t)(random_u64(&pair->proxy->random) % within);
    return true;
}

static int status_of(const struct frame *f)
{
    /* "HTTP/1.1 200" */
    if (f->head_len < 12 || memcmp(f->head, "HTTP/1.", 7) != 0)
        return 0;
    int status = 0;
    for (int i = 9; i < 12; i++) {
        if (f->head[i] < '0' || f->head[i] > '9')
            return 0;
        status = status * 10 + (f->head[i] - '0');
    }
    return status;
}

/* Forward the response's head, or do to it what the fault says. False if the pair has ended. */
static bool response_begins(struct proxy_pair *pair)
{
    struct proxy *p = pair->proxy;
    struct frame *f = &pair->server.in;
    int status = status_of(f);
    p->counts.statuses[status < 600 ? status / 100 : 0]++;
    if (status / 100 == 1) {
        proxy_forward(&pair->server, f->head, f->head_len);
        (void)frame_body(f, true, false);
        return true;
    }
    const struct proxy_request *request = &pair->pending[pair->pending_first];
    bool bodiless = (pair->pending_count > 0 && request->kind == PROXY_HEAD) || status == 204 ||
                    status == 304;
    if (pair->pending_count > 0 && request->slow)
        pair->server.not_before_ns = p->now_ns + p->options.slow_ns;
    enum proxy_fault fault = draw_fault(p);
    if (fault == PROXY_FAULT_DELAY)
        pair->server.not_before_ns = p->now_ns + p->options.fault_delay_ns;
    if (fault == PROXY_FAULT_503) {
        send_slow_down(pair, bodiless);
        pair->discard = true;
    } else if (fault != PROXY_FAULT_RESET) {
        proxy_forward(&pair->server, f->head, f->head_len);
    }
    if (!frame_body(f, bodiless, false))
        response_ended(pair);
    pair->tear = fault == PROXY_FAULT_TEAR;
    if ((fault == PROXY_FAULT_CUT || pair->tear) && !plan_cut(pair))
        fault = PROXY_FAULT_RESET;
    if (fault != PROXY_NO_FAULT)
        p->counts.faults[fault]++;
    if (fault == PROXY_FAULT_RESET)
        proxy_pair_reset(pair);
    return fault != PROXY_FAULT_RESET;
}

static void take_body(struct proxy_side *from, const char *data, size_t len)
{
    struct proxy_pair *pair = from->pair;
    if (from == &pair->server && pair->discard)
        return;
    if (from == &pair->server && pair->cut_after >= 0) {
        if ((uint64_t)pair->cut_after < len) {
            proxy_forward(from, data, (size_t)pair->cut_after);
            if (pair->tear)
                proxy_pair_reset(pair);
            else
                proxy_take_end(from);
            return;
        }
        pair->cut_after -= (int64_t)len;
    }
    proxy_forward(from, data, len);
}

void proxy_take(struct proxy_side *from, const char *data, size_t len)
{
    struct proxy_pair *pair = from->pair;
    bool up = from == &pair->client;
    while (len > 0 && !pair->dead && !from->ended) {
        size_t taken = 0;
        enum frame_found found = frame_take(&from->in, data, len, &taken);
        switch (found) {
        case FRAME_MORE:
            break;
        case FRAME_HEAD:
            if (up)
                request_begins(pair);
            else if (!response_begins(pair))
                return;
            break;
        case FRAME_BODY:
        case FRAME_END:
            take_body(from, data, taken);
            if (found == FRAME_END && !up)
                response_ended(pair);
            break;
        case FRAME_BAD:
            proxy_pair_reset(pair);
            return;
        }
        data += taken;
        len -= taken;
    }
}

void proxy_take_end(struct proxy_side *from)
{
    from->ended = true;
    proxy_forward(from, NULL, 0);
}
