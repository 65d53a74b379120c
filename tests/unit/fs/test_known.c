/* Names that were looked up by themselves, and names that lookups of directories bring: for how
 * long they are kept, and how many. */
#include "unit/fs/names.h"

#include "fs/failure.h"
#include "fs/known.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 1, 2))) static const char *numbered(const char *format, ...)
{
    static char names[2][16];
    static int turn;
    va_list args;
    turn = !turn;
    va_start(args, format);
    vsnprintf(names[turn], sizeof names[turn], format, args);
    va_end(args);
    return names[turn];
}

/* As look_up, without a search among all that was asked before. */
static struct node *find(struct node *dir, const char *name, const char *entry)
{
    struct look look;
    look_start(&f, &look, dir, name);
    ck_assert(!look.over);
    struct scripted *asked = scripted_last(&f.source);
    /* The directory may be listed for the sake of others that are not there. */
    if (asked->kind == SCRIPTED_LIST)
        asked--;
    if (entry)
        scripted_found(asked, entry);
    else
        scripted_fail(asked, -ENOENT);
    settle(&f);
    ck_assert(look.over);
    return look.node;
}

static size_t known_in(const struct node *dir)
{
    return dir->directory ? HASH_COUNT(dir->directory->known) : 0;
}

/* ---- what the kernel forgot ---- */

/* A file, and a directory. */
START_TEST(forgotten_name_is_known_for_its_time)
{
    start();
    const char *entry = _i ? "x/" : "x";
    struct node *node = look_up(&f, root_of(&f), "x", entry);
    forget(&f, node);
    advance(&f, FIXTURE_TTL_MS - 1);
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", entry), node);
    ck_assert_uint_eq(f.source.count, 1);
    forget(&f, node);
    advance(&f, 1);
    look_up(&f, root_of(&f), "x", entry);
    ck_assert_uint_eq(f.source.count, 2);
    fixture_done(&f);
}
END_TEST

/* What is too old anyway, or refuted, leaves nothing behind. */
START_TEST(forgotten_names_leave_nothing)
{
    start_with(_i == 2 ? 0 : FIXTURE_TTL_MS);
    uint64_t nodes = f.fs.tree->node_count;
    for (int i = 0; i < 1000; i++) {
        const char *name = numbered("n%d", i);
        struct node *node = look_up(&f, root_of(&f), name, i % 2 ? name : numbered("n%d/", i));
        if (_i == 0)
            advance(&f, FIXTURE_TTL_MS);
        else if (_i == 1)
            tree_distrust(&f.fs, node);
        forget(&f, node);
    }
    ck_assert_uint_eq(known_in(root_of(&f)), 0);
    ck_assert_uint_eq(f.fs.tree->node_count, nodes);
    fixture_done(&f);
}
END_TEST

START_TEST(names_that_went_with_the_directory)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    forget(&f, look_up(&f, dir, "x", "x"));
    look_up(&f, dir, "y", NULL);
    forget(&f, dir);
    ck_assert_ptr_null(dir->directory);
    ck_assert_ptr_eq(known("d"), dir);
    ck_assert_int_eq(look_known(&f, dir, "y", NULL), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    fixture_done(&f);
}
END_TEST

/* ---- how many ---- */

