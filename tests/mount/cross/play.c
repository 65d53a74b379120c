#include "mount/cross/play.h"

#include "peer/s3.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static bool is(const struct cross_cell *cell, const char *fault)
{
    return strcmp(cell->fault, fault) == 0;
}

static bool of_object(const struct cross_cell *cell)
{
    return cell->operation == OPEN || cell->operation == READ || cell->operation == READ_LATER;
}

static bool of_head(const struct cross_cell *cell)
{
    return cell->operation == LOOKUP || cell->operation == GETXATTR;
}

bool cross_in_body(const struct cross_cell *cell)
{
    return cell->phase == EARLY || cell->phase == LATE;
}

bool cross_takes_range(const struct cross_cell *cell)
{
    static const char *const faults[] = {"longer", "wrong-range", "no-range", "nonsense-range",
                                         "whole-for-range"};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (is(cell, faults[i]))
            return true;
    return false;
}

bool cross_loses_network(const struct cross_cell *cell)
{
    return is(cell, "refused") || is(cell, "unreachable");
}

/* Bytes of the body before the fault. */
static uint64_t after(const struct cross_cell *cell)
{
    if (!of_object(cell))
        return cell->phase == EARLY ? 30 : 250;
    if (cell->operation == READ)
        return cell->phase == EARLY ? 1000 : CROSS_SHORT - 1000;
    return cell->phase == EARLY ? 10 : 3000;
}

/* "503:SlowDown": the status, 0 if it is no such fault, and its code or NULL. */
static int status_of(const struct cross_cell *cell, const char **ret_code)
{
    int status = 0, len = 0;
    (void)sscanf(cell->fault, "%3d%n", &status, &len);
    *ret_code = cell->fault[len] == ':' ? cell->fault + len + 1 : NULL;
    return status;
}

void cross_words(const struct cross_cell *cell, char *ret, size_t size)
{
    const char *code, *html = strncmp(cell->fault, "html:", 5) == 0 ? cell->fault + 5 : NULL;
    int status = status_of(cell, &code);
    if (cell->words)
        (void)snprintf(ret, size, "%s", cell->words);
    else if (html)
        (void)snprintf(ret, size, "%s", html);
    else if (code && !of_head(cell) && !is(cell, "405:delete-marker"))
        (void)snprintf(ret, size, "%s", code);
    else
        (void)snprintf(ret, size, "%d", status);
}

/* ---- listings ---- */

struct page {
    const char *names[3]; /* in a directory; NULL: no more */
    const char *token;    /* of the next; NULL: it is the last */
};

static void add(char text[static 1024], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(char text[static 1024], const char *format, ...)
{
    size_t len = strlen(text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + len, 1024 - len, format, args);
    va_end(args);
}

static void page_response(const struct page *page, const char *dir, char text[static 1024],
                          struct peer_response *ret)
{
    text[0] = '\0';
    add(text, "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>%s</IsTruncated>",
        page->token ? "true" : "false");
    if (page->token)
        add(text, "<NextContinuationToken>%s</NextContinuationToken>", page->token);
    for (size_t i = 0; i < 3 && page->names[i]; i++)
        add(text,
            "<Contents><Key>%s/%s</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            "<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>",
            dir, page->names[i]);
    add(text, "</ListBucketResult>");
    *ret = (struct peer_response){.body = text};
}

/* Pages from the first up to the bad one. */
static void play_pages(const struct cross_cell *cell, const char *dir, const struct page *bad,
                       struct cross_play *ret)
{
    static const struct page good[] = {{{"a", "f"}, "one"}, {{"z1"}, "two"}};
    size_t before = cell->operation == READDIR ? 0 : cell->phase == BETWEEN ? 2 : 1;
    for (size_t i = 0; i < before; i++)
        page_response(&good[i], dir, ret->text[i], &ret->responses[i]);
    page_response(bad, dir, ret->text[before], &ret->responses[before]);
    ret->count = before + 1;
    ret->skip = 0;
}

static bool play_listing(const struct cross_cell *cell, const char *dir, struct cross_play *ret)
{
    static const struct page backwards = {{"b", "a"}, NULL}, one = {{"z2"}, "one"},
                             two = {{"z2"}, "two"};
    if (is(cell, "out-of-order")) {
        play_pages(cell, dir, &backwards, ret);
    } else if (is(cell, "repeated-token")) {
        play_pages(cell, dir, cell->phase == BETWEEN ? &two : &one, ret);
    } else if (is(cell, "endless")) {
        static const struct page pages[] = {{{NULL}, "this"}, {{NULL}, "that"}};
        for (size_t i = 0; i < 2; i++) {
            page_response(&pages[i], dir, ret->text[i], &ret->responses[i]);
            ret->responses[i].fault.delay_ms = 10;
        }
        ret->count = 2;
        ret->around = true;
    } else {
        return false;
    }
    return true;
}

/* ---- one response ---- */

static struct peer_response status_response(const struct cross_cell *cell, int status,
                                            const char *code, char text[static 1024])
{
    if (is(cell, "405:delete-marker"))
        return (struct peer_response){
            .status = 405, .headers = "x-amz-delete-marker: true", .body = ""};
    if (!code)
        return (struct peer_response){.status = status, .body = ""};
    (void)snprintf(text, 1024,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>"
                   "<Message>As the table says.</Message></Error>",
                   code);
    return (struct peer_response){
        .status = status, .headers = "Content-Type: application/xml", .body = text};
}

static const struct {
    const char *fault;
    struct peer_response response;
} heads[] = {
    {"reset", {.over = true, .fault = {.end = PEER_END_RESET, .in_head = true}}},
    {"closed", {.over = true, .fault = {.end = PEER_END_CUT, .in_head = true}}},
    {"cut", {.over = true, .fault = {.end = PEER_END_CUT, .in_head = true, .after = 25}}},
    {"stall", {.over = true, .fault = {.end = PEER_END_STALL, .in_head = true}}},
    {"refused", {.over = true, .fault = {.end = PEER_END_STALL, .in_head = true}}},
    {"unreachable", {.over = true, .fault = {.end = PEER_END_STALL, .in_head = true}}},
    {"trickle",
     {.over = true, .fault = {.head_piece = 1, .head_piece_delay_ms = CROSS_STEP_MS}}},
    {"garbage", {.over = true, .fault = {.instead_of_head = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}}},
    {"huge-header", {.over = true, .fault = {.huge_header = 400 * 1000}}},
    {"longer", {.over = true, .framing = PEER_CLAIM, .claim = CROSS_LONG + 1}},
    {"wrong-range", {.over = true, .headers = "Content-Range: bytes 5-1048580/20971520"}},
    {"no-range", {.over = true, .headers = "!Content-Range"}},
    {"nonsense-range", {.over = true, .headers = "Content-Range: bytes all"}},
    {"whole-for-range", {.over = true, .status = 200, .headers = "!Content-Range"}},
    {"changed", {.over = true, .headers = "ETag: \"another\""}},
    {"chunked", {.over = true, .framing = PEER_CHUNKED}},
    {"html:200",
     {.status = 200,
      .headers = "Content-Type: text/html",
      .body = "<html><body><h1>Welcome</h1></body></html>"}},
    {"html:403",
     {.status = 403,
      .headers = "Content-Type: text/html",
      .body = "<html><body><h1>Forbidden</h1></body></html>"}},
    {"html:503",
     {.status = 503,
      .headers = "Content-Type: text/html",
      .body = "<!DOCTYPE html><html><body><h1>Down</h1></body></html>"}},
    {"empty-200", {.status = 200, .body = ""}},
    {"truncated-xml", {.over = true, .fault = {.shorten = true, .shorten_to = 200}}},
    {"entity",
     {.status = 200,
      .body = "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult>&a;</ListBucketResult>"}},
    {"no-list", {.status = 200, .body = "<ListBucketResult></ListBucketResult>"}},
};

static void play_head(const struct cross_cell *cell, struct peer_response *ret,
                      char text[static 1024])
{
    const char *code;
    int status = status_of(cell, &code);
    if (status) {
        *ret = status_response(cell, status, code, text);
        return;
    }
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (!is(cell, heads[i].fault))
            continue;
        *ret = heads[i].response;
        return;
    }
    (void)fprintf(stderr, "cross.table:%u: nobody knows how to play %s\n", cell->line,
                  cell->fault);
    exit(2);
}

