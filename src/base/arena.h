/* base/arena.h: memory released all at once: what one parsed response is made of. One thread at
 * a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/cleanup.h"
#include "base/str.h"

struct arena;

/* `max` bounds the bytes handed out in total, against hostile input. NULL on ENOMEM. */
struct arena *arena_new(size_t max);
/* The same for what holds keys: its memory is of base/secret.h. */
struct arena *arena_new_secret(size_t max);
void arena_free(struct arena *arena);

/* Zeroed memory, aligned for any type, valid until arena_free. NULL on ENOMEM or past the
 * limit. */
void *arena_alloc(struct arena *arena, size_t size);
/* `count` elements of `size`, zeroed; NULL also on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL after it; {NULL, 0} on failure. An absent str stays absent. */
struct pail_str arena_str(struct arena *arena, struct pail_str s);
/* True if something was refused because of the limit, which is not want of memory. */
bool arena_is_full(const struct arena *arena);
/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

DEFINE_CLEANUP(arena, struct arena *, arena_free);

#endif
