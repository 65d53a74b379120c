/* services/list_pages.h: whether an answer is a page of a listing, and where the next one
 * begins: for every operation that lists what there is. Pure. One thread at a time.
 *
 * An answer without its list is none, though it says 200: only an empty list is empty. A
 * service that always names another page would never end. */
#ifndef SERVICES_LIST_PAGES_H
#define SERVICES_LIST_PAGES_H

#include "base/cleanup.h"

#include <pail/model.h>

/* Pages in a row that have nothing on them. S3 passes over deleted keys a page at a time. */
#define LIST_EMPTY_PAGES_MAX 1000

struct list_page {
    bool listed; /* the list is there */
    size_t count;
    bool more;
    struct pail_str next; /* where */
};

struct list_form {
    const struct pail_operation *operation;
    const char *refusal; /* in words: it is no page */
    struct list_page (*read)(const void *out);
};

extern const struct list_form list_of_buckets, list_of_objects, list_of_log_groups,
    list_of_log_streams, list_of_streams, list_of_shards, list_of_functions;

/* Looks at an answer to a request with the token `sent` (absent: none). 1: there are more, from
 * *ret_next on, which is borrowed from `out`; 0; -EPROTO with *ret_reason in static words: it
 * is no page, or more follow but it does not say where, or says where it has just been, or
 * LIST_EMPTY_PAGES_MAX in a row had nothing, counted in *empty (NULL: by the caller). */
int list_page_next(const struct list_form *form, const void *out, struct pail_str sent,
                   unsigned *empty, struct pail_str *ret_next, const char **ret_reason);

/* All zero at first. */
struct list_pages {
    char *token;    /* to send; NULL: none */
    unsigned empty; /* pages in a row, up to the last */
};

/* Takes the answer to a request with the token. 1: there are more, and the token is the next;
 * 0: there is no token; -EPROTO as above, or with LIST_EMPTY_PAGES_MAX of them empty; -ENOMEM.
 */
int list_pages_take(struct list_pages *pages, const struct list_form *form, const void *out,
                    const char **ret_reason);
/* Forgets where it was: another listing may begin. */
void list_pages_done(struct list_pages *pages);
DEFINE_CLEANUP_DONE(list_pages, struct list_pages, list_pages_done);

#endif
