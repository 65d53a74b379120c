#include "unit/check.h"

#include "base/arena.h"

#include <stdint.h>

static bool is_zero(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

START_TEST(many_sizes)
{
    CLEANUP(arena) struct arena *arena = arena_new(SIZE_MAX);
    size_t used = 0;
    for (size_t size = 0; size < 3000; size += 7) {
        char *piece = arena_alloc(arena, size);
        ck_assert_ptr_nonnull(piece);
        ck_assert_uint_eq((uintptr_t)piece % _Alignof(max_align_t), 0);
        ck_assert(is_zero(piece, size));
        memset(piece, 0xff, size);
        used += size;
    }
    ck_assert_uint_eq(arena_used(arena), used);

    char *large = arena_alloc(arena, 1 << 20), *after = arena_alloc(arena, 16);
    ck_assert(is_zero(large, 1 << 20));
    memset(large, 0xff, 1 << 20);
    ck_assert(is_zero(after, 16));
}
END_TEST

START_TEST(large_first)
{
    CLEANUP(arena) struct arena *arena = arena_new(SIZE_MAX);
    char *large = arena_alloc(arena, 100000);
    memset(large, 0xff, 100000);
    for (int i = 0; i < 1000; i++) {
        char *piece = arena_alloc(arena, 100);
        ck_assert(is_zero(piece, 100));
        memset(piece, 0xff, 100);
    }
}
END_TEST

START_TEST(strings)
{
    CLEANUP(arena) struct arena *arena = arena_new(1000);
    struct pail_str copy = arena_str(arena, PAIL_STR("a\0b"));
    check_str(copy, "a\0b");
    ck_assert_int_eq(copy.ptr[3], '\0');
    check_str(arena_str(arena, PAIL_STR("")), "");
    check_absent(arena_str(arena, str_of(NULL, 0)));
    ck_assert_uint_eq(arena_used(arena), 5);
    char *aligned = arena_alloc(arena, 8);
    ck_assert_uint_eq((uintptr_t)aligned % _Alignof(max_align_t), 0);
    check_absent(arena_str(arena, str_of("", SIZE_MAX)));
    check_absent(arena_str(arena, str_of("", SIZE_MAX - 1)));
}
END_TEST

START_TEST(limit)
{
    CLEANUP(arena) struct arena *arena = arena_new(100);
    ck_assert_ptr_nonnull(arena_alloc(arena, 60));
    ck_assert(!arena_is_full(arena));
    ck_assert_ptr_null(arena_alloc(arena, 41));
    ck_assert(arena_is_full(arena));
    ck_assert_ptr_nonnull(arena_alloc(arena, 40));
    ck_assert_ptr_null(arena_alloc(arena, 1));
    check_absent(arena_str(arena, PAIL_STR("")));
    ck_assert_uint_eq(arena_used(arena), 100);
}
END_TEST

START_TEST(overflow)
{
    CLEANUP(arena) struct arena *arena = arena_new(SIZE_MAX);
    ck_assert_ptr_null(arena_array(arena, SIZE_MAX / 2, 3));
    ck_assert(!arena_is_full(arena)); /* there is no limit */
    ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
    ck_assert_ptr_nonnull(arena_array(arena, 10, 3));
    ck_assert_ptr_nonnull(arena_array(arena, 0, 3));
    ck_assert_uint_eq(arena_used(arena), 30);
}
END_TEST

START_TEST(out_of_memory)
{
    alloc_fail_after(0);
    struct arena *none = arena_new(1);
    alloc_fail_after(1);
    struct arena *arena = arena_new(SIZE_MAX);
    char *small = arena_alloc(arena, 1), *large = arena_alloc(arena, 1 << 20);
    struct pail_str str = arena_str(arena, PAIL_STR("x"));
    alloc_fail_after(-1);
    ck_assert_ptr_null(none);
    ck_assert_ptr_null(small);
    ck_assert_ptr_null(large);
    check_absent(str);
    ck_assert_uint_eq(arena_used(arena), 0);
    ck_assert(!arena_is_full(arena));
    ck_assert_ptr_nonnull(arena_alloc(arena, 1));
    arena_free(arena);
    arena_free(NULL);
}
END_TEST

SUITE_MAIN("base/arena", tcase_add_test(tc, many_sizes); tcase_add_test(tc, large_first);
           tcase_add_test(tc, strings); tcase_add_test(tc, limit); tcase_add_test(tc, overflow);
           tcase_add_test(tc, out_of_memory));
