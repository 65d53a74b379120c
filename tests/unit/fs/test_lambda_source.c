/* Functions as a source, by itself and joined with others: where memory ends, what paths
 * are, and where a list has no end. What is asked and answered is in tests/mount. */
#include "unit/fs/memory_rig.h"

#include "fs/lambda_source_internal.h"

#include <errno.h>
#include <stdio.h>

static void respond(void *user, const struct scripted_request *request,
                    struct scripted_response *ret)
{
    (void)user;
    const char *url = buf_c(&request->url);
    *ret = (struct scripted_response){.status = 200, .body = "\"hi\"", .headers = ""};
    if (strstr(url, "/configuration"))
        ret->body = "{\"FunctionName\":\"f\",\"RevisionId\":\"r\"}";
    else if (strstr(url, "Marker=m"))
        ret->body = "{\"Functions\":[{\"FunctionName\":\"a\"}]}";
    else if (!strstr(url, "/invocations"))
        ret->body = "{\"Functions\":[{\"FunctionName\":\"f\"}],\"NextMarker\":\"m\"}";
}

/* "lambda://" and, one directory further down, "aws://". */
static const struct {
    const char *url, *root, *function, *config, *invoke;
} mounts[] = {
    {"lambda://", "", "f", "f/config.json", "f/invoke"},
    {"aws://", "lambda", "lambda/f", "lambda/f/config.json", "lambda/f/invoke"},
};
static size_t mounted;

static void setup_lambda(void)
{
    mounted = 0;
    memory_rig_setup(mounts[0].url, respond);
}
static void setup_aws(void)
{
    mounted = 1;
    memory_rig_setup(mounts[1].url, respond);
}

static struct source_lookup lookup;
static struct source_list list;
static struct source_more more;
static struct source_exchange exchange;
static struct source_reader *reader;

static void start_lookup(source_done *done)
{
    lookup =
        (struct source_lookup){.request.done = done, .path = str_c(mounts[mounted].function)};
    memory_source->ops->lookup(memory_source, &lookup);
}
static void start_functions(source_done *done)
{
    list = (struct source_list){.request.done = done, .path = str_c(mounts[mounted].root)};
    memory_source->ops->list(memory_source, &list);
}
static void start_function(source_done *done)
{
    list = (struct source_list){.request.done = done, .path = str_c(mounts[mounted].function)};
    memory_source->ops->list(memory_source, &list);
}
static void start_more(source_done *done)
{
    more = (struct source_more){.request.done = done, .reader = reader};
    memory_source->ops->more(memory_source, &more);
}
static void start_exchange(source_done *done)
{
    exchange = (struct source_exchange){
        .request.done = done, .path = str_c(mounts[mounted].invoke), .payload = PAIL_STR("1")};
    memory_source->ops->exchange(memory_source, &exchange);
}

static void check_lookup(void)
{
    ck_assert_int_eq(lookup.entry.type, ENTRY_DIRECTORY);
    check_str(lookup.entry.name, "f");
}
static void check_functions(void)
{
    ck_assert_uint_eq(list.count, 2);
    check_str(list.entries[0].name, "a");
    check_str(list.entries[1].name, "f");
    check_absent(list.next);
}
static void check_function(void)
{
    ck_assert_uint_eq(list.count, 2);
    check_str(list.entries[0].name, "config.json");
    ck_assert_int_eq(list.entries[0].kind, FILE_GROWS);
    check_str(list.entries[0].etag, "r");
    check_str(list.entries[1].name, "invoke");
    ck_assert_int_eq(list.entries[1].kind, FILE_EXCHANGE);
}
static void check_more(void)
{
    check_str(more.data, "{\"FunctionName\":\"f\",\"RevisionId\":\"r\"}\n");
    ck_assert(more.finished);
}
static void check_exchange(void)
{
    check_str(exchange.response, "\"hi\"");
}

