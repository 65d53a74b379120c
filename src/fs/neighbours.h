/* fs/neighbours.h: fetching ahead the files that listings name next, while files are opened in
 * their order (grep -r, cat *, tar, cp -r) or in the opposite one (rg). The order goes down
 * into directories and on into the next ones, as far as their names are known. fs thread only.
 */
#ifndef FS_NEIGHBOURS_H
#define FS_NEIGHBOURS_H

#include "fs/listing.h"
#include "fs/window.h"

/* A program that opens files of one directory in order. Positions are slots of the listing, or
 * counted from its end where the reader goes backwards. */
struct stream {
    LIST_ENTRY(stream) link;
    const struct listing *listing; /* whose positions these are; only compared */
    size_t first, last;            /* the least and the furthest position opened */
    size_t fetched;                /* positions before it were fetched ahead, or passed over */
    size_t begun;                  /* the same of long files, and of their beginnings */
    uint64_t read;                 /* bytes of long files, one after the other, to their ends */
    unsigned streak;               /* opens in order, the first included */
    unsigned back;                 /* opens before `first` since the last one in order */
    unsigned depth;                /* how many files to be ahead */
    unsigned used, wasted;         /* fetched ahead, and opened or not */
    int64_t opened_ns, pace_ns;    /* the last open; from one to the next, about */
    pid_t caller;                  /* who opened last */
    bool guessed;                  /* nothing was opened, only fetched ahead */
    bool beside;                   /* it began because of another's proof */
    bool listed_on;                /* the directories that come next */
    bool backwards; /* as programs go that put names on a stack and take the last */
    bool picks;     /* only files whose names end as the last one's are opened */
};

/* How the files of one directory are opened; all zero at first. */
struct neighbours {
    LIST_HEAD(stream_list, stream) streams; /* the one that opened last comes first */
    bool stays;                             /* directories in it are passed by */
    /* That what was fetched ahead in a directory of it was opened: when last, in which order,
     * and how fast. */
    int64_t proved_ns, proved_pace_ns;
    bool proved_backwards;
    unsigned
        unproved; /* streams begun because of that, since one went on or it was proved anew */
};

#define NEIGHBOURS_STREAMS 8 /* programs at a time in one directory */
#define NEIGHBOURS_SLACK                                                                       \
    16 /* several programs, or threads of one, open a little out of order */
#define NEIGHBOURS_BEHIND                                                                      \
    64 /* what was passed by so far will not be opened: two may go one behind the other */
#define NEIGHBOURS_TURN 2 /* opens back in a row after which the order is the opposite one */
#define NEIGHBOURS_MIN  4 /* files ahead once two opens came in order; doubled with each hit */
#define NEIGHBOURS_MAX                                                                         \
    128 /* the server has enough to do with 64, but one late answer holds up who reads in      \
           order */
#define NEIGHBOURS_NEXT                                                                        \
    16 /* files ahead of the first in a directory, while others beside it are opened in order: \
          another thread or program of the same walk */
#define NEIGHBOURS_NEXT_MS 1000 /* so long after the last of those */
#define NEIGHBOURS_LOOK    256  /* slots to look at for them */
#define NEIGHBOURS_LISTED                                                                      \
    3 /* directories listed ahead of a reader that goes backwards; rg has several threads */
#define NEIGHBOURS_MS                                                                          \
    2000 /* no further ahead than a reader comes in that time, or half a metadata_ttl */
#define NEIGHBOURS_WASTE 8 /* more than were used and it ends */

/* A file was opened by the thread `caller`; `hit`: its content had been fetched ahead. Fetches
 * on, or takes a wrong guess back. Returns how many bytes of long files before it were read in
 * sequence. */
uint64_t neighbours_opened(struct fs *fs, struct node *node, bool hit, pid_t caller);
/* A reader is near the end of the file: it would be read `beyond` bytes further ahead if it
 * were longer. So far the files that come next are fetched ahead, long ones too, if the reader
 * will be there soon. */
void neighbours_read(struct fs *fs, struct node *node, const struct window *window,
                     uint64_t beyond);
/* The file was closed, of which that was read: who left a long one before its end will not read
 * the next as if they were one file. */
void neighbours_closed(struct node *node, const struct window *window);
/* Forgets who opens what. */
void neighbours_done(struct neighbours *neighbours);

#endif
