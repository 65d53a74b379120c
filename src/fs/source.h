/* fs/source.h: what a mount can hold. A seam: S3, and later log streams, shards and functions,
 * each implement it.
 *
 * Requests are structs of the caller, lent to the source from the call until `done`. Every call
 * returns at once; done comes on the fs thread (by the mailbox handed to the source's
 * constructor), exactly once, never from inside the call; a cancelled request is done too, with
 * -ECANCELED. The structs hold everything a completion needs, so starting is the only thing
 * that can fail for memory: then done brings -ENOMEM. All paths are bytes from the mount's
 * root, without a leading or trailing '/', "" for the root; a request's is the source's to cut
 * until done. fs thread only. */
#ifndef FS_SOURCE_H
#define FS_SOURCE_H

#include "base/buf.h"
#include "base/mailbox.h"
#include "fs/source_entry.h"

#include <pail/error.h>

struct source;
struct source_request;
typedef void source_done(struct source_request *request);

/* The head of every request. The caller fills in `done`; the source the rest. */
struct source_request {
    struct message message; /* the source's */
    source_done *done;
    int status;              /* in done: 0 or -errno */
    struct pail_error error; /* in done: of a failure; all zero otherwise */
    uint64_t first, last;    /* in done: of a failure, the bytes asked for in the request that
                                failed; last < first: none */
    int64_t as_of_ns;     /* in done: when the source learned what it says, if that was before
                             it was asked; else 0 */
    void *state;          /* the source's while the request is under way */
    struct source *owner; /* a joined source's: which of its sources has the request */
    struct source_request *next, *prev; /* the caller's: a list of what is under way */
    int64_t started_ns;                 /* the caller's: when it was handed to the source */
};

/* What has a name? */
struct source_lookup {
    struct source_request request;
    struct pail_str path;      /* lent until done */
    struct source_entry entry; /* in done, status 0; -ENOENT: no such name */
    struct source_names names; /* in done, of a directory, where they cost nothing more; all
                                  zero before */
};

/* One page of a directory's names, in bytewise order of the key (a directory counts with its
 * '/'). Of a flat listing directories are only those that have a key of their own ("a/b/") or
 * an unreachable key below them, the latter once a page. */
struct source_list {
    struct source_request request;
    struct pail_str path; /* of the directory; lent until done */
    bool flat;            /* all files below, at any depth, instead of one level. -ENOTSUP: not
                           * of this directory (the root of all buckets) */
    struct pail_str cursor; /* absent: from the start; else what an earlier page of the same
                               listing gave as `next`; lent until done */
    struct pail_str start_after; /* first page: only names (flat: paths) after this one, a
                                    directory's with its '/'; absent: all; lent until done */
    /* in done, status 0: */
    const struct source_entry *entries;
    size_t count;
    struct pail_str next;                /* absent: this was the last page */
    size_t unreachable;                  /* keys of the page that no path can name, left out */
    struct pail_str unreachable_example; /* one of them, whole key */
    size_t taken;                        /* names left out because another has their path */
    struct pail_str taken_example;       /* one of them, whole */
};

/* Bytes of one version of a file, into posted stretches of memory, in order. */
struct source_stretch {
    struct message message; /* the source's */
    char *data;
    size_t size; /* > 0 */
    struct source_read *read;
};
struct source_read {
    struct source_request
        request; /* done comes after the last stretch's filled; its status is the read's */
    struct pail_str path, etag; /* lent until done */
    uint64_t size;              /* of the whole file */
    uint64_t offset; /* of the first stretch; the stretches together end at or before `size` */
    struct source_stretch *stretches;
    size_t count;
    int64_t timeout_ms; /* the longest it may go without a byte, whatever it tries meanwhile */
    /* The version was confirmed by the response's head: bytes will follow. fs thread, at most
     * once, before any filled. */
    void (*opened)(struct source_read *read);
    /* stretches[index] is full: it belongs to the fs thread again. In order. Those not reported
     * when done comes hold nothing. */
    void (*filled)(struct source_read *read, size_t index);
    struct message opened_message; /* the source's */
};

/* Extended attributes of a file, as names under "user." and values. */
struct source_attribute {
    struct pail_str name; /* "user.s3.etag" */
    struct pail_str value;
};
struct source_attributes {
    struct source_request request;
    struct pail_str path, etag; /* lent until done; of that version only, else -ESTALE */
    const struct source_attribute *items; /* in done, status 0 */
    size_t count;
};

/* Of files whose bytes are no fixed ones: fs/source_reader.h. */
struct source_reader;
struct source_more;
struct source_exchange;

struct source_ops {
    void (*lookup)(struct source *source, struct source_lookup *lookup);
    void (*list)(struct source *source, struct source_list *list);
    /* True if a page of the directory's names costs one request, wherever it starts, and
     * several may be asked for at once. NULL: never. */
    bool (*pages)(struct source *source, struct pail_str path);
    void (*read)(struct source *source, struct source_read *read);
    /* NULL: files have none. */
    void (*attributes)(struct source *source, struct source_attributes *attributes);
    /* A reader at the beginning of such a file, of a live one at what comes from now on: 0 with
     * *ret or -errno at once. NULL, with the two that follow: the source has no such files. */
    int (*reader_open)(struct source *source, struct pail_str path, struct pail_str etag,
                       struct source_reader **ret);
    void (*more)(struct source *source, struct source_more *more);
    /* No request of the reader may be under way. */
    void (*reader_close)(struct source *source, struct source_reader *reader);
    /* NULL: the source has no such files. */
    void (*exchange)(struct source *source, struct source_exchange *exchange);
    /* Before done: ends a request early; done comes soon, with -ECANCELED unless it was already
     * on its way. */
    void (*cancel)(struct source *source, struct source_request *request);
    /* Releases what a done request's results live in. After done, once, for every request whose
     * results are no longer needed. */
    void (*release)(struct source *source, struct source_request *request);
    /* Appends the file's URI for people, "s3://bucket/key". */
    void (*uri)(struct source *source, struct pail_str path, struct buf *b);
    /* Appends counters, "name value\n" each. */
    void (*stats)(struct source *source, struct buf *b);
    /* No request may be under way. May deliver the mailbox, while what was cancelled still
     * ends. */
    void (*free)(struct source *source);
};

struct source {
    const struct source_ops *ops;
};

#endif
