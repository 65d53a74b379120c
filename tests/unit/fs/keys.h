/* unit/fs/keys.h: the keys of a bucket as the truth that requests of the scripted source are
 * answered from, and walkers who must find exactly them, whatever order answers come in. */
#ifndef UNIT_FS_KEYS_H
#define UNIT_FS_KEYS_H

#include "unit/fs/fixture.h"

/* Numbers that look random and are the same in every run. */
uint64_t random_next(uint64_t *state);
static inline size_t random_below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(random_next(state) % limit) : 0;
}

struct key {
    char *name;
    unsigned version;
    uint64_t size;
};

/* Names without blanks and colons. */
struct keys {
    struct key *list; /* sorted */
    size_t count, capacity;
    size_t page_size;
};

void keys_init(struct keys *keys, size_t page_size);
void keys_done(struct keys *keys);
/* The same with a fixture, a thousand names to a page as S3 has it, and this metadata_ttl. */
#define KEYS_PAGE 1000
void keys_start(struct keys *keys, struct fixture *f, int64_t ttl_ms);
void keys_stop(struct keys *keys, struct fixture *f);
/* Adds a key of 100 bytes, or gives it another version. */
void keys_put(struct keys *keys, const char *format, ...) __attribute__((format(printf, 2, 3)));
void keys_put_size(struct keys *keys, const char *name, uint64_t size);
void keys_remove(struct keys *keys, const char *name);
/* Answers a request as S3 would. */
void keys_answer(const struct keys *keys, struct scripted *s);

/* Answers the oldest request that waits; false: none does. */
bool keys_answer_next(const struct keys *keys, struct fixture *f);
/* Answers until nothing waits any more. */
void keys_answer_all(const struct keys *keys, struct fixture *f);

/* ---- walkers ---- */

struct found {
    char **list;
    size_t count, capacity;
};
void found_add(struct found *found, const char *path);
void found_done(struct found *found);

/* Reads directories one below another, each whole before those below it, as fts(3) does. */
struct walker {
    struct fixture *f;
    uint64_t *random;   /* NULL: goes down in listing order, else in any */
    bool backwards;     /* in the opposite one */
    size_t stop_after;  /* directories; 0: never */
    bool forgets;       /* the kernel forgets a directory when it has been walked */
    struct found found; /* paths, directories with a '/' */
    size_t directories; /* read to the end */
    bool over;
    int status; /* the first failure of a listing */
    struct waiter waiter;
    struct look look;
    struct step {
        struct node *dir;
        struct listing *listing; /* while it is read */
        size_t slot;             /* read up to here */
        struct node **nodes;     /* held as by the kernel, the walker's order */
        size_t count, next;
        char **names; /* of those whose type was not known */
    } steps[64];
    size_t depth;
};

/* It goes as far as it can at once, then on whenever it is woken or walker_step is called. */
void walker_start(struct walker *w, struct fixture *f, struct node *dir);
void walker_done(struct walker *w);
/* What it found must be what the keys say, below its root. */
void walker_check(struct walker *w, const struct keys *keys);

/* How the source answers. */
struct weather {
    uint64_t *random;      /* in any order; NULL: the oldest first */
    int64_t step_ms;       /* at most, if random, from answer to answer */
    unsigned flat_failing; /* one of so many flat pages fails; 0: none */
    size_t stop_after;     /* so many answers; 0: never */
    size_t poor_at;        /* while that answer is delivered... */
    long poor_after;       /* ...only so many allocations succeed */
};

/* Answers requests, and lets timers fire when nothing else can happen, until all walkers are
 * over. */
void walkers_run(struct walker *const *walkers, size_t count, const struct keys *keys,
                 const struct weather *weather);

#endif
