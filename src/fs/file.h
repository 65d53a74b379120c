/* fs/file.h: what is at hand of a file's content, and getting the rest. fs thread only.
 *
 * A file exists while a handle is open on its node, or a fetch is winding down. Its content
 * lies in parts, each one GET of the node's version, made of pages that the net thread fills in
 * order. A page is dropped when all of it went to the kernel, whose page cache is the memory
 * cache; so every handle of a file shares what is fetched, and a byte is fetched once however
 * many read it. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/node.h"
#include "fs/pages.h"
#include "fs/window.h"

#include <sys/queue.h>
#include <sys/uio.h>

#define FILE_WHOLE_MAX                                                                         \
    (1024 * 1024) /* files up to this are fetched whole, by a GET without a range */
#define FILE_FIRST    (1024 * 1024) /* bytes of the first GET of a longer one */
#define FILE_AHEAD_MS 10000         /* how long what was fetched ahead waits to be opened */
#define FILE_SLICES   10            /* pages a READ of 1 MiB can touch, and one more */
#define FILE_FAILED   4             /* ranges whose failure is remembered */

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
    struct source_read read;
    struct source_stretch *stretches;
    struct page pages[];
};

struct failed_range {
    uint64_t first, last;
    int status;
    int64_t until_ns;
};

struct file {
    struct fs *fs;
    struct node *node; /* held */
    struct buf path;
    unsigned handles;
    bool ahead; /* fetched before it was opened */
    TAILQ_HEAD(part_list, part) parts;
    size_t running;         /* parts under way, cancelled ones included */
    TAILQ_ENTRY(file) link; /* of fs->files, least recently read first */
    struct waiter reads;    /* struct read_wait */
    struct waiter openers;  /* struct open_wait */
    struct waiter memory;   /* on pages.waiters while a needed part could not get any */
    struct failed_range failed[FILE_FAILED];
    unsigned failed_next;
    uint64_t drained; /* bytes of dropped pages that went to the kernel */
    struct timer linger;
};

/* One open(2). */
struct handle {
    struct file *file;
    bool hit;                /* its content had been fetched ahead */
    LIST_ENTRY(handle) link; /* of fs->handles */
    struct window window;
    bool sequential; /* counted in pages.sequential */
};

struct open_wait {
    struct waiter waiter;
    int status; /* in ready */
};

struct read_wait {
    struct waiter waiter;
    struct handle *handle;
    uint64_t offset;
    size_t len;
    int status; /* in ready: 0 (file_slices has it all) or -errno */
};

/* A handle on the node's content; nothing is fetched yet. NULL on ENOMEM. */
struct handle *handle_new(struct fs *fs, struct node *node);
/* NULL-safe. The last one of a file drops its content and cancels its fetches; with `linger_ms`
 * > 0 only after that time. */
void handle_free(struct handle *handle, int64_t linger_ms);

/* True if the first bytes are at hand or on their way from a response that has confirmed the
 * version. */
bool file_at_hand(const struct file *file);
/* Starts the first GET, or joins the one under way, and waits for the head of its response.
 * -EINPROGRESS (`wait` is woken), 0 (it is at hand) or -errno at once. */
int file_open(struct file *file, struct open_wait *wait);

/* Content at [offset, offset + len), which must lie inside the file: 0 (file_slices has it
 * all), -errno, or -EINPROGRESS: `wait`, with its ready, handle, offset and len filled in, is
 * woken later, and until then can be taken back with wait_stop. Fetches what is missing, and
 * ahead. */
int file_read(struct read_wait *wait);
/* The bytes as slices of pages, at most FILE_SLICES: fewer bytes than asked for where they lie
 * in more. Returns how many slices; borrowed until file_delivered. */
int file_slices(const struct file *file, uint64_t offset, size_t len,
                struct iovec slices[FILE_SLICES]);
/* They went to the kernel: pages of which all has gone are dropped. */
void file_delivered(struct file *file, uint64_t offset, size_t len);
/* Appends what a read of that range waits for, in words: bytes, and the request that is to
 * bring them. */
void file_add_wait(const struct file *file, uint64_t offset, size_t len, struct buf *b);
/* A read of that range reached its deadline: it stays failed for the kernel's second ask, and
 * what held it up is cancelled. */
void file_read_failed(struct file *file, uint64_t offset, size_t len, int status);

/* Fetches the whole of a small file that nobody has open yet; it is kept for a while, or until
 * file_drop_ahead. True, also when there is nothing to do; false: no memory may be used for
 * that now. */
bool file_fetch_ahead(struct fs *fs, struct node *node);
/* Drops what was fetched ahead of it, if it was not opened yet. Returns whether there was any.
 */
bool file_drop_ahead(struct node *node);
/* The file is opened, fails or goes: it no longer counts as fetched ahead. Returns whether it
 * did. */
bool file_end_ahead(struct file *file);

/* ---- between file.c, file_part.c and file_read.c ---- */

/* The node's file, made if there is none; NULL on ENOMEM. */
struct file *file_of(struct fs *fs, struct node *node);
/* Fetches what an open waits for. As file_fetch. */
int file_fetch_first(struct file *file);
/* The same for opens that wait, which are told if it cannot be. */
void file_fetch_for_openers(struct file *file);
/* Ends the wait of the opens. */
void file_wake_openers(struct file *file, int status);
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
 * the file are missing. 0, -ENOMEM where a need cannot be met. */
int file_fetch(struct file *file, uint64_t from, uint64_t need, uint64_t to, uint64_t worth);
/* The page that holds or will hold the byte at `offset`, NULL if none. */
struct page *file_page(const struct file *file, uint64_t offset, struct part **ret_part);
/* -errno if the range touches one whose failure is remembered. */
int file_recent_failure(const struct file *file, uint64_t offset, size_t len);
void file_note_failure(struct file *file, uint64_t first, uint64_t last, int status);
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
/* Drops content that no read waits for and that was last touched before `before_ns`, least
 * recently read files first, until `bytes` are free; of `file` not [from, to), which is being
 * fetched. Returns how many. */
uint64_t file_evict(uint64_t bytes, int64_t before_ns, const struct file *file, uint64_t from,
                    uint64_t to);

#endif
