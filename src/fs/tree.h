/* fs/tree.h: names: what a name in a directory means now, from listings, from names asked one
 * by one, or by asking. fs thread only.
 *
 * Where knowledge of a directory lives: `listing` (the newest that has something), `next` (one
 * being made; wins where it has got to), `known` (names that were looked up by themselves: a
 * node, or absence until a time; wins over both). A new listing takes over the nodes of
 * unchanged versions, so inodes are stable. */
#ifndef FS_TREE_H
#define FS_TREE_H

#include "fs/listing.h"
#include "fs/neighbours.h"
#include "fs/sweep_back.h"

struct known;  /* uthash: one looked-up name */
struct asking; /* uthash: one name being asked for at the source */
struct confirming;

struct directory {
    struct listing *listing, *next;
    struct neighbours neighbours;
    struct node *dir;             /* whose it is */
    TAILQ_ENTRY(directory) ahead; /* of tree->ahead */
    TAILQ_ENTRY(directory) first; /* of tree->first */
    size_t first_cost;            /* of the names that its lookup brought, 0: it is not there */
    int64_t ahead_ns;             /* since then; INT64_MIN: it may go; 0: it is not there */
    int64_t walked_ns;            /* when it was last read, or a directory below it */
    int64_t left_ns;              /* when somebody last read it to its end */
    unsigned walked;              /* directories below it that were read in the walk since */
    bool one_level;               /* the source cannot list it flat */
    struct steps_back back;       /* how those below it are read */
    struct known *known;
    struct asking *asking;
    int64_t absent_ns;             /* when a name that is not there was last asked for */
    struct confirming *confirming; /* expired names asked for in order; NULL: none yet */
};

struct tree {
    struct node *root;
    LIST_HEAD(node_list, node) held; /* by the kernel, which at an unmount forgets none */
    /* What was listed ahead of the kernel, which does not hold these directories and so will
     * not forget them: dropped when it is too old. In order of time. */
    TAILQ_HEAD(directory_list, directory) ahead;
    struct timer ahead_timer;
    /* Directories of which nobody has read the names that their lookups brought, oldest first;
     * how many names in all, and some for each directory. */
    TAILQ_HEAD(first_list, directory) first;
    size_t first_cost;
    /* Names known by themselves that nobody holds, oldest first. */
    TAILQ_HEAD(known_list, known) idle;
    size_t idle_count;
    struct fs *fs;
    uint64_t next_ino;
    uint64_t node_count;
};

/* 0 or -ENOMEM. */
int tree_init(struct fs *fs);
void tree_done(struct fs *fs);

/* A lookup that waits. */
struct name_wait {
    struct waiter waiter;
    int status;        /* in ready: 0, -ENOENT, or another -errno */
    struct node *node; /* in ready, status 0: borrowed until ready returns */
};

/* What `name` in `dir` means. 0 with *ret (borrowed) or -errno at once, or -EINPROGRESS: `wait`
 * (its ready filled in) is woken later, and until then can be taken back with wait_stop. */
int tree_lookup(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait,
                struct node **ret);

/* The source says what the name meant at `asked_ns`; `entry` NULL: nothing. What is known of a
 * later time counts for more. 0 with *ret (one reference), -ENOENT or -ENOMEM.
 * What is known of `dir` was made before. */
int tree_told(struct fs *fs, struct node *dir, struct pail_str name,
              const struct source_entry *entry, int64_t asked_ns, struct node **ret);

/* A listing of `dir` for a new reader: one that is fresh enough, or a new one. Counted
 * reference, NULL on ENOMEM. */
struct listing *tree_list(struct fs *fs, struct node *dir);

/* True if new readers may still take it. */
bool tree_listing_fresh(const struct fs *fs, const struct listing *listing);
/* Lists a directory that nobody reads yet, unless that is done: its first page. */
void tree_list_ahead(struct fs *fs, struct node *dir);
/* The same for the names that are not there, of which some are asked for one after the other
 * (.git, .ignore, .gitignore), unless that is of no use. */
void tree_list_for_absent(struct fs *fs, struct node *dir);
/* The listing of `dir` that is being made, NULL if none is or it is too old. Borrowed. */
struct listing *tree_listing_to_come(struct fs *fs, struct node *dir);
/* True if there is a listing fresh enough for new readers. */
bool tree_has_listing(struct fs *fs, struct node *dir);
/* `listing` is the one being made from now on. 0 or -ENOMEM. */
int tree_set_listing(struct fs *fs, struct node *dir, struct listing *listing);
/* The directory that the name last stood for, however old that is; NULL if none. Borrowed. */
struct node *tree_child_directory(const struct node *dir, struct pail_str name);

/* A page arrived: makes nodes of its entries, appended to the listing. 0, -ENOMEM, -EPROTO (not
 * in order). */
int tree_merge_page(struct fs *fs, struct listing *listing, const struct source_entry *entries,
                    size_t count);
/* The listing has all its pages. */
void tree_listing_complete(struct fs *fs, struct listing *listing);
/* It failed: nobody else may take it for the directory's names. */
void tree_listing_failed(struct fs *fs, struct listing *listing);

/* The version is known to be gone or replaced: the name is asked again at its next use. */
void tree_distrust(struct fs *fs, struct node *node);

/* Lets go of all that is known of a directory's names. */
void tree_clear_directory(struct fs *fs, struct node *dir);

/* The kernel has forgotten the node: a name that was only known by lookup goes, when it is too
 * old or there are too many of such. */
void tree_forget_known(struct fs *fs, struct node *node);

/* For how many milliseconds a name that tree_lookup just found absent may be kept by the
 * kernel; -1: for ever. */
int64_t tree_absent_ms(const struct fs *fs, const struct node *dir, struct pail_str name);

/* ---- fs/tree_ahead.c ---- */

void tree_ahead_init(struct fs *fs);
void tree_ahead_done(struct fs *fs);
/* The directory was listed though the kernel does not hold it: that goes when it is too old. */
void tree_keep_ahead(struct fs *fs, struct directory *directory);
/* The kernel holds the directory: it will say when what is known of its names can go. */
void tree_held(struct fs *fs, struct node *dir);
/* The lookup of a directory has brought its first names: bounds how many of such are kept. */
void tree_keep_first(struct fs *fs, struct directory *directory, const struct listing *listing);
/* They have been read, or are let go. */
void tree_first_over(struct fs *fs, struct directory *directory);
/* The listing goes, and soon what was listed ahead below it. */
void tree_drop_below(struct fs *fs, const struct listing *listing);

#define FIRST_NAMES_MAX 32768 /* names of directories that were looked up and not read */
#define FIRST_LISTING   8     /* a directory costs as much as so many names */

#endif
