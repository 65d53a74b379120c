/* fs/listing_ranges.h: a long directory listed in several ranges of its names at once. S3 tells
 * names only in order, a thousand a request, but begins anywhere: so while the listing goes on
 * from its last name, ranges further on are listed too, each up to where the next one begins.
 * Their pages wait until the listing has come there. Where ranges begin is taken from what the
 * directory held before, else guessed (fs/outlook.h); a wrong guess costs a request, no name.
 *
 * Internal to fs/listing*.c. fs thread only. */
#ifndef FS_LISTING_RANGES_H
#define FS_LISTING_RANGES_H

#include "fs/listing.h"
#include "fs/source.h"

#define RANGES_MAX   6     /* that are listed at a time, the listing's own included */
#define RANGE_PAGES  3     /* of a range, about */
#define RANGES_PROOF 100   /* entries that somebody must have read before there are several */
#define RANGES_GAIN  8     /* entries that may be ahead, for each that was read... */
#define RANGES_AHEAD 16000 /* ...and at most */
#define RANGES_WASTE 2     /* pages in vain, and one for each... */
#define RANGES_WORTH 4     /* ...so many that were not, and no more guesses are made */

/* One request of a listing. */
struct listing_page {
    struct listing *listing; /* counted while it is under way, its directory held */
    bool answered;
    struct range *range; /* that it belongs to; NULL: the listing itself, or nobody any more */
    struct source_list request;
    size_t used; /* entries that come before the next range */
    struct buf path, cursor, start;
    STAILQ_ENTRY(listing_page) link; /* of the range's that wait */
};

/* Asks for a page, from `cursor`, else from after `start`; either may be empty. NULL on ENOMEM.
 */
struct listing_page *listing_ask(struct listing *l, struct pail_str cursor,
                                 struct pail_str start);
/* Releases what the page holds and the page. Its request is over. */
void listing_page_free(struct listing_page *page);
/* Takes the first `count` names of a page. 0 or -errno. */
int listing_take(struct listing *l, const struct listing_page *page, size_t count);

/* How many of the page's entries come before the range after `range` (NULL: after the
 * listing's own); *ret_whole: all names before it have come. */
size_t ranges_before(const struct listing *l, const struct range *range,
                     const struct source_list *page, bool *ret_whole);
/* The listing's own page, before it is taken: what can be learned from it. */
void ranges_learn(struct listing *l, const struct listing_page *page);
/* Begins ranges and asks for their pages, where that pays. The listing runs and is read. */
void ranges_go_on(struct listing *l);
/* A range's page is answered: it waits from now on. */
void ranges_page_done(struct listing_page *page);
/* The listing has come to the first range: takes what that has. 0 or -errno; the listing may be
 * complete now. */
int ranges_adopt(struct listing *l);
/* No ranges any more: the listing is over, or nobody reads it. NULL-safe for a listing without.
 */
void ranges_drop(struct listing *l);

#endif
