#include "unit/fs/fixture.h"

#include "fs/failure.h"
#include "fs/xattr.h"

#include <errno.h>

static struct fixture f;
static struct node *file;

static void start_with(int64_t ttl_ms)
{
    fixture_init(&f);
    f.options.metadata_ttl_ms = ttl_ms;
    fixture_start(&f);
    file = file_node(&f, "x", "v1", 100);
}

static void start(void)
{
    start_with(FIXTURE_TTL_MS);
}

/* A question: for one name, or (NULL) for the list of names. */
struct question {
    struct waiter waiter;
    struct node *node;
    const char *name;
    int status, woken;
    struct buf value;
};

static void ask(struct question *q)
{
    buf_done(&q->value);
    buf_init(&q->value, 65536);
    q->status = q->name ? xattr_get(&f.fs, q->node, str_c(q->name), &q->waiter, &q->value)
                        : xattr_list(&f.fs, q->node, &q->waiter, &q->value);
}

static void answered(struct waiter *waiter)
{
    struct question *q = CONTAINER_OF(waiter, struct question, waiter);
    q->woken++;
    ask(q);
}

static void question(struct question *q, struct node *node, const char *name)
{
    *q = (struct question){.node = node, .name = name, .waiter.ready = answered};
    ask(q);
}

static size_t heads(void)
{
    return f.source.asked[SCRIPTED_ATTRIBUTES];
}

static struct scripted *head(void)
{
    return scripted_next(&f.source, SCRIPTED_ATTRIBUTES);
}

/* Without asking the source. */
static void check_value(struct node *node, const char *name, const char *value)
{
    struct question q;
    size_t asked = f.source.count;
    question(&q, node, name);
    ck_assert_int_eq(q.status, value ? 0 : -ENODATA);
    ck_assert_uint_eq(f.source.count, asked);
    if (value)
        ck_assert_str_eq(buf_c(&q.value), value);
    buf_done(&q.value);
}

static void check_names(const struct question *q, const char *const *names)
{
    size_t at = 0;
    for (; *names; names++) {
        ck_assert_uint_lt(at, q->value.len);
        ck_assert_str_eq(q->value.data + at, *names);
        at += strlen(*names) + 1;
    }
    ck_assert_uint_eq(at, q->value.len);
}

START_TEST(head_is_asked_once)
{
    start();
    struct question first, second, list;
    question(&first, file, "user.s3.etag");
    question(&second, file, "user.s3.missing");
    question(&list, file, NULL);
    ck_assert(first.status == -EINPROGRESS && second.status == -EINPROGRESS);
    ck_assert_uint_eq(heads(), 1);
    ck_assert_str_eq(head()->path, "x");
    ck_assert_str_eq(head()->etag, "v1");
    advance(&f, 100);
    scripted_values(head(), "user.s3.etag=v1 user.s3.content-type=text/plain user.s3.meta.k=");
    settle(&f);
    ck_assert_int_eq(first.woken, 1);
    ck_assert_int_eq(first.status, 0);
    ck_assert_str_eq(buf_c(&first.value), "v1");
    ck_assert_int_eq(second.status, -ENODATA);
    ck_assert_int_eq(list.status, 0);
    static const char *const names[] = {"user.s3.etag", "user.s3.content-type",
                                        "user.s3.meta.k", "user.pail.uri", NULL};
    check_names(&list, names);
    check_value(file, "user.s3.content-type", "text/plain");
    check_value(file, "user.s3.meta.k", "");
    ck_assert_uint_eq(heads(), 1);
    buf_done(&first.value);
    buf_done(&second.value);
    buf_done(&list.value);
    fixture_done(&f);
}
END_TEST

START_TEST(answer_serves_for_the_ttl)
{
    start();
    struct question q;
    question(&q, file, "user.s3.etag");
    advance(&f, 1000);
    scripted_values(head(), "user.s3.etag=v1");
    advance(&f, FIXTURE_TTL_MS - 1001);
    check_value(file, "user.s3.etag", "v1");
    advance(&f, 1);
    /* The next answer replaces it; until then the old one is kept, and released once. */
    buf_done(&q.value);
    question(&q, file, "user.s3.etag");
    ck_assert_int_eq(q.status, -EINPROGRESS);
    scripted_values(head(), "user.s3.etag=v1 user.s3.restore=done");
    settle(&f);
    ck_assert_int_eq(q.status, 0);
    check_value(file, "user.s3.restore", "done");
    buf_done(&q.value);
    fixture_done(&f);
}
END_TEST

