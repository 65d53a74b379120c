/* cli/pail_listing.h: a listing, page by page, a line for each item. Main thread. */
#ifndef CLI_PAIL_LISTING_H
#define CLI_PAIL_LISTING_H

#include "cli/pail_output.h"
#include "services/list_pages.h"

struct pail_listing {
    const char *subject; /* what a failure is about */
    const struct list_form *form;
    void *in;  /* its input, of the first page */
    void *out; /* its output, all zero */
    /* Has the input ask for the next page, which `out` says begins at `token`. */
    void (*turn)(void *in, const void *out, struct pail_str token);
    const char *member; /* of the output: the list */
    bool json;          /* its items as JSON; else as `add` does it */
    void (*add)(struct buf *b, const void *item, const void *settings);
};

/* The exit status. */
int pail_list(struct pail_run *run, struct pail_listing *listing);

/* Appends a column: the second of `time`, or "-" where it is absent; and a space. */
void pail_add_second(struct buf *b, struct pail_time time);
/* The same of milliseconds since 1970. */
void pail_add_second_of(struct buf *b, struct pail_int ms);
/* Appends a column: a number of bytes, or "-"; and a space. */
void pail_add_bytes(struct buf *b, struct pail_int bytes);

#endif
