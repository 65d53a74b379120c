/* fs/file_internal.h: what the files fs/file*.c share: a file, the parts of its content that
 * are at hand or under way, and their pages. fs thread only. */
#ifndef FS_FILE_INTERNAL_H
#define FS_FILE_INTERNAL_H

#include "fs/file.h"
#include "fs/fs.h"
#include "fs/pages.h"
#include "fs/parallel.h"

#define FILE_FIRST                                                                             \
    (1024 * 1024)           /* bytes of the first GET of a file longer than FILE_WHOLE_MAX */
#define FILE_AHEAD_MS 10000 /* how long what was fetched ahead waits to be opened */
#define FILE_NEWCOMER INT64_MIN
#define FILE_FAILED   4 /* ranges whose failure is remembered */

enum page_state {
    PAGE_FILLING, /* the net thread's */
    PAGE_FULL,
    PAGE_GONE,
};

struct page {
    char *data;
    uint32_t size;
    uint32_t delivered; /* blocks that went to the kernel, a bit each */
    enum page_state state;
};

struct part {
    struct file *file;
    TAILQ_ENTRY(part) link;
    uint64_t offset, len;
    size_t page_size;        /* of every page but the last */
    size_t page_count, live; /* live: not gone */
    int64_t started_ns;
    int64_t touched_ns; /* when a page of it was last filled or read */
    bool running;       /* its read is under way */
    bool cancelled;
    bool opened; /* the response's head confirmed the version */
    bool slow;   /* counted in pages->slow_bytes */
    struct source_read read;
    struct source_stretch *stretches;
    struct page pages[];
};

struct failed_range {
    uint64_t first, last;
    int status;
    int64_t until_ns;
    int64_t latest_ns; /* whoever has waited since later than that may try anew */
};

struct file {
    struct fs *fs;
    struct node *node; /* held */
    struct buf path;
    unsigned handles;
    bool ahead;           /* fetched before it was opened... */
    uint64_t ahead_bytes; /* ...so much, counted in fs->ahead_bytes */
    TAILQ_HEAD(part_list, part) parts;
    size_t running;         /* parts under way, cancelled ones included */
    TAILQ_ENTRY(file) link; /* of fs->files, least recently read first */
    struct waiter reads;    /* struct read_wait */
    struct waiter openers;  /* struct open_wait */
    struct waiter memory;   /* with pages, while a needed part could not get any */
    bool gave_way; /* its memory went to others while it had no answer; it has none yet */
    struct failed_range failed[FILE_FAILED];
    unsigned failed_next;
    struct parallel parallel; /* GETs of what is read ahead */
    uint64_t drained;         /* bytes of dropped pages that went to the kernel */
    struct timer linger;
};

/* The node's file, made if there is none; NULL on ENOMEM. */
struct file *file_of(struct fs *fs, struct node *node);
/* The same for opens that wait, which are told if it cannot be. */
void file_fetch_for_openers(struct file *file);
/* Ends the wait of the opens that have waited since `latest_ns` or longer. */
void file_wake_openers(struct file *file, int status, int64_t latest_ns);
/* Releases the file if nobody uses it any more: cancels what is under way, and goes with the
 * last part. */
void file_settle(struct file *file);
/* Keeps it there as a handle would, until file_let_go, whatever callbacks close meanwhile. */
void file_hold(struct file *file);
void file_let_go(struct file *file);
/* A part that is not running. */
void file_free_part(struct part *part);
/* Its pages no longer count as on their way; it goes when its read is done. */
void file_cancel_part(struct part *part);

/* Starts GETs for what is missing of [from, to): up to `need` somebody waits for it; beyond, as
 * far as budget and parallel parts allow, and only where at least `worth` bytes or the rest of
 * the file are missing. 1: all of it is at hand or on its way; 0; -ENOMEM where a need cannot
 * be met. */
int file_fetch(struct file *file, uint64_t from, uint64_t need, uint64_t to, uint64_t worth);
/* Bytes of one GET of a long read: smaller ones where more than usual would not fit into the
 * window. */
uint64_t file_part_size(const struct file *file);
/* The page that holds or will hold the byte at `offset`, NULL if none. */
struct page *file_page(const struct file *file, uint64_t offset, struct part **ret_part);
/* -errno if the range touches one whose failure is remembered, and counts for who has waited
 * since `since_ns`; FILE_NEWCOMER: it counts for who comes only now. */
int file_recent_failure(const struct file *file, uint64_t offset, size_t len, int64_t since_ns);
void file_note_failure(struct file *file, uint64_t first, uint64_t last, int status,
                       int64_t latest_ns);
/* Who must have waited since when to share this failure of what began at `began_ns`: a timeout
 * is that of those who were there for the greater part of it, everything else is everybody's.
 */
int64_t file_failure_latest(const struct file *file, int status, int64_t began_ns);
/* A READ of the handle was answered with the failure: its next one of a page of that range is
 * owed it too, within the operation's deadline. */
void handle_owe(struct handle *handle, uint64_t offset, size_t len, int status);
/* What a READ that begins at `offset` is owed, -errno or 0; it is owed no more. */
int handle_pay(struct handle *handle, uint64_t offset);
/* Where the page ends in the file. */
static inline uint64_t page_end(const struct part *part, const struct page *page)
{
    return part->offset + (uint64_t)(page - part->pages) * part->page_size + page->size;
}
/* Answers the reads that can be: content at hand, or failed. Fetches what others turn out to
 * lack. */
void file_wake_reads(struct file *file);
/* Drops a page; the part goes with its last. */
void file_drop_page(struct part *part, struct page *page);
/* True if a read waits for some of [first, end). */
bool file_waited_for(const struct file *file, uint64_t first, uint64_t end);

/* What is being fetched: all of it stays, up to `need` somebody waits for it. */
struct file_stretch {
    uint64_t from, need, to;
    bool granted; /* room was made for its need: also for the next of the GETs that brings it */
};
/* Memory for a page of the stretch. What is not needed now only pushes out what was long not
 * touched. NULL: there is none. */
char *file_page_memory(struct file *file, const struct file_stretch *s, size_t size, bool need);
/* Makes room for all of a read's need from `at` on or for nothing: reads that each hold a half
 * would wait for each other. False: it waits, and is tried again when memory comes back. */
bool file_make_room(struct file *file, struct file_stretch *s, uint64_t at);

/* One of its GETs has an answer: it no longer counts as one that gave way. */
void file_answered(struct file *file);

/* The file is opened, fails or goes: it no longer counts as fetched ahead. Returns whether it
 * did. */
bool file_end_ahead(struct file *file);

#endif