START_TEST(zero_ttl_serves_those_who_waited)
{
    start_with(0);
    struct question q[3];
    for (int i = 0; i < 3; i++)
        question(&q[i], file, "user.s3.etag");
    advance(&f, 5000);
    scripted_values(head(), "user.s3.etag=v1");
    settle(&f);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(q[i].status, 0);
        ck_assert_int_eq(q[i].woken, 1);
        buf_done(&q[i].value);
    }
    ck_assert_uint_eq(heads(), 1);
    advance(&f, 1);
    question(&q[0], file, "user.s3.etag");
    ck_assert_int_eq(q[0].status, -EINPROGRESS);
    wait_stop(&q[0].waiter);
    buf_done(&q[0].value);
    fixture_done(&f);
}
END_TEST

START_TEST(failure_is_told_and_remembered_briefly)
{
    start();
    struct question q, list;
    question(&q, file, "user.s3.etag");
    question(&list, file, NULL);
    scripted_fail(head(), -EACCES);
    settle(&f);
    ck_assert_int_eq(q.status, -EACCES);
    /* Listing names does not fail for the service's sake. */
    ck_assert_int_eq(list.status, 0);
    static const char *const names[] = {"user.pail.uri", "user.pail.error", NULL};
    check_names(&list, names);
    buf_done(&q.value);
    advance(&f, 999);
    question(&q, file, "user.s3.etag");
    ck_assert_int_eq(q.status, -EACCES);
    advance(&f, 1);
    question(&q, file, "user.s3.etag");
    ck_assert_int_eq(q.status, -EINPROGRESS);
    scripted_values(head(), "user.s3.etag=v1");
    settle(&f);
    ck_assert_int_eq(q.status, 0);
    /* What happened stays to be seen. */
    check_value(
        file, "user.pail.error",
        FIXTURE_DATE
        " getxattr /x (s3://bucket/x): EACCES: Scripted: as the test wants it (Operation, "
        "status 500, request id ID, 3 attempts, 0 ms)");
    buf_done(&q.value);
    buf_done(&list.value);
    fixture_done(&f);
}
END_TEST

/* `what` is the failure that is kept. */
static void check_failure(struct node *node, const char *what)
{
    char start[64];
    ck_assert(node->extra && node->extra->failure);
    snprintf(start, sizeof(start), FIXTURE_DATE " %s ", what);
    ck_assert_msg(str_starts(str_c(node->extra->failure), str_c(start)), "not %s: %s", what,
                  node->extra->failure);
}

static const int asked_in_vain[] = {-ESTALE, -ENOENT, -EACCES};

/* Who lists them, as getfattr -d does, wants to see what was, not that it cannot be asked. */
START_TEST(asking_hides_no_failure)
{
    int status = asked_in_vain[_i];
    bool gone = status != -EACCES;
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/"),
                *below = look_up(&f, dir, "y", "y:v1");
    failure_note(&f.fs, below, "read", -ESTALE, NULL);
    struct question q;
    question(&q, below, NULL);
    scripted_fail(head(), status);
    settle(&f);
    ck_assert_int_eq(q.status, 0);
    check_failure(below, "read");
    check_failure(dir, "read");
    failure_note_deadline(&f.fs, below, (struct pail_str){0}, FAILURE_OF_ASKING, 1,
                          PAIL_STR("it"));
    check_failure(below, "read");
    /* Where there is none it is kept, until there is another. */
    buf_done(&q.value);
    question(&q, file, "user.s3.etag");
    scripted_fail(head(), status);
    settle(&f);
    check_failure(file, "getxattr");
    if (gone)
        check_failure(root_of(&f), "getxattr");
    failure_note(&f.fs, file, "getxattr", -EIO, NULL);
    ck_assert_ptr_nonnull(strstr(file->extra->failure, ": EIO"));
    failure_note(&f.fs, file, "read", -EIO, NULL);
    check_failure(file, "read");
    failure_note(&f.fs, file, "open", -EIO, NULL);
    check_failure(file, "open");
    buf_done(&q.value);
    fixture_done(&f);
}
END_TEST

START_TEST(changed_object_is_looked_up_again)
{
    start();
    struct question q;
    advance(&f, 10);
    question(&q, file, "user.s3.etag");
    scripted_fail(head(), _i ? -ENOENT : -ESTALE);
    settle(&f);
    ck_assert_int_eq(q.status, _i ? -ENOENT : -ESTALE);
    ck_assert_int_eq(look_known(&f, root_of(&f), "x", NULL), -EINPROGRESS);
    scripted_found(scripted_next(&f.source, SCRIPTED_LOOKUP), "x:v2");
    settle(&f);
    ck_assert(file->superseded);
    buf_done(&q.value);
    fixture_done(&f);
}
END_TEST