/* ---- bodies ---- */

static struct peer_response broken(enum peer_end end, uint64_t at)
{
    return (struct peer_response){.over = true, .fault = {.end = end, .after = at}};
}

/* Faults of the body itself; false: the fault is met by the request for the rest. */
static bool play_body(const struct cross_cell *cell, struct cross_play *ret)
{
    struct peer_response *first = &ret->responses[0], *second = &ret->responses[1];
    uint64_t at = after(cell);
    ret->count = 2;
    if (is(cell, "reset") || is(cell, "cut") || is(cell, "stall")) {
        enum peer_end end = is(cell, "reset") ? PEER_END_RESET
                            : is(cell, "cut") ? PEER_END_CUT
                                              : PEER_END_STALL;
        *first = broken(end, at);
        *second = broken(end, 0);
    } else if (cross_loses_network(cell)) {
        *first = *second = broken(PEER_END_STALL, at);
    } else if (is(cell, "trickle")) {
        *first = broken(PEER_END_CUT, at);
        *second = (struct peer_response){
            .over = true, .fault = {.piece = 1, .piece_delay_ms = CROSS_STEP_MS}};
    } else if (is(cell, "broken-chunks")) {
        *first = broken(PEER_END_CUT, at);
        *second = broken(PEER_END_BAD_CHUNK, 0);
        second->framing = PEER_CHUNKED;
    } else if (is(cell, "garbage")) {
        (void)snprintf(ret->text[0], sizeof(ret->text[0]), "%s\xff\xfe<&>",
                       cell->phase == LATE ? "<ListBucketResult><IsTruncated>false" : "");
        *first = *second = (struct peer_response){.body = ret->text[0]};
    } else if (is(cell, "longer")) {
        *first = *second = (struct peer_response){.over = true, .fault = {.excess = 100}};
    } else if (is(cell, "wrong-checksum")) {
        *first = (struct peer_response){.over = true, .fault = {.corrupt = true}};
        first->fault.corrupt_at = at;
        *second = *first;
    } else {
        return false;
    }
    return true;
}

void cross_play(const struct cross_cell *cell, const char *dir, struct cross_play *ret)
{
    *ret = (struct cross_play){.count = 1};
    if (cell->operation == READDIR_LATER)
        ret->skip = cell->phase == BETWEEN ? 2 : 1;
    else if (cell->operation == READ_LATER && cell->phase == BETWEEN)
        ret->skip = 1;
    /* After ESTALE the kernel looks the name up again, and meets the same. */
    ret->around = cell->operation == PROBE && cross_in_body(cell) && cell->sys == ESTALE;
    if (play_listing(cell, dir, ret))
        return;
    if (!cross_in_body(cell)) {
        play_head(cell, &ret->responses[0], ret->text[0]);
        return;
    }
    if (play_body(cell, ret))
        return;
    ret->responses[0] = broken(PEER_END_CUT, after(cell));
    play_head(cell, &ret->responses[1], ret->text[1]);
    ret->count = 2;
}