START_TEST(the_oldest_absences_go)
{
    start();
    struct node *dirs[] = {root_of(&f), look_up(&f, root_of(&f), "d", "d/")};
    int count = KNOWN_IDLE_MAX + 1000;
    for (int i = 0; i < count; i++) {
        find(dirs[i % 2], numbered("n%d", i), NULL);
        ck_assert_uint_le(known_in(dirs[0]) + known_in(dirs[1]), KNOWN_IDLE_MAX + 1);
    }
    for (int i = 1000; i < count; i++)
        ck_assert_int_eq(look_known(&f, dirs[i % 2], numbered("n%d", i), NULL), -ENOENT);
    ck_assert_int_eq(look_known(&f, dirs[1], "n999", NULL), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    fixture_done(&f);
}
END_TEST

/* What the kernel holds stays, also if it forgot it once. */
START_TEST(the_oldest_names_go_that_nobody_holds)
{
    start();
    struct node *held = look_up(&f, root_of(&f), "held", "held");
    struct node *again = look_up(&f, root_of(&f), "again", "again");
    forget(&f, again);
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "again", "again"), again);
    struct node *told = look_up(&f, root_of(&f), "told", "told");
    failure_note(&f.fs, told, "read", -EIO, NULL);
    forget(&f, told);
    for (int i = 0; i < KNOWN_IDLE_MAX + 1000; i++) {
        const char *name = numbered("n%d", i);
        forget(&f, find(root_of(&f), name, name));
        ck_assert_uint_le(f.fs.tree->node_count, KNOWN_IDLE_MAX + 3);
    }
    ck_assert_uint_gt(f.fs.tree->node_count, KNOWN_IDLE_MAX);
    ck_assert_ptr_eq(known("held"), held);
    ck_assert_ptr_eq(known("again"), again);
    ck_assert_int_eq(known_status("told"), -EINPROGRESS);
    scripted_found(lookup_request(), "told");
    settle(&f);
    forget(&f, again);
    forget(&f, held);
    ck_assert_ptr_eq(known("held"), held);
    fixture_done(&f);
}
END_TEST

/* Directories are looked up, held, and never read. */
START_TEST(the_oldest_first_names_go)
{
    enum { DIRS = 1000, NAMES_OF_ONE = 100 };
    static char names[NAMES_OF_ONE * 8];
    size_t at = 0;
    for (int i = 0; i < NAMES_OF_ONE; i++)
        at += (size_t)snprintf(names + at, sizeof names - at, "n%02d ", i);
    start();
    struct node *dirs[DIRS], *file = NULL;
    for (int i = 0; i < DIRS; i++) {
        struct look look;
        look_start(&f, &look, root_of(&f), numbered("d%d", i));
        scripted_found_names(lookup_request(), numbered("d%d/", i), names, _i);
        settle(&f);
        dirs[i] = look.node;
        if (i == 0) {
            file = look_up(&f, dirs[0], "n50", "n50");
        } else if (i == 1) {
            struct listing *l = read_start(&f, dirs[1]);
            ck_assert_uint_eq(l->count, NAMES_OF_ONE);
            listing_reader_gone(l);
        }
        ck_assert_uint_le(f.fs.tree->node_count, (uint64_t)i + 200 + FIRST_NAMES_MAX);
    }
    ck_assert_uint_eq(f.source.count, DIRS);
    /* The last, the one that was read, and what is held are known. */
    ck_assert_int_eq(look_known(&f, dirs[DIRS - 1], "n00", NULL), 0);
    ck_assert_int_eq(look_known(&f, dirs[1], "n00", NULL), 0);
    struct node *same;
    ck_assert_int_eq(look_known(&f, dirs[0], "n50", &same), 0);
    ck_assert_ptr_eq(same, file);
    ck_assert_int_eq(look_known(&f, dirs[0], "n00", NULL), -EINPROGRESS);
    ck_assert_int_eq(look_known(&f, dirs[2], "n00", NULL), -EINPROGRESS);
    ck_assert_uint_eq(f.source.count, DIRS + 2);
    fixture_done(&f);
}
END_TEST

/* The listing has it as a file, which it is no more: that does not make it absent. */
START_TEST(a_name_that_went_is_not_absent)
{
    start();
    list_once(root_of(&f), "a x");
    tree_distrust(&f.fs, known("x"));
    advance(&f, 10);
    struct node *dir = look_up(&f, root_of(&f), "x", "x/");
    tree_distrust(&f.fs, dir);
    forget(&f, dir);
    ck_assert_int_eq(known_status("x"), -EINPROGRESS);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("x")), 0);
    ck_assert_int_eq(known_status("y"), -ENOENT);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/known", tcase_add_loop_test(tc, forgotten_name_is_known_for_its_time, 0, 2);
           tcase_add_loop_test(tc, forgotten_names_leave_nothing, 0, 3);
           tcase_add_test(tc, names_that_went_with_the_directory);
           tcase_add_test(tc, the_oldest_absences_go);
           tcase_add_test(tc, the_oldest_names_go_that_nobody_holds);
           tcase_add_loop_test(tc, the_oldest_first_names_go, 0, 2);
           tcase_add_test(tc, a_name_that_went_is_not_absent));