START_TEST(own_attributes)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    check_value(file, "user.pail.uri", "s3://bucket/x");
    check_value(dir, "user.pail.uri", "s3://bucket/d");
    check_value(root_of(&f), "user.pail.uri", "s3://bucket/");
    check_value(file, "user.pail.error", NULL);
    check_value(file, "user.pail.stats", NULL);
    check_value(file, "user.pail.other", NULL);
    check_value(file, "user.other", NULL);
    check_value(file, "user.s3", NULL);
    /* A directory is no object. */
    check_value(dir, "user.s3.etag", NULL);
    struct question q;
    question(&q, root_of(&f), "user.pail.stats");
    ck_assert_int_eq(q.status, 0);
    ck_assert_ptr_nonnull(strstr(buf_c(&q.value), "page_bytes 0\n"));
    buf_done(&q.value);
    question(&q, root_of(&f), NULL);
    static const char *const names[] = {"user.pail.uri", "user.pail.stats", NULL};
    check_names(&q, names);
    buf_done(&q.value);
    static const char *const others[] = {"security.capability", "system.posix_acl_access",
                                         "trusted.x", "user", ""};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        question(&q, file, others[i]);
        ck_assert_int_eq(q.status, -EOPNOTSUPP);
        buf_done(&q.value);
    }
    ck_assert_uint_eq(heads(), 0);
    fixture_done(&f);
}
END_TEST

START_TEST(value_too_long)
{
    start();
    struct question q;
    question(&q, file, "user.s3.meta.k");
    scripted_values(head(), "user.s3.meta.k=0123456789");
    settle(&f);
    ck_assert_int_eq(q.status, 0);
    struct buf small;
    buf_init(&small, 9);
    ck_assert_int_eq(xattr_get(&f.fs, file, PAIL_STR("user.s3.meta.k"), &q.waiter, &small),
                     -EOVERFLOW);
    buf_init(&small, 9);
    ck_assert_int_eq(xattr_list(&f.fs, file, &q.waiter, &small), -EOVERFLOW);
    buf_done(&q.value);
    fixture_done(&f);
}
END_TEST

/* The kernel forgets the node while it is asked for. */
START_TEST(forgotten_while_it_is_asked)
{
    start();
    uint32_t refs = root_of(&f)->refs;
    struct question q;
    question(&q, file, "user.s3.etag");
    wait_stop(&q.waiter);
    buf_done(&q.value);
    advance(&f, FIXTURE_TTL_MS);
    forget(&f, file);
    if (_i)
        scripted_values(head(), "user.s3.etag=v1");
    else
        scripted_fail(head(), -EIO);
    settle(&f);
    ck_assert_uint_eq(root_of(&f)->refs, refs - 1);
    fixture_done(&f);
}
END_TEST

START_TEST(out_of_memory)
{
    int failed = 0;
    for (long after = 0; after < 10; after++) {
        start();
        struct question q = {.node = file, .name = "user.s3.etag", .waiter.ready = answered};
        alloc_fail_after(after);
        ask(&q);
        alloc_fail_after(-1);
        failed += q.status == -ENOMEM;
        if (q.status == -EINPROGRESS) {
            scripted_values(head(), "user.s3.etag=v1");
            settle(&f);
            ck_assert_int_eq(q.status, 0);
        }
        buf_done(&q.value);
        fixture_done(&f);
    }
    ck_assert_int_ge(failed, 3);
}
END_TEST

SUITE_MAIN("fs/xattr", tcase_add_test(tc, head_is_asked_once);
           tcase_add_test(tc, answer_serves_for_the_ttl);
           tcase_add_test(tc, zero_ttl_serves_those_who_waited);
           tcase_add_test(tc, failure_is_told_and_remembered_briefly);
           tcase_add_loop_test(tc, asking_hides_no_failure, 0, (int)ARRAY_LEN(asked_in_vain));
           tcase_add_loop_test(tc, changed_object_is_looked_up_again, 0, 2);
           tcase_add_test(tc, own_attributes); tcase_add_test(tc, value_too_long);
           tcase_add_loop_test(tc, forgotten_while_it_is_asked, 0, 2);
           tcase_add_test(tc, out_of_memory));
