/* base/cleanup.h: ownership by scope. A local declared with CLEANUP(x) is released by x_free
 * when its scope ends; STEAL takes the ownership out of it. CLEANUP_DONE(x) is for embedded
 * values, released by x_done. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>

/* Defines the function that CLEANUP(name) calls: release(pointer) on a local that is not NULL.
 */
#define DEFINE_CLEANUP(name, type, release)                                                    \
    __attribute__((unused)) static inline void name##_cleanup_(type *local_)                   \
    {                                                                                          \
        if (*local_)                                                                           \
            release(*local_);                                                                  \
    }                                                                                          \
    struct cleanup_needs_a_semicolon_

#define DEFINE_CLEANUP_DONE(name, type, release)                                               \
    __attribute__((unused)) static inline void name##_cleanup_done_(type *local_)              \
    {                                                                                          \
        release(local_);                                                                       \
    }                                                                                          \
    struct cleanup_needs_a_semicolon_

#define CLEANUP(name)      __attribute__((cleanup(name##_cleanup_)))
#define CLEANUP_DONE(name) __attribute__((cleanup(name##_cleanup_done_)))

/* The pointer's value; the variable is left NULL. */
#define STEAL(pointer)                                                                         \
    __extension__({                                                                            \
        __typeof__(pointer) stolen_ = (pointer);                                               \
        (pointer) = NULL;                                                                      \
        stolen_;                                                                               \
    })

/* For locals of any pointer type that free() releases. */
__attribute__((unused)) static inline void heap_cleanup_(void *local_)
{
    free(*(void **)local_);
}

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of `type` that holds `member` at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                    \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
