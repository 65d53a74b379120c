#include "cli/failure_line.h"

#include <errno.h>
#include <stdio.h>

static void add_detail(struct buf *b, bool *first, const char *format, int number,
                       struct pail_str text)
{
    buf_add_c(b, *first ? " (" : ", ");
    *first = false;
    if (text.ptr) {
        buf_add_c(b, format);
        buf_add_escaped(b, text);
    } else {
        buf_addf(b, "%d%s", number, format);
    }
}

/* Answers without a document (to HEAD) have their status for a code, which is told anyway. */
static bool is_status(const struct pail_error *error)
{
    char status[16];
    snprintf(status, sizeof(status), "%d", error->http_status);
    return str_eq_c(str_c(error->code), status);
}

void failure_cause(struct buf *b, const struct pail_error *error)
{
    static const struct pail_str none = {0};
    /* Where it was answered, and the answer is what is wrong, the message says all. */
    bool answered = error->kind == PAIL_ERROR_CLIENT && !error->code[0];
    bool named = !error->message[0] || !(is_status(error) || answered);
    if (named)
        buf_add_escaped(
            b, str_c(error->code[0] ? error->code : pail_error_kind_name(error->kind)));
    if (error->message[0]) {
        buf_add_c(b, named ? ": " : "");
        buf_add_escaped(b, str_c(error->message));
    }
    bool first = true;
    if (error->http_status && !(answered && error->http_status < 300))
        add_detail(b, &first, "", error->http_status, none);
    if (error->request_id[0])
        add_detail(b, &first, "request id ", 0, str_c(error->request_id));
    if (error->attempts > 1)
        add_detail(b, &first, " attempts", (int)error->attempts, none);
    if (!first)
        buf_add_byte(b, ')');
}

void failure_line(struct buf *b, const char *subject, const struct pail_error *error)
{
    buf_add_escaped(b, str_c(subject));
    buf_add_c(b, ": ");
    failure_cause(b, error);
}

int failure_exit_status(const struct pail_error *error)
{
    switch (error->kind) {
    case PAIL_ERROR_CONFIG:
    case PAIL_ERROR_NO_REGION:
    case PAIL_ERROR_PARAM:
    case PAIL_ERROR_PARTIAL_CREDENTIALS:
        return EXIT_USAGE;
    case PAIL_ERROR_RESOLVE:
    case PAIL_ERROR_PROXY:
        return EXIT_NETWORK;
    default:
        break;
    }
    switch (error->sys) {
    case ENOENT:
        return EXIT_MISSING;
    case EACCES:
        return EXIT_DENIED;
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case EBUSY:
        return EXIT_NETWORK;
    default:
        return EXIT_FAILED;
    }
}
