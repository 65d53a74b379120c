#include <pail/error.h>

#include "base/encode.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [PAIL_ERROR_NONE] = "no failure",
    [PAIL_ERROR_CLIENT] = "service error",
    [PAIL_ERROR_RESOLVE] = "name not resolved",
    [PAIL_ERROR_CONNECT] = "cannot connect",
    [PAIL_ERROR_CONNECT_TIMEOUT] = "connect timeout",
    [PAIL_ERROR_READ_TIMEOUT] = "read timeout",
    [PAIL_ERROR_DEADLINE] = "deadline passed",
    [PAIL_ERROR_PROXY] = "proxy failure",
    [PAIL_ERROR_TLS] = "TLS failure",
    [PAIL_ERROR_CERTIFICATE] = "untrusted certificate",
    [PAIL_ERROR_CONNECTION_CLOSED] = "connection closed",
    [PAIL_ERROR_STREAMING] = "broken response body",
    [PAIL_ERROR_INCOMPLETE_READ] = "incomplete read",
    [PAIL_ERROR_CHECKSUM] = "checksum mismatch",
    [PAIL_ERROR_EVENT_STREAM] = "event stream error",
    [PAIL_ERROR_PARSE] = "malformed response",
    [PAIL_ERROR_NO_CREDENTIALS] = "no credentials",
    [PAIL_ERROR_PARTIAL_CREDENTIALS] = "partial credentials",
    [PAIL_ERROR_CREDENTIALS] = "credentials not retrieved",
    [PAIL_ERROR_CONFIG] = "bad configuration",
    [PAIL_ERROR_NO_REGION] = "no region",
    [PAIL_ERROR_PARAM] = "invalid parameter",
    [PAIL_ERROR_REDIRECT] = "redirect not followed",
    [PAIL_ERROR_CHANGED] = "object changed",
    [PAIL_ERROR_CANCELLED] = "cancelled",
    [PAIL_ERROR_MEMORY] = "out of memory or descriptors",
};

/* Every text of a pail_error, the numbers and the words between them. */
#define LINE_MAX_BYTES (sizeof(struct pail_error) + 512)

struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format,
                                                      ...)
{
    size_t room = sizeof(line->text) - line->len;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line->text + line->len, room, format, args);
    va_end(args);
    if (len > 0)
        line->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void add_details(struct line *line, const struct pail_error *error)
{
    const char *separator = " [";
    if (error->http_status) {
        add(line, "%sstatus %d", separator, error->http_status);
        separator = ", ";
    }
    if (error->request_id[0]) {
        add(line, "%srequest id %s", separator, error->request_id);
        separator = ", ";
    }
    if (error->kind == PAIL_ERROR_INCOMPLETE_READ) {
        add(line, "%s%" PRIu64 " of %" PRIu64 " bytes", separator, error->actual_bytes,
            error->expected_bytes);
        separator = ", ";
    }
    if (error->attempts) {
        add(line, "%s%u attempt%s", separator, error->attempts, error->attempts > 1 ? "s" : "");
        separator = ", ";
    }
    if (error->quota_exhausted) {
        add(line, "%sretry quota used up", separator);
        separator = ", ";
    }
    if (strcmp(separator, ", ") == 0)
        add(line, "]");
}

size_t pail_error_format(const struct pail_error *error, char *text, size_t size)
{
    struct line line = {.len = 0};
    add(&line, "An error occurred (%s)",
        error->code[0] ? error->code : pail_error_kind_name(error->kind));
    if (error->operation[0])
        add(&line, " when calling the %s operation", error->operation);
    if (error->message[0])
        add(&line, ": %s", error->message);
    add_details(&line, error);
    return escape_text(text, size, str_of(line.text, line.len), ESCAPE_ALL);
}

const char *pail_error_kind_name(int kind)
{
    if (kind < 0 || (size_t)kind >= ARRAY_LEN(kind_names) || !kind_names[kind])
        return "unknown failure";
    return kind_names[kind];
}

const char *pail_errno_name(int sys)
{
    const char *name = sys > 0 ? strerrorname_np(sys) : NULL;
    return name ? name : "EUNKNOWN";
}
