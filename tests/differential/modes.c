#include "driver.h"

#include <inttypes.h>
#include <pail/events.h>
#include <pail/iterate.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (64U * 1024 * 1024)

/* What a reader does with a body: -errno, or 0 at its well end. `n` is the mode's number. */
typedef int read_mode(struct pail_body *body, size_t n, json_t *pieces,
                      struct pail_error *error);

static void add_piece(json_t *pieces, struct pail_str piece)
{
    json_array_append_new(pieces, driver_hex(piece.ptr, piece.len));
}

static int read_all(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    char *data;
    size_t size;
    (void)n;
    int r = pail_body_read_all(body, BODY_MAX, &data, &size, error);
    if (r < 0)
        return r;
    add_piece(pieces, (struct pail_str){data, size});
    free(data);
    return 0;
}

static int read_some(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    char *data = malloc(n);
    ssize_t got;
    if (!data)
        driver_die("out of memory", "");
    while ((got = pail_body_read(body, data, n, error)) > 0)
        add_piece(pieces, (struct pail_str){data, (size_t)got});
    free(data);
    return (int)got;
}

static int chunks(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *iterator = NULL;
    struct pail_str piece;
    int r = pail_body_chunks(body, n, &iterator, error);
    if (r < 0)
        return r;
    while ((r = pail_chunks_next(iterator, &piece, error)) > 0)
        add_piece(pieces, piece);
    return r;
}

static int lines(struct pail_body *body, const struct pail_lines_options *options,
                 json_t *pieces, struct pail_error *error)
{
    PAIL_CLEANUP(pail_lines) struct pail_lines *iterator = NULL;
    struct pail_str piece;
    int r = pail_body_lines(body, options, &iterator, error);
    if (r < 0)
        return r;
    while ((r = pail_lines_next(iterator, &piece, error)) > 0)
        add_piece(pieces, piece);
    return r;
}

static int lines_cut(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    return lines(body, &(struct pail_lines_options){.chunk_size = n}, pieces, error);
}

static int lines_whole(struct pail_body *body, size_t n, json_t *pieces,
                       struct pail_error *error)
{
    return lines(body, &(struct pail_lines_options){.chunk_size = n, .keep_ends = true}, pieces,
                 error);
}

static int line_by_line(struct pail_body *body, size_t n, json_t *pieces,
                        struct pail_error *error)
{
    struct pail_str piece;
    int r;
    (void)n;
    while ((r = pail_body_readline(body, 0, &piece, error)) > 0)
        add_piece(pieces, piece);
    return r;
}

static int all_lines(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    struct pail_str_list *list;
    (void)n;
    int r = pail_body_readlines(body, BODY_MAX, &list, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < list->count; i++)
        add_piece(pieces, list->items[i]);
    free(list);
    return 0;
}

void mode_run(const char *mode, struct pail_body *body, json_t *into)
{
    static const struct {
        const char *name;
        bool numbered;
        size_t n; /* where the mode says none */
        read_mode *run;
    } modes[] = {
        {"read", false, 0, read_all},
        {"read", true, 0, read_some},
        {"readinto", true, 0, read_some},
        {"iter", false, PAIL_CHUNK_DEFAULT, chunks},
        {"iter_chunks", false, PAIL_CHUNK_DEFAULT, chunks},
        {"iter_chunks", true, 0, chunks},
        {"iter_lines", false, 0, lines_cut},
        {"iter_lines", true, 0, lines_cut},
        {"iter_lines_keepends", false, 0, lines_whole},
        {"iter_lines_keepends", true, 0, lines_whole},
        {"readline", false, 0, line_by_line},
        {"readlines", false, 0, all_lines},
    };
    size_t len = strcspn(mode, ":");
    bool numbered = mode[len] == ':';
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strlen(modes[i].name) != len || strncmp(mode, modes[i].name, len) != 0 ||
            modes[i].numbered != numbered)
            continue;
        struct pail_error error = {0};
        json_t *pieces = json_array();
        size_t n = numbered ? (size_t)strtoumax(mode + len + 1, NULL, 10) : modes[i].n;
        if (modes[i].run(body, n, pieces, &error) < 0)
            json_object_set_new(into, "body_error", driver_error(&error));
        json_object_set_new(into, "body", pieces);
        return;
    }
    driver_die("unknown mode", mode);
}

void mode_run_events(struct pail_event_stream *stream, json_t *into)
{
    struct pail_error error = {0};
    struct pail_event event;
    json_t *events = json_array();
    int r;
    while ((r = pail_event_stream_next(stream, &event, &error)) > 0) {
        char *text;
        if (pail_event_json(&event, &text) < 0)
            driver_die("out of memory", "");
        json_array_append_new(events, json_loads(text, JSON_ALLOW_NUL, NULL));
        free(text);
    }
    if (r < 0)
        json_object_set_new(into, "body_error", driver_error(&error));
    json_object_set_new(into, "events", events);
}
