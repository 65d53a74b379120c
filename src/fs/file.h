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
#include "fs/window.h"

#include <sys/queue.h>
#include <sys/uio.h>

#define FILE_WHOLE_MAX                                                                         \
    (1024 * 1024)      /* files up to this are fetched whole, by a GET without a range */
#define FILE_SLICES 10 /* pages a READ of 1 MiB can touch, and one more */

struct file;

/* A failure that a handle's READ was answered with. When it was one of reading ahead, the
 * kernel asks for the page that somebody waits for once more, by itself, and that is owed the
 * same errno. */
struct owed {
    uint64_t first, end; /* the kernel has these pages, without content */
    int status;          /* 0: nothing is owed (any more) */
    int64_t until_ns;
};

/* One open(2). */
struct handle {
    struct file *file;
    struct owed owed;
    bool hit;                /* its content had been fetched ahead */
    LIST_ENTRY(handle) link; /* of fs->handles */
    struct window window;
    uint64_t beyond; /* bytes that it reads ahead of its reader and the file does not have: it
                        is read from its beginning, and all of it is at hand or on its way */
    bool sequential; /* counted in pages.sequential */
};

struct open_wait {
    struct waiter waiter;
    int status;       /* in ready */
    int64_t since_ns; /* file_open's */
};

struct read_wait {
    struct waiter waiter;
    struct handle *handle;
    uint64_t offset;
    size_t len;
    int status;       /* in ready: 0 (file_slices has it all) or -errno */
    int64_t since_ns; /* file_read's */
};

/* A handle on the node's content; nothing is fetched yet. NULL on ENOMEM. */
struct handle *handle_new(struct fs *fs, struct node *node);
/* NULL-safe. The last one of a file drops its content and cancels its fetches; with `linger_ms`
 * > 0 only after that time. */
void handle_free(struct handle *handle, int64_t linger_ms);

/* Closes what the kernel has not released, at the end of the session; fetches still wind down
 * after it. */
void files_end(struct fs *fs);

/* True if the first bytes are at hand or on their way from a response that has confirmed the
 * version. */
bool file_at_hand(const struct file *file);
/* True if all of the content is at hand, and the file is open once. */
bool file_whole_for_one(const struct file *file);
/* Starts the first GET, or joins the one under way, and waits for the head of its response.
 * -EINPROGRESS (`wait` is woken), 0 (it is at hand) or -errno at once. */
int file_open(struct file *file, struct open_wait *wait);

/* Content at [offset, offset + len), which must lie inside the file: 0 (file_slices has it
 * all), -errno, or -EINPROGRESS: `wait`, with its ready, handle, offset and len filled in, is
 * woken later, and until then can be taken back with file_read_abandon. Fetches what is
 * missing, and ahead. */
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
/* Takes a waiting read back, which ended from outside with the errno `sys`. EINTR: the fetch
 * goes on, for the next try. Otherwise the range stays failed for the kernel's second ask, and
 * what held the read up is cancelled: others who wait for it have it fetched anew. */
void file_read_abandon(struct read_wait *wait, int sys);

/* Fetches the first `bytes` of a file that nobody has open yet, of a small one all; called
 * again with more, the further ones. They are kept for a while, or until file_drop_ahead. True,
 * also when there is nothing to do; false: no memory may be used for that now. */
bool file_fetch_ahead(struct fs *fs, struct node *node, uint64_t bytes);
/* Drops what was fetched ahead of it, if it was not opened yet. Returns whether there was any.
 */
bool file_drop_ahead(struct node *node);

#endif
