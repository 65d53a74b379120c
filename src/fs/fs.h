/* fs/fs.h: the filesystem's state, all of it, owned by the fs thread. Nothing here is locked;
 * other threads reach it through the mailbox. */
#ifndef FS_FS_H
#define FS_FS_H

#include "base/mailbox.h"
#include "fs/failures.h"
#include "fs/growings.h"
#include "fs/park.h"
#include "fs/source.h"
#include "fs/sweeps.h"

#include <sys/queue.h>

struct tree;
struct pages;

struct fs_options {
    const char *top; /* where it is mounted, as logs name it; borrowed; NULL: not told */
    uid_t uid;
    gid_t gid;
    mode_t umask;            /* bits taken from 0555 and 0444 */
    bool private;            /* who gets in is uid, or root, whatever modes say */
    int64_t metadata_ttl_ms; /* < 0: indefinite */
    int64_t negative_ttl_ms;
    int64_t operation_timeout_ms; /* of reads and opens */
    int64_t metadata_timeout_ms;  /* of everything else: 20 s, or operation_timeout if that is
                                     shorter */
    uint64_t memory_limit;
    uint64_t part_size;      /* bytes of one GET of a long read */
    unsigned parallel_parts; /* such GETs in flight for one reader; 0: PARALLEL_FIRST, and more
                                where they bring more */
    size_t connections;      /* requests the source can have under way: content that nobody
                                waits for is asked for while at most half of them are */
};

struct fs_stats {
    /* Asked by the kernel; of them, answered at once from what was known or at hand. */
    uint64_t lookups, lookups_answered;
    uint64_t opens, opens_answered;
    uint64_t reads, reads_answered, read_bytes;
    uint64_t stored_bytes;   /* handed to the kernel before it asked, with the open */
    uint64_t gathered_bytes; /* of read_bytes: in too many pages for one answer, so copied */
    uint64_t readdirs, readdirs_answered;
    uint64_t xattrs, xattrs_answered;
    uint64_t fetches, fetched_bytes;
    uint64_t ahead, ahead_hits;        /* files fetched ahead; of them, opened then */
    uint64_t failures[FAILURE_ERRNOS]; /* answers by errno */
    uint64_t interrupted;
};

struct session;
struct fuse_session;

/* Blocks that operations use again (fs/ops_internal.h). */
struct op_pool {
    struct op *first;
    size_t count;
    uint64_t made; /* by malloc, so far */
};

struct fs {
    struct fs_options options;
    const struct clock *clock;
    struct timers timers;
    struct mailbox *mailbox;
    struct parking parking;
    struct source *source;
    struct source_request *under_way; /* started and not done */
    struct tree *tree;                /* names and versions (fs/tree.h) */
    size_t parts_running;             /* GETs of content under way */
    unsigned parallel_parts;          /* of one reader: as were worth it... */
    int64_t parallel_ns;              /* ...then */
    uint64_t ahead_bytes;             /* of files fetched before they were opened */
    TAILQ_HEAD(file_list, file)
    files; /* with open handles or content, least recently read first */
    LIST_HEAD(handle_list, handle) handles; /* open files */
    LIST_HEAD(channel_list, channel)
    channels; /* fs/ops_channel.c's, open files of other kinds */
    struct growings growings;
    LIST_HEAD(dir_handle_list, dir_handle) dir_handles; /* fs/ops_dir.c's, open directories */
    struct sweeps sweeps;
    struct op_pool read_ops;
    struct pages *pages; /* memory for file contents (fs/pages.h) */
    struct fs_stats stats;
    struct failures failures;
    struct session *session;   /* fs/mount.c's, while mounted */
    struct fuse_session *fuse; /* libfuse's, while mounted */
    int64_t started_s;         /* realtime: mtime of directories */
};

/* Keeps count of requests to the source, so that fs_done can end them: call the first just
 * before a request is handed to the source, the second in its done. */
void fs_request_begin(struct fs *fs, struct source_request *request);
void fs_request_end(struct fs *fs, struct source_request *request);

/* True if the source lists the directory by pages, a request each (source_ops.pages). */
bool fs_has_pages(const struct fs *fs, struct pail_str path);

/* Makes the state for a mount; `source` is not taken over and must outlive it. 0 or -errno. */
int fs_init(struct fs *fs, const struct fs_options *options, struct source *source,
            struct mailbox *mailbox, const struct clock *clock);
/* Ends every wait with EIO, cancels what the source still does and delivers the mailbox until
 * it is done, releases all: also what the kernel still holds, and its open files. */
void fs_done(struct fs *fs);

#endif
