/* fs/s3_source_internal.h: what the files of the S3 source share.
 *
 * A request of the filesystem is a state on the heap with one or two calls in it. A call
 * belongs to the net thread from its start until its message is delivered: there the result is
 * converted; everything is decided, finished and freed on the fs thread. Nothing is shared, so
 * nothing is locked. */
#ifndef FS_S3_SOURCE_INTERNAL_H
#define FS_S3_SOURCE_INTERNAL_H

#include "base/num.h"
#include "fs/s3_page.h"
#include "fs/s3_source.h"

#include <pail/s3.h>

#define S3_KEY_MAX    1024 /* bytes of a key */
#define S3_BUCKET_MIN 3
#define S3_BUCKET_MAX 255

struct s3_source {
    struct source source;
    struct pail_client *client;
    struct mailbox *mailbox;
    struct pail_str bucket; /* absent: all buckets */
    struct pail_str prefix; /* "" or ends in '/' */
    int64_t metadata_timeout_ms;
    size_t running; /* calls under way, also of requests already done */
    uint64_t lookups, lists, reads, attributes;
    char text[]; /* bucket and prefix */
};

struct s3_state;

/* One call of libpail within a request. */
struct s3_call {
    struct message message;
    struct s3_state *state;
    const struct pail_operation *operation;
    void *out; /* the operation's output, all zero before */
    /* Net thread, after success, before the message is posted: turns the output into results; a
     * failure is recorded by s3_call_fail. NULL: nothing to do. */
    void (*convert)(struct s3_call *call);
    /* fs thread: the call is over. */
    void (*ended)(struct s3_call *call);
    int status;
    struct pail_error error;
    struct pail_call *call; /* fs thread: the reference, while it runs */
    bool running; /* fs thread: its message is not delivered yet, or is just being delivered */
    bool over;    /* fs thread: status and error are known */
};

/* The head of every request's state. fs thread. */
struct s3_state {
    struct s3_source *source;
    struct source_request *request; /* NULL: done was called */
    struct s3_call *calls[2];
    void (*free)(struct s3_state *state); /* releases what is the type's own, and itself */
    bool cancelled, released;
};

/* Where a path of the mount is in S3. */
struct s3_place {
    struct pail_str bucket; /* of the source or the path; absent: the root of all buckets */
    size_t key_len;
    char key[S3_KEY_MAX + 1]; /* not terminated; room for the '/' of a directory */
};

static inline struct s3_source *s3_source_of(struct source *source)
{
    return CONTAINER_OF(source, struct s3_source, source);
}
static inline struct pail_str s3_place_key(const struct s3_place *place)
{
    return str_of(place->key, place->key_len);
}

/* 0; -ENOENT: no bucket can have that name; -ENAMETOOLONG: the key is longer than any. */
int s3_place_of(const struct s3_source *source, struct pail_str path, struct s3_place *ret);
/* The same of what must be a key; also -EISDIR. */
int s3_place_of_file(const struct s3_source *source, struct pail_str path,
                     struct s3_place *ret);
/* What their failures mean, in static words. */
const char *s3_place_words(int status);
/* Makes the key the prefix of what is below it: a '/' at the end unless it is empty. 0 or
 * -ENAMETOOLONG. */
int s3_place_below(struct s3_place *place);

/* True for the names that buckets may have today: lower case, digits, '.', '-', at most 63. */
bool s3_bucket_by_the_book(struct pail_str name);

/* An entry's etag as the If-Match of a request: absent when there is none. */
struct pail_str s3_if_match(struct pail_str etag);
/* True if a response's ETag is the wanted one, or none is wanted. */
bool s3_same_etag(struct pail_str wanted, struct pail_str got);

/* Ends `request` by a posted message with -errno `status` and `words`: for what fails before a
 * state exists. */
void s3_refuse(struct s3_source *source, struct source_request *request, int status,
               const char *words);

/* Puts a new state under the request. */
void s3_state_init(struct s3_state *state, struct s3_source *source,
                   struct source_request *request, void (*release)(struct s3_state *state));
/* Describes a call of the state. */
void s3_call_init(struct s3_state *state, struct s3_call *call,
                  const struct pail_operation *operation, void *out,
                  void (*convert)(struct s3_call *call), void (*ended)(struct s3_call *call));
/* Starts a described call through `done` (usually s3_call_done) with the call as its user. If
 * it cannot start, the message is posted with that failure. */
void s3_call_start(struct s3_call *call, const void *in,
                   const struct pail_call_options *options, pail_done *done);
/* Keeps the result, converts, posts the message. Net thread; `user` is the s3_call. */
pail_done s3_call_done;
/* Makes the record of a failure that the library did not see; `response` (NULL: none) and
 * `words` explain it. Returns -sys. Any thread. */
int s3_call_error(struct pail_error *error, const struct pail_operation *operation,
                  const struct pail_response *response, int kind, int sys, const char *words);
/* The same as the call's result. The output is read for its response. Net thread. */
void s3_call_fail(struct s3_call *call, int kind, int sys, const char *words);
/* The call's status, where one version was asked for: 412 and 416 are -ESTALE, whatever the
 * library makes of them. fs thread. */
int s3_version_status(const struct s3_call *call);
/* Calls the request's done; what still runs is cancelled. Once, and only from within an
 * `ended`, which keeps the state. `error` (NULL: none) is that of a failed call. */
void s3_finish(struct s3_state *state, int status, const struct pail_error *error);

/* The operations. */
void s3_cancel(struct source *source, struct source_request *request);
void s3_release(struct source *source, struct source_request *request);
void s3_lookup(struct source *source, struct source_lookup *lookup);
void s3_list(struct source *source, struct source_list *list);
void s3_read(struct source *source, struct source_read *read);
void s3_attributes(struct source *source, struct source_attributes *attributes);

#endif
