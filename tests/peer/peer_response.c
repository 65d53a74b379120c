#include "peer/peer_private.h"

#include <strings.h>

static const struct {
    int status;
    const char *reason;
} REASONS[] = {
    {100, "Continue"},
    {103, "Early Hints"},
    {200, "OK"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {416, "Requested Range Not Satisfiable"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

const char *peer_reason(int status)
{
    for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++)
        if (REASONS[i].status == status)
            return REASONS[i].reason;
    return "Unnamed";
}

struct peer_response peer_response_copy(const struct peer_response *response)
{
    struct peer_response copy = *response;
    copy.headers_ = NULL;
    copy.blob_ = NULL;
    if (response->headers) {
        copy.headers_ = peer_strndup(response->headers, strlen(response->headers));
        copy.headers = copy.headers_;
    }
    if (response->blob_) {
        copy.blob_ = peer_blob_ref(response->blob_);
    } else if (response->body) {
        size_t len = response->body_len ? (size_t)response->body_len
                                        : strlen((const char *)response->body);
        copy.blob_ = peer_blob_new(response->body, len);
        copy.body = copy.blob_->data;
        copy.body_len = len;
    }
    if (response->reason)
        copy.reason = peer_strndup(response->reason, strlen(response->reason));
    if (response->fault.instead_of_head)
        copy.fault.instead_of_head = peer_strndup(response->fault.instead_of_head,
                                                  strlen(response->fault.instead_of_head));
    return copy;
}

static void free_text(const char *text)
{
    union {
        const char *given;
        char *owned;
    } pointer = {.given = text};
    free(pointer.owned);
}

void peer_response_done(struct peer_response *response)
{
    free(response->headers_);
    peer_blob_unref(response->blob_);
    free_text(response->reason);
    free_text(response->fault.instead_of_head);
    *response = (struct peer_response){0};
}

/* Whether `lines` has a line that replaces or removes the header named by the first name_len
 * bytes of `name`. */
static bool replaces(const char *lines, const char *name, size_t name_len)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        const char *line = lines;
        size_t skip = *line == '!' ? 1 : 0;
        size_t own = strcspn(line + skip, ":\n");
        if (own == name_len && strncasecmp(line + skip, name, name_len) == 0)
            return true;
        lines += len + (lines[len] == '\n' ? 1 : 0);
    }
    return false;
}

static void lay_headers(struct peer_response *base, const char *over)
{
    struct peer_text text = {0};
    for (const char *at = base->headers ? base->headers : ""; *at;) {
        size_t len = strcspn(at, "\n");
        if (!replaces(over, at, strcspn(at, ":\n")))
            peer_text_addf(&text, "%s%.*s", text.len ? "\n" : "", (int)len, at);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    for (const char *at = over; *at;) {
        size_t len = strcspn(at, "\n");
        if (*at != '!')
            peer_text_addf(&text, "%s%.*s", text.len ? "\n" : "", (int)len, at);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    free(base->headers_);
    base->headers_ = text.data;
    base->headers = text.data;
}

/* The fields of `over` that are set, into `base`. */
static void lay_fault(struct peer_fault *base, const struct peer_fault *over)
{
#define LAY(field)                                                                             \
    if (over->field)                                                                           \
    base->field = over->field
    if (over->end != PEER_END_WELL) {
        base->end = over->end;
        base->in_head = over->in_head;
        base->after = over->after;
    }
    if (over->shorten) {
        base->shorten = true;
        base->shorten_to = over->shorten_to;
    }
    if (over->corrupt) {
        base->corrupt = true;
        base->corrupt_at = over->corrupt_at;
    }
    LAY(delay_ms);
    LAY(body_delay_ms);
    LAY(piece);
    LAY(piece_delay_ms);
    LAY(head_piece);
    LAY(head_piece_delay_ms);
    LAY(excess);
    LAY(interim);
    LAY(interim_count);
    LAY(huge_header);
    LAY(close);
#undef LAY
    if (over->instead_of_head) {
        free_text(base->instead_of_head);
        base->instead_of_head =
            peer_strndup(over->instead_of_head, strlen(over->instead_of_head));
    }
}

void peer_response_lay_over(struct peer_response *base, const struct peer_response *over)
{
    if (over->status)
        base->status = over->status;
    if (over->reason) {
        free_text(base->reason);
        base->reason = peer_strndup(over->reason, strlen(over->reason));
    }
    if (over->headers)
        lay_headers(base, over->headers);
    if (over->body || over->body_len) {
        peer_blob_unref(base->blob_);
        base->blob_ = over->blob_ ? peer_blob_ref(over->blob_) : NULL;
        base->body = over->body;
        base->body_len = over->body_len;
        base->seed = over->seed;
        base->body_offset = over->body_offset;
    }
    if (over->framing != PEER_LENGTH) {
        base->framing = over->framing;
        base->claim = over->claim;
    }
    if (over->chunk)
        base->chunk = over->chunk;
    lay_fault(&base->fault, &over->fault);
}
