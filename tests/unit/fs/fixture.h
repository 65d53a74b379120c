/* unit/fs/fixture.h: a filesystem over the scripted source, with a clock that the test moves,
 * and what the kernel would do to it: looking names up, reading directories and files. */
#ifndef UNIT_FS_FIXTURE_H
#define UNIT_FS_FIXTURE_H

#include "fs/file_internal.h"
#include "fs/tree.h"
#include "unit/check.h"
#include "unit/fs/scripted_source.h"

#include "base/clock.h"
#include "base/timer.h"

struct fixture {
    struct fs fs;
    struct fs_options options; /* set before fixture_start */
    struct mailbox *mailbox;
    struct scripted_source source;
    struct clock clock;
    int64_t now_ns;
};

#define FIXTURE_TTL_MS      5000
#define FIXTURE_NEGATIVE_MS 1000
#define FIXTURE_REALTIME    1600000000
#define FIXTURE_DATE        "2020-09-13T12:26:40Z" /* the same */

/* Defaults as a mount has them; change f->options, then start. */
void fixture_init(struct fixture *f);
void fixture_start(struct fixture *f);
/* Ends the filesystem; fails the test if requests, results or pages are left. */
void fixture_done(struct fixture *f);

/* Delivers the mailbox once and runs what timers are due. */
void step(struct fixture *f);
/* Steps until nothing happens any more. */
void settle(struct fixture *f);
/* Moves the clock, then settles. */
void advance(struct fixture *f, int64_t ms);

/* ---- names ---- */

/* One lookup by the kernel, which holds the node that it got. */
struct look {
    struct name_wait wait;
    struct fixture *f;
    bool over;
    int status;
    struct node *node;
    bool superseded; /* the node was, already then */
};
/* Starts it; it may be over at once. */
void look_start(struct fixture *f, struct look *look, struct node *dir, const char *name);
/* The whole of it: `entry` is what the source finds if it is asked, NULL: nothing. The node is
 * held as by the kernel. */
struct node *look_up(struct fixture *f, struct node *dir, const char *name, const char *entry);
/* The status of a lookup that must be over at once; what it finds is not held. */
int look_known(struct fixture *f, struct node *dir, const char *name, struct node **ret);
/* The node, which must be there. */
struct node *known_child(struct fixture *f, struct node *dir, const char *name);
/* The kernel forgets it. */
void forget(struct fixture *f, struct node *node);
struct node *root_of(struct fixture *f);

/* One directory handle: the listing, with the test as reader. */
struct listing *read_start(struct fixture *f, struct node *dir);
/* The names of a listing, "a b/ c", superseded ones in brackets. In a static buffer. */
const char *names_of(const struct listing *l);

/* ---- files ---- */

/* One open(2) as fs/ops_file.c does it when the content is not at hand. */
struct opening {
    struct open_wait wait;
    struct fixture *f;
    struct handle *handle; /* freed when it fails */
    bool over;
    int status;
};
void open_start(struct fixture *f, struct opening *o, struct node *node);
/* One that waits for nothing: as of content at hand. */
struct handle *open_now(struct fixture *f, struct node *node);

/* One read(2). When it has its data, it is compared with what the version holds, and
 * delivered. */
struct reading {
    struct read_wait wait;
    struct fixture *f;
    bool over;
    int status;
    struct reading *then; /* started from inside ready, when this one is over */
};
void reading_start(struct fixture *f, struct reading *r, struct handle *handle, uint64_t offset,
                   size_t len);
/* A file's node as a lookup gives it, held as by the kernel. */
struct node *file_node(struct fixture *f, const char *name, const char *etag, uint64_t size);

/* What user.pail.error says of it, after its date; fails the test if nothing failed. */
const char *failure_of(const struct node *node);

/* The oldest read that the source has not answered; how many there were. */
struct scripted *read_request(struct fixture *f);
size_t reads_asked(const struct fixture *f);
void check_request(const struct scripted *s, uint64_t offset, uint64_t len);
/* Answers reads of the source until no more are asked for. */
void answer_reads(struct fixture *f);
/* A handle on a file whose first response is all there. */
struct handle *open_whole(struct fixture *f, struct node *node);
/* Reads and expects the data, answering what is asked. */
void read_now(struct fixture *f, struct handle *handle, uint64_t offset, size_t len);
/* fixture_done of a test that closed all its files: nothing of them may be left. */
void files_done(struct fixture *f);

/* Heap bytes in use by file contents must never be above this. */
void check_memory(const struct fixture *f);

#endif
