/* fs/source_reader.h: a source's requests to files whose bytes are no fixed ones. Part of the
 * seam fs/source.h, whose rules are these requests' too. */
#ifndef FS_SOURCE_READER_H
#define FS_SOURCE_READER_H

#include "fs/source.h"

/* The next bytes of a file that grows or is live. Where a reader stands is the source's; it
 * moves on only with success, so that what failed can be asked for again. */
struct source_more {
    struct source_request request;
    struct source_reader *reader; /* one request at a time */
    /* in done, status 0: */
    struct pail_str data; /* may be absent though there is more to come */
    bool end;             /* nothing follows as yet; never of a live one */
    bool finished;        /* and nothing ever will */
    int64_t mtime_s;      /* of the newest of `data`, 0: not known */
};

/* One payload and the answer to it. */
struct source_exchange {
    struct source_request request;
    struct pail_str path;     /* lent until done */
    struct pail_str payload;  /* lent until done */
    struct pail_str response; /* in done, status 0; may be absent */
};

#endif