static const struct memory_operation operations[] = {
    {start_lookup, check_lookup, &lookup.request},
    {start_functions, check_functions, &list.request},
    {start_function, check_function, &list.request},
    {start_more, check_more, &more.request},
    {start_exchange, check_exchange, &exchange.request},
};

START_TEST(memory_ends)
{
    struct pail_str config = str_c(mounts[mounted].config);
    int r;
    for (long count = 0;; count++) {
        alloc_fail_after(count);
        r = memory_source->ops->reader_open(memory_source, config, PAIL_STR("r"), &reader);
        alloc_fail_after(-1);
        if (r == 0)
            break;
        ck_assert_int_eq(r, -ENOMEM);
    }
    memory_rig_run(&operations[_i]);
    memory_source->ops->reader_close(memory_source, reader);
}
END_TEST

/* ---- a list without an end ---- */

static unsigned pages;

/* Another page is said to come, and nothing was on this. */
static void respond_empty(void *user, const struct scripted_request *request,
                          struct scripted_response *ret)
{
    static char body[64];
    (void)user, (void)request;
    (void)snprintf(body, sizeof(body), "{\"Functions\":[],\"NextMarker\":\"m%u\"}", ++pages);
    *ret = (struct scripted_response){.status = 200, .body = body, .headers = ""};
}

START_TEST(empty_pages_end)
{
    const struct memory_operation operation = {.start = start_functions,
                                               .request = &list.request};
    mounted = (size_t)_i;
    pages = 0;
    memory_rig_setup(mounts[_i].url, respond_empty);
    ck_assert_int_eq(memory_rig_once(&operation), -EPROTO);
    ck_assert_uint_eq(pages, LIST_EMPTY_PAGES_MAX);
    ck_assert_int_eq(list.request.error.kind, PAIL_ERROR_PARSE);
    ck_assert_str_eq(list.request.error.operation, "ListFunctions");
    ck_assert_str_eq(list.request.error.message, "the listing goes on and on without a name");
    memory_source->ops->release(memory_source, &list.request);
    memory_rig_teardown();
}
END_TEST

static const struct {
    const char *path;
    int r;
    enum lambda_what what;
} paths[] = {
    {"", 0, LAMBDA_ROOT},
    {"f", 0, LAMBDA_FUNCTION},
    {"My-fn_2", 0, LAMBDA_FUNCTION},
    {"f/config.json", 0, LAMBDA_CONFIG},
    {"f/invoke", 0, LAMBDA_INVOKE},
    {"f/other", -ENOENT, 0},
    {"f/invoke/x", -ENOENT, 0},
    {"f.g", -ENOENT, 0},
    {".hidden", -ENOENT, 0},
    {"0123456789012345678901234567890123456789012345678901234567890123", 0, LAMBDA_FUNCTION},
    {"01234567890123456789012345678901234567890123456789012345678901234", -ENOENT, 0},
};

START_TEST(knows_its_paths)
{
    struct lambda_place place;
    ck_assert_int_eq(lambda_place_of(str_c(paths[_i].path), &place), paths[_i].r);
    if (paths[_i].r == 0)
        ck_assert_int_eq(place.what, paths[_i].what);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

SUITE_MAIN("fs/lambda_source", tcase_add_loop_test(tc, knows_its_paths, 0, COUNT(paths));
           tcase_add_loop_test(tc, empty_pages_end, 0, COUNT(mounts));
           TCase *alone = tcase_create("lambda"), *joined = tcase_create("aws");
           tcase_add_checked_fixture(alone, setup_lambda, memory_rig_teardown);
           tcase_add_checked_fixture(joined, setup_aws, memory_rig_teardown);
           tcase_add_loop_test(alone, memory_ends, 0, COUNT(operations));
           tcase_add_loop_test(joined, memory_ends, 0, COUNT(operations));
           suite_add_tcase(suite_, alone); suite_add_tcase(suite_, joined));
