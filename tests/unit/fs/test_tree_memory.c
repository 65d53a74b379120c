/* What an inode costs, with all that is kept of its directory. */
#include "unit/fs/names.h"

#include <malloc.h>
#include <stdio.h>

#define BYTES_MAX 250

static size_t heap_bytes(void)
{
    return mallinfo2().uordblks;
}

/* A directory, listed by a page and held by the kernel as all its files are. */
static struct node *walk(int number, const char *page)
{
    char name[32], entry[40];
    snprintf(name, sizeof name, "d%04d", number);
    snprintf(entry, sizeof entry, "%s/", name);
    struct node *dir = look_up(&f, root_of(&f), name, entry);
    list_once(dir, page);
    const struct listing *l = dir->directory->listing;
    ck_assert_uint_eq(l->capacity, l->count);
    for (size_t i = 0; i < l->count; i++)
        node_kernel_ref(&f.fs, l->nodes[i]);
    return dir;
}

/* `_i`: files of a directory. */
START_TEST(an_inode_is_small)
{
    enum { INODES = 40000 };
    static char page[256 * 1024];
    size_t at = 0;
    for (int i = 0; i < _i; i++)
        at += (size_t)snprintf(page + at, sizeof page - at, "file-%05d.log:\"%032x\":%d ", i, i,
                               i + 1);
    start();
    walk(0, page);
    size_t before = heap_bytes(), nodes = f.fs.tree->node_count;
    for (int i = 1; i <= INODES / _i; i++)
        walk(i, page);
    nodes = f.fs.tree->node_count - nodes;
    ck_assert_uint_ge(nodes, INODES);
    /* A sanitizer's heap does not count. */
    if (before > 0)
        ck_assert_uint_le((heap_bytes() - before) / nodes, BYTES_MAX);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/tree_memory", tcase_add_loop_test(tc, an_inode_is_small, 18, 19);
           tcase_add_loop_test(tc, an_inode_is_small, 1000, 1001));
