#include "base/secret.h"

#include "base/arena.h"
#include "base/buf.h"
#include "peer/memory.h"
#include "unit/check.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static bool undumped(const void *address)
{
    return memory_undumped(getpid(), address);
}

static const size_t sizes[] = {0, 1, 40, 4080, 4096, 5000, (size_t)1 << 20};

START_TEST(is_not_dumped)
{
    size_t size = sizes[_i];
    char *memory = secret_alloc(size);
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < size; i++)
        ck_assert_int_eq(memory[i], 0);
    memset(memory, 'x', size);
    ck_assert(undumped(memory));
    ck_assert(undumped(memory + (size ? size - 1 : 0)));
    secret_free(memory);
    /* What was there is gone, not just forgotten. */
    ck_assert_int_eq(msync((void *)((uintptr_t)memory & ~(uintptr_t)4095), 1, MS_ASYNC), -1);
    secret_free(NULL);
}
END_TEST

START_TEST(ordinary_memory_is_dumped)
{
    char *memory = calloc(1, 100);
    ck_assert(!undumped(memory));
    ck_assert(!undumped(&memory));
    free(memory);
}
END_TEST

START_TEST(copies)
{
    char *copy = secret_dup(PAIL_STR("key"));
    ck_assert_str_eq(copy, "key");
    ck_assert(undumped(copy));
    secret_free(copy);
    copy = secret_dup(str_of(NULL, 0));
    ck_assert_str_eq(copy, "");
    secret_free(copy);
    ck_assert_ptr_null(secret_alloc(SIZE_MAX));
    ck_assert_ptr_null(secret_alloc(SIZE_MAX - 4096));
    ck_assert_ptr_null(secret_dup(str_of("", SIZE_MAX)));
}
END_TEST

/* Only as much can be locked as the process may; the rest is as good otherwise. */
START_TEST(more_than_can_be_locked)
{
    char *memory = secret_alloc((size_t)64 << 20);
    ck_assert_ptr_nonnull(memory);
    ck_assert(undumped(memory));
    secret_free(memory);
}
END_TEST

START_TEST(buffers)
{
    struct buf b;
    buf_init_secret(&b, 100000);
    size_t len = 0;
    for (; len < 50000; len += 10) {
        buf_add_c(&b, "0123456789");
        ck_assert_int_eq(buf_failed(&b), 0);
    }
    ck_assert(undumped(b.data));
    for (size_t i = 0; i < len; i++)
        ck_assert_int_eq(b.data[i], '0' + (char)(i % 10));
    buf_reset(&b);
    buf_addf(&b, "%s", "more");
    check_str(buf_str(&b), "more");
    ck_assert_ptr_null(buf_reserve(&b, 100000));
    ck_assert_int_lt(buf_failed(&b), 0);
    ck_assert_ptr_null(b.data);
    /* It stays one. */
    buf_reset(&b);
    buf_add_c(&b, "again");
    ck_assert(undumped(b.data));
    buf_done(&b);
    buf_add_c(&b, "and again");
    ck_assert(undumped(b.data));
    buf_done(&b);
}
END_TEST

START_TEST(arenas)
{
    CLEANUP(arena) struct arena *arena = arena_new_secret(1 << 20);
    for (size_t size = 1; size < 100000; size *= 2) {
        char *memory = arena_alloc(arena, size);
        ck_assert_ptr_nonnull(memory);
        ck_assert(undumped(memory));
        ck_assert(undumped(memory + size - 1));
    }
    ck_assert(undumped(arena_str(arena, PAIL_STR("x")).ptr));
}
END_TEST

START_TEST(out_of_memory)
{
    struct buf b;
    buf_init_secret(&b, 100);
    alloc_fail_after(0);
    buf_add_c(&b, "x");
    alloc_fail_after(-1);
    ck_assert_int_lt(buf_failed(&b), 0);
    buf_done(&b);
}
END_TEST

START_TEST(variables_move)
{
    static const char name[] = "PAIL_TEST_KEY";
    char held[] = "PAIL_TEST_KEY=hush", *was = held + sizeof(name);
    ck_assert_int_eq(putenv(held), 0);
    setenv("PAIL_TEST_KEY2", "other", 1);
    ck_assert_ptr_eq(getenv(name), was);
    ck_assert_int_eq(secret_environment(name), 0);
    ck_assert_str_eq(getenv(name), "hush");
    ck_assert_ptr_ne(getenv(name), was);
    ck_assert(undumped(getenv(name)));
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(was[i], 0);
    ck_assert_str_eq(getenv("PAIL_TEST_KEY2"), "other");
    ck_assert_int_eq(secret_environment("PAIL_TEST_KEY3"), 0);
    ck_assert_ptr_null(getenv("PAIL_TEST_KEY3"));
    /* What is started has it. */
    ck_assert_int_eq(system("test \"$PAIL_TEST_KEY\" = hush"), 0);
    unsetenv(name);
    ck_assert_ptr_null(getenv(name));
}
END_TEST

SUITE_MAIN("base/secret",
           tcase_add_loop_test(tc, is_not_dumped, 0, (int)(sizeof(sizes) / sizeof(sizes[0])));
           tcase_add_test(tc, ordinary_memory_is_dumped); tcase_add_test(tc, copies);
           tcase_add_test(tc, more_than_can_be_locked); tcase_add_test(tc, buffers);
           tcase_add_test(tc, arenas); tcase_add_test(tc, out_of_memory);
           tcase_add_test(tc, variables_move));
