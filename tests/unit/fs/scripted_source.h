/* unit/fs/scripted_source.h: a source whose every request waits until the test completes it,
 * with what the test wants. Answers go through the mailbox, as the contract of fs/source.h has
 * it: nothing is delivered before the mailbox is. Results live exactly until `release`, so that
 * AddressSanitizer sees a use after it. */
#ifndef UNIT_FS_SCRIPTED_SOURCE_H
#define UNIT_FS_SCRIPTED_SOURCE_H

#include "fs/source_reader.h"

/* libcheck allocates in each assertion that holds too, and callbacks are called while
 * allocations fail. */
#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition))                                                                      \
            ck_abort_msg("%s", #condition);                                                    \
    } while (0)

enum scripted_kind {
    SCRIPTED_LOOKUP,
    SCRIPTED_LIST,
    SCRIPTED_READ,
    SCRIPTED_ATTRIBUTES,
    SCRIPTED_MORE,
    SCRIPTED_EXCHANGE,
    SCRIPTED_KINDS,
};

#define SCRIPTED_MAX  200000 /* requests in one test */
#define SCRIPTED_TEXT 256    /* bytes of a recorded path; longer ones are cut */

/* One request, kept after it is over. */
struct scripted {
    enum scripted_kind kind;
    struct source_request *request; /* NULL once it is done */
    struct scripted_source *source;
    char path[SCRIPTED_TEXT], etag[SCRIPTED_TEXT];
    char payload[SCRIPTED_TEXT];
    char cursor[SCRIPTED_TEXT], start_after[SCRIPTED_TEXT];
    bool flat;
    uint64_t offset, len, size; /* of a read */
    int64_t timeout_ms;
    bool opened, cancelled;
    bool answered; /* its done is on the way or was */
    bool done, released;
    size_t filled; /* stretches, also those on the way */
    void *results[4];
};

struct scripted_source {
    struct source source;
    struct mailbox *mailbox;
    struct scripted *requests;
    size_t count;
    size_t asked[SCRIPTED_KINDS];
    size_t cancels;
    size_t readers;    /* open */
    int reader_status; /* what opening the next gives */
    bool unpaged;      /* a page of names costs as much as all */
    bool slow_cancel;  /* cancelled requests wait for the test too */
};

void scripted_init(struct scripted_source *s, struct mailbox *mailbox);
/* Fails the test if a request is under way or if results were not released. */
void scripted_done(struct scripted_source *s);

/* The newest request, the oldest of a kind that was not answered, or the one at `index`; fails
 * the test if there is none. */
struct scripted *scripted_last(struct scripted_source *s);
struct scripted *scripted_next(struct scripted_source *s, enum scripted_kind kind);
struct scripted *scripted_at(struct scripted_source *s, size_t index);
/* How many were not answered. */
size_t scripted_waiting(const struct scripted_source *s);

/* Entries are written "NAME/" or "NAME:ETAG:SIZE", of which ":SIZE" (100) and ":ETAG" ("v1")
 * can be left out; several are separated by spaces. The ETags "grows", "live" and "exchange"
 * are of files of that kind; files whose names begin with '@' are hidden. */
#define SCRIPTED_SIZE  100
#define SCRIPTED_MTIME 1700000000

/* What a lookup finds. */
void scripted_found(struct scripted *s, const char *entry);
/* The same of a directory, with its first names; `complete`: all of them. */
void scripted_found_names(struct scripted *s, const char *entry, const char *names,
                          bool complete);
/* One page of a listing; `next` NULL: the last. */
void scripted_page(struct scripted *s, const char *entries, const char *next);
/* The same with keys that no path can name. */
void scripted_page_unreachable(struct scripted *s, const char *entries, const char *next,
                               size_t unreachable, const char *example);
/* "NAME=VALUE" each, separated by spaces. */
void scripted_values(struct scripted *s, const char *values);
/* What a reader brings: data (NULL: none), and whether that is the end for now. */
void scripted_more(struct scripted *s, const char *data, bool end);
/* The same where nothing will follow. */
void scripted_finished(struct scripted *s, const char *data);
/* The answer to what was written. */
void scripted_response(struct scripted *s, const char *response);
/* The head of a read's response; its next stretch; all of it, to the end. */
void scripted_open(struct scripted *s);
void scripted_fill(struct scripted *s);
void scripted_finish(struct scripted *s);
/* A failure: `status` is -errno, the error record says "Scripted". */
void scripted_fail(struct scripted *s, int status);
void scripted_fail_as(struct scripted *s, int status, const struct pail_error *error);

/* What a version of a file holds. */
void scripted_bytes(const char *etag, uint64_t offset, char *data, size_t len);
/* True if `data` is what scripted_bytes gives. */
bool scripted_same(const char *etag, uint64_t offset, const char *data, size_t len);

#endif
