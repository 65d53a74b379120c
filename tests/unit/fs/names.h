/* unit/fs/names.h: what suites about names share: a filesystem of the suite's own, `f`, and
 * short words for what they do with it. Included by suites only. */
#ifndef UNIT_FS_NAMES_H
#define UNIT_FS_NAMES_H

#include "unit/fs/fixture.h"

static struct fixture f;

static inline void start_with(int64_t ttl_ms)
{
    fixture_init(&f);
    f.options.metadata_ttl_ms = ttl_ms;
    fixture_start(&f);
}

static inline void start(void)
{
    start_with(FIXTURE_TTL_MS);
}

/* The oldest that waits. */
static inline struct scripted *page_request(void)
{
    return scripted_next(&f.source, SCRIPTED_LIST);
}

static inline struct scripted *lookup_request(void)
{
    return scripted_next(&f.source, SCRIPTED_LOOKUP);
}

static inline size_t pages_asked(void)
{
    return f.source.asked[SCRIPTED_LIST];
}

static inline size_t lookups_asked(void)
{
    return f.source.asked[SCRIPTED_LOOKUP];
}

/* Answers the page. */
static inline void give(const char *entries, const char *next)
{
    scripted_page(page_request(), entries, next);
    settle(&f);
}

/* A whole listing in one page, read and left. */
static inline void list_once(struct node *dir, const char *entries)
{
    struct listing *l = read_start(&f, dir);
    give(entries, NULL);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    listing_reader_gone(l);
}

/* What the name in the root is known to mean, without asking; NULL: nothing, or not known. */
static inline struct node *known(const char *name)
{
    struct node *node;
    return look_known(&f, root_of(&f), name, &node) == 0 ? node : NULL;
}

static inline int known_status(const char *name)
{
    struct node *node;
    return look_known(&f, root_of(&f), name, &node);
}

#endif
