/* cli/pail_keys.h: the keys of a bucket that start with a prefix, page by page. Main thread. */
#ifndef CLI_PAIL_KEYS_H
#define CLI_PAIL_KEYS_H

#include "cli/pail_output.h"
#include "services/list_pages.h"

#include <pail/s3.h>

struct pail_keys {
    struct pail_s3_list_objects_v2_input in; /* what is asked: the caller may add to it */
    struct list_pages pages;                 /* where the next page begins */
    bool more;                               /* there is a next page */
};

/* Before the first page. `bucket` and `prefix` are borrowed until pail_keys_done. */
void pail_keys_init(struct pail_keys *keys, struct pail_str bucket, struct pail_str prefix);
void pail_keys_done(struct pail_keys *keys);

/* Fetches the next page into *page, which is all zero and the caller's to free in either case.
 * EXIT_OK; or the exit status, with run->line filled. */
int pail_keys_next(struct pail_run *run, struct pail_keys *keys,
                   struct pail_s3_list_objects_v2_output *page);

#endif
