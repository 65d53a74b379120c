/* Stands between the project's code and the allocator (the linker's --wrap), so that suites can
 * make it fail. */
#include "unit/check.h"

#include "base/secret.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ALLOCATIONS_MAX 100000

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__real_secret_alloc(size_t size);
char *__real_secret_dup(struct pail_str s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_secret_alloc(size_t size);
char *__wrap_secret_dup(struct pail_str s);

static atomic_long left = -1;

void alloc_fail_after(long count)
{
    atomic_store(&left, count);
}

long alloc_fail_each(int (*run)(void *user), void *user, int expected)
{
    for (long allowed = 0;; allowed++) {
        alloc_fail_after(allowed);
        int r = run(user);
        alloc_fail_after(-1);
        if (r == -ENOMEM && allowed < ALLOCATIONS_MAX)
            continue;
        ck_assert_msg(r == expected, "%d instead of %d after %ld allocations", r, expected,
                      allowed);
        return allowed;
    }
}

static _Thread_local bool spared;

void alloc_spare(bool on)
{
    spared = on;
}

static bool fails(void)
{
    if (spared)
        return false;
    long now = atomic_load(&left);
    while (now > 0) {
        if (atomic_compare_exchange_weak(&left, &now, now - 1))
            return false;
    }
    if (now != 0)
        return false;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

void *__wrap_secret_alloc(size_t size)
{
    return fails() ? NULL : __real_secret_alloc(size);
}

char *__wrap_secret_dup(struct pail_str s)
{
    return fails() ? NULL : __real_secret_dup(s);
}
