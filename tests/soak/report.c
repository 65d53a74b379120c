#include "soak.h"

#include <errno.h>
#include <inttypes.h>
#include <pail/error.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t soak_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void soak_begin(struct soaker *s, const char *op, const char *path)
{
    (void)pthread_mutex_lock(&s->telling);
    s->op = op;
    (void)snprintf(s->path, sizeof(s->path), "%s", path);
    (void)pthread_mutex_unlock(&s->telling);
    atomic_store(&s->began_ms, soak_now_ms());
}

static void note_longest(struct soak_counts *counts, int64_t ms)
{
    int64_t longest = atomic_load(&counts->longest_ms);
    while (ms > longest && !atomic_compare_exchange_weak(&counts->longest_ms, &longest, ms))
        ;
}

long soak_end(struct soaker *s, long result, bool absent)
{
    int sys = errno;
    int64_t ended = soak_now_ms();
    int64_t began = atomic_exchange(&s->began_ms, 0);
    note_longest(&s->soak->counts, ended - began);
    if (result >= 0)
        return result;
    if (absent && sys == ENOENT)
        return -sys;
    atomic_fetch_add(&s->soak->counts.errors, 1);
    (void)printf("{\"event\": \"error\", \"op\": \"%s\", \"path\": \"%s\", \"errno\": \"%s\", "
                 "\"began\": %" PRId64 ", \"ended\": %" PRId64 "}\n",
                 s->op, s->path, pail_errno_name(sys), began, ended);
    return -sys;
}

void soak_wrong(struct soaker *s, const char *what, const char *path, uint64_t offset)
{
    atomic_fetch_add(&s->soak->counts.wrong, 1);
    (void)printf("{\"event\": \"wrong\", \"what\": \"%s\", \"path\": \"%s\", "
                 "\"offset\": %" PRIu64 "}\n",
                 what, path, offset);
}

void soak_look(struct soak *soak)
{
    int64_t now = soak_now_ms();
    for (unsigned i = 0; i < soak->count; i++) {
        struct soaker *s = &soak->soakers[i];
        int64_t began = atomic_load(&s->began_ms);
        bool stuck = began > 0 && now - began > soak->stuck_ms;
        if (stuck && !s->told) {
            (void)pthread_mutex_lock(&s->telling);
            (void)printf("{\"event\": \"stuck\", \"op\": \"%s\", \"path\": \"%s\", "
                         "\"age\": %" PRId64 "}\n",
                         s->op, s->path, now - began);
            (void)pthread_mutex_unlock(&s->telling);
            atomic_fetch_add(&soak->counts.stuck, 1);
        }
        s->told = stuck;
    }
}

void soak_tell_counts(struct soak *soak, const char *event)
{
    static const char *const kinds[] = {"whole", "run", "random", "walk", "missing"};
    const struct soak_counts *c = &soak->counts;
    (void)printf("{\"event\": \"%s\", \"at\": %" PRId64 ", \"opens\": %" PRIu64
                 ", \"reads\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"names\": %" PRIu64
                 ", \"missing_names\": %" PRIu64,
                 event, soak_now_ms(), c->opens, c->reads, c->bytes, c->names, c->missing);
    for (size_t i = 0; i < SOAK_KINDS; i++)
        (void)printf(", \"%s\": %" PRIu64, kinds[i], c->rounds[i]);
    (void)printf(", \"errors\": %" PRIu64 ", \"wrong\": %" PRIu64 ", \"stuck\": %" PRIu64
                 ", \"longest_ms\": %" PRId64 "}\n",
                 c->errors, c->wrong, c->stuck, c->longest_ms);
    (void)fflush(stdout);
}
