#include "base/secret.h"

#include "base/num.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

extern char **environ;

/* What a piece starts with. */
struct piece {
    size_t mapped; /* bytes, this included */
    _Alignas(max_align_t) char bytes[];
};

static struct piece *piece_of(void *memory)
{
    return CONTAINER_OF(memory, struct piece, bytes);
}

void *secret_alloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole;
    if (add_overflow(sizeof(struct piece), size, &whole) ||
        add_overflow(whole, page - 1, &whole))
        return NULL;
    whole -= whole % page;
    struct piece *piece =
        mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED)
        return NULL;
    if (madvise(piece, whole, MADV_DONTDUMP) < 0) {
        munmap(piece, whole);
        return NULL;
    }
    int saved = errno;
    (void)mlock(piece, whole); /* as far as RLIMIT_MEMLOCK goes */
    errno = saved;
    piece->mapped = whole;
    return piece->bytes;
}

void secret_free(void *memory)
{
    if (!memory)
        return;
    struct piece *piece = piece_of(memory);
    size_t mapped = piece->mapped;
    explicit_bzero(piece, mapped);
    munmap(piece, mapped);
}

char *secret_dup(struct pail_str s)
{
    size_t size;
    if (add_overflow(s.len, 1, &size))
        return NULL;
    char *copy = secret_alloc(size);
    if (copy && s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

int secret_environment(const char *name)
{
    size_t name_len = strlen(name);
    for (char **at = environ; at && *at; at++) {
        if (strncmp(*at, name, name_len) != 0 || (*at)[name_len] != '=')
            continue;
        char *copy = secret_dup(str_c(*at)); /* the environment's from now on */
        if (!copy)
            return -ENOMEM;
        char *value = *at + name_len + 1;
        explicit_bzero(value, strlen(value));
        *at = copy;
    }
    return 0;
}
