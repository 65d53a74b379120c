/* Prints a whole CloudWatch log stream: page by page, as one call is one page. */
#include "example.h"

#include <pail/logs.h>
#include <time.h>

static void print_event(const struct pail_logs_log_event *event)
{
    time_t seconds = (time_t)(event->timestamp.value / 1000);
    char text[32] = "";
    struct tm tm;
    if (gmtime_r(&seconds, &tm))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    printf("[%s] %.*s\n", text, PAIL_ARGS(event->message));
}

/* Prints a page and copies the token to go on with. 1; 0: it was the one that was sent, which
 * is the end; or -errno. */
static int print_page(struct pail_client *client, struct pail_logs_get_log_events_input *in,
                      char *token, size_t size, struct pail_error *error)
{
    PAIL_CLEANUP(pail_logs_get_log_events_output)
    struct pail_logs_get_log_events_output out = {0};
    if (token[0])
        in->next_token = pail_str_of(token);
    int r = pail_logs_get_log_events(client, in, &out, NULL, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < out.events.count; i++)
        print_event(&out.events.items[i]);
    struct pail_str next = out.next_forward_token;
    if (next.len == 0 || next.len >= size ||
        (next.len == strlen(token) && memcmp(next.ptr, token, next.len) == 0))
        return 0;
    snprintf(token, size, "%.*s", PAIL_ARGS(next));
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s GROUP STREAM\n", argv[0]);
        return 2;
    }
    struct pail_logs_get_log_events_input in = {
        .log_group_name = pail_str_of(argv[1]),
        .log_stream_name = pail_str_of(argv[2]),
        .start_from_head = PAIL_BOOL(true),
    };
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    struct pail_error error;
    char token[1024] = "";
    int r;

    if (pail_client_new(NULL, &client, &error) < 0)
        return failed(&error);
    while ((r = print_page(client, &in, token, sizeof(token), &error)) > 0)
        continue;
    return r < 0 ? failed(&error) : 0;
}
