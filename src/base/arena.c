#include "base/arena.h"

#include "base/num.h"
#include "base/secret.h"

#define FIRST_CHUNK 4096u
#define LAST_CHUNK  65536u /* chunks double up to this */

struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

/* The first chunk is the one that is filled; the others are full or hold one large piece. */
struct arena {
    struct chunk *chunks;
    size_t next_size;
    size_t used;
    size_t max;
    bool full;   /* the limit was met */
    bool secret; /* chunks are of base/secret.h */
};

static struct arena *make(size_t max, bool secret)
{
    struct arena *arena = malloc(sizeof(*arena));
    if (!arena)
        return NULL;
    *arena = (struct arena){.next_size = FIRST_CHUNK, .max = max, .secret = secret};
    return arena;
}

struct arena *arena_new(size_t max)
{
    return make(max, false);
}

struct arena *arena_new_secret(size_t max)
{
    return make(max, true);
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->chunks) {
        struct chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        if (arena->secret)
            secret_free(chunk);
        else
            free(chunk);
    }
    free(arena);
}

static struct chunk *chunk_new(const struct arena *arena, size_t size)
{
    size_t total;
    if (add_overflow(sizeof(struct chunk), size, &total))
        return NULL;
    struct chunk *chunk = arena->secret ? secret_alloc(total) : calloc(1, total);
    if (chunk)
        chunk->size = size;
    return chunk;
}

/* A chunk of its own, behind the one that is being filled. */
static void *take_large(struct arena *arena, size_t size)
{
    struct chunk *chunk = chunk_new(arena, size);
    if (!chunk)
        return NULL;
    chunk->used = size;
    if (arena->chunks) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        arena->chunks = chunk;
    }
    return chunk->bytes;
}

static void *take(struct arena *arena, size_t size, size_t align)
{
    struct chunk *chunk = arena->chunks;
    if (chunk) {
        size_t start = (chunk->used + align - 1) & ~(align - 1);
        if (start <= chunk->size && size <= chunk->size - start) {
            chunk->used = start + size;
            return chunk->bytes + start;
        }
    }
    size_t room = arena->next_size - sizeof(struct chunk);
    if (size > room / 4)
        return take_large(arena, size);

    chunk = chunk_new(arena, room);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->used = size;
    arena->chunks = chunk;
    if (arena->next_size < LAST_CHUNK)
        arena->next_size *= 2;
    return chunk->bytes;
}

static void *take_counted(struct arena *arena, size_t size, size_t align)
{
    if (size > arena->max - arena->used) {
        arena->full = true;
        return NULL;
    }
    void *place = take(arena, size, align);
    if (place)
        arena->used += size;
    return place;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return take_counted(arena, size, _Alignof(max_align_t));
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (mul_overflow(count, size, &total))
        total = SIZE_MAX;
    return arena_alloc(arena, total);
}

struct pail_str arena_str(struct arena *arena, struct pail_str s)
{
    size_t size;
    if (!s.ptr || add_overflow(s.len, 1, &size))
        return str_of(NULL, 0);
    char *copy = take_counted(arena, size, 1);
    if (!copy)
        return str_of(NULL, 0);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return str_of(copy, s.len);
}

bool arena_is_full(const struct arena *arena)
{
    return arena->full;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
