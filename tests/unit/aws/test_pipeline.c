#include "unit/aws/body_fixture.h"

#include <pail/pipeline.h>
#include <stdio.h>

#define NO_LENGTH ((struct pail_int){0})

/* ---- processors of users ---- */

/* Keeps lines that start with its letter. */
static int starts_with(void *user, struct pail_item *item, struct pail_error *error)
{
    const char *letter = user;
    (void)error;
    return item->text.len > 0 && item->text.ptr[0] == *letter ? PAIL_ITEM_KEEP : PAIL_ITEM_DROP;
}

/* Keeps what is behind the first character. */
static int shorten(void *user, struct pail_item *item, struct pail_error *error)
{
    (void)user;
    (void)error;
    struct pail_str text = {item->text.ptr + 1, item->text.len - 1};
    pail_item_set_text(item, item->type, text);
    return PAIL_ITEM_KEEP;
}

static int fails(void *user, struct pail_item *item, struct pail_error *error)
{
    (void)item;
    (void)error;
    return *(const int *)user;
}

static int fails_with_words(void *user, struct pail_item *item, struct pail_error *error)
{
    (void)item;
    *error = (struct pail_error){.kind = PAIL_ERROR_CANCELLED, .sys = ECANCELED};
    snprintf(error->message, sizeof(error->message), "enough of %s", (const char *)user);
    return -ECANCELED;
}

static int counts(void *user, struct pail_item *item, struct pail_error *error)
{
    (void)item;
    (void)error;
    ++*(unsigned *)user;
    return PAIL_ITEM_KEEP;
}

static unsigned released;

static void release_length(void *value)
{
    released++;
    free(value);
}

/* The line as its length, on the heap. */
static int measure(void *user, struct pail_item *item, struct pail_error *error)
{
    (void)user;
    (void)error;
    size_t *length = malloc(sizeof(*length));
    if (!length)
        return -ENOMEM;
    *length = item->text.len;
    pail_item_set_value(item, length, release_length);
    return PAIL_ITEM_KEEP;
}

/* ---- what comes out ---- */

static void add_item(struct buf *b, const struct pail_item *item)
{
    CLEANUP(heap) char *text = NULL;
    buf_addf(b, "%d%c", (int)item->line, "btjv"[item->type]);
    switch (item->type) {
    case PAIL_ITEM_BYTES:
    case PAIL_ITEM_TEXT:
        buf_add_str(b, item->text);
        break;
    case PAIL_ITEM_JSON:
        ck_assert_int_eq(pail_json_text(item->json, &text), 0);
        buf_add_c(b, text);
        break;
    case PAIL_ITEM_VALUE:
        buf_addf(b, "%zu", *(const size_t *)item->value);
    }
    buf_add_byte(b, '|');
}

/* Sends `text` through; "|" behind each item. What the pipeline ended with, twice. */
static int run(struct pail_str text, const struct pail_processor *processors, size_t count,
               struct buf *ret, struct pail_pipeline_stats *ret_stats, struct pail_error *error)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(text, NO_LENGTH);
    PAIL_CLEANUP(pail_pipeline) struct pail_pipeline *pipeline = NULL;
    struct pail_item *item;
    ck_assert_int_eq(pail_pipeline_new(body, NULL, processors, count, &pipeline, error), 0);
    int r;
    while ((r = pail_pipeline_next(pipeline, &item, error)) > 0)
        add_item(ret, item);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, NULL), r);
    if (ret_stats)
        pail_pipeline_get_stats(pipeline, ret_stats);
    return r;
}

static const struct pail_filter active = {.key = "status", .equals = {"active", 6}};

enum {
    DECODE = 'd',
    DECODE_STRICTLY = 'D',
    PARSE = 'p',
    PARSE_STRICTLY = 'P',
    FILTER = 'f',
    ONLY_A = 'a',
    SHORTEN = 's',
    MEASURE = 'm'
};

static struct pail_processor processor_of(char name)
{
    static char letter = 'a';
    switch (name) {
    case DECODE:
        return pail_decode_processor(PAIL_INVALID_DROP);
    case DECODE_STRICTLY:
        return pail_decode_processor(PAIL_INVALID_FAIL);
    case PARSE:
        return pail_json_processor(PAIL_INVALID_DROP);
    case PARSE_STRICTLY:
        return pail_json_processor(PAIL_INVALID_FAIL);
    case FILTER:
        return pail_filter_processor(&active);
    case ONLY_A:
        return (struct pail_processor){.process = starts_with, .user = &letter};
    case SHORTEN:
        return (struct pail_processor){.process = shorten};
    default:
        return (struct pail_processor){.process = measure};
    }
}

#define A "{\"status\":\"active\"}"

static const struct {
    const char *processors;
    struct pail_str text;
    const char *items;
    int result;
    int dropped;
    const char *message;
} cases[] = {
    {"", PAIL_STR("a\nb\r\n\nc"), "1ba|2bb|3b|4bc|", 0, 0, NULL},
    {"d", PAIL_STR("a\n\xff\n\xc3\xa9\n\xc0\x80\n"), "1ta|3t\303\251|", 0, 2, NULL},
    {"D", PAIL_STR("a\n\xff\nb\n"), "1ta|", -EILSEQ, 0, "line 2: not UTF-8"},
    {"dd", PAIL_STR("a\n"), "1ta|", 0, 0, NULL},
    {"p", PAIL_STR("1\n{\nnull\n[]\n\n\"x\"\n"), "1j1|4j[]|6j\"x\"|", 0, 3, NULL},
    {"pp", PAIL_STR("1\n"), "1j1|", 0, 0, NULL},
    {"P", PAIL_STR("1\nnull\n{\n"), "1j1|", -EILSEQ, 1, "line 3: not JSON: "},
    {"dpf",
     PAIL_STR(
         A "\n{\"status\":\"gone\"}\n\xff\nnull\n[]\n\"active\"\n{\"status\":1}\n{}\nno\n" A),
     "1j" A "|10j" A "|", 0, 8, NULL},
    {"f", PAIL_STR("a\n"), "", 0, 1, NULL},
    {"a", PAIL_STR("a1\nb1\na2\n"), "1ba1|3ba2|", 0, 1, NULL},
    {"dasp", PAIL_STR("a1\nb2\na3\n"), "1j1|3j3|", 0, 1, NULL},
    {"m", PAIL_STR("abc\n\n"), "1v3|2v0|", 0, 0, NULL},
    {"mm", PAIL_STR("abc\n"), "1v0|", 0, 0, NULL},
    {"md", PAIL_STR("abc\n"), "", -EINVAL, 0, "line 1: what is to be decoded is no bytes"},
    {"mp", PAIL_STR("abc\n"), "", -EINVAL, 0, "line 1: what is to be parsed is no text"},
    {"pd", PAIL_STR("1\n"), "", -EINVAL, 0, "line 1: what is to be decoded is no bytes"},
    {"dpf", PAIL_STR(""), "", 0, 0, NULL},
};

START_TEST(sends_lines_through)
{
    struct pail_processor processors[8];
    struct pail_pipeline_stats stats;
    struct pail_error error = {0};
    size_t count = strlen(cases[_i].processors);
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&got, SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        processors[i] = processor_of(cases[_i].processors[i]);
    ck_assert_int_eq(run(cases[_i].text, processors, count, &got, &stats, &error),
                     cases[_i].result);
    ck_assert_str_eq(buf_c(&got), cases[_i].items);
    ck_assert_uint_eq(stats.dropped, (uint64_t)cases[_i].dropped);
    if (cases[_i].message)
        ck_assert_ptr_eq(strstr(error.message, cases[_i].message), error.message);
    ck_assert_int_eq(error.sys, -cases[_i].result);
}
END_TEST

/* Whoever comes after does not see what was dropped. */
START_TEST(dropped_is_not_seen)
{
    char letter = 'a';
    unsigned before = 0, after = 0;
    const struct pail_processor processors[] = {
        {counts, &before}, {starts_with, &letter}, {counts, &after}};
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&got, SIZE_MAX);
    ck_assert_int_eq(run(PAIL_STR("a\nb\nc\na"), processors, 3, &got, NULL, NULL), 0);
    ck_assert_uint_eq(before, 4);
    ck_assert_uint_eq(after, 2);
}
END_TEST

START_TEST(values_are_released)
{
    const struct pail_processor processors[] = {{measure, NULL}, {measure, NULL}};
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&got, SIZE_MAX);
    released = 0;
    ck_assert_int_eq(run(PAIL_STR("a\nb\nc\n"), processors, 2, &got, NULL, NULL), 0);
    ck_assert_uint_eq(released, 6);
}
END_TEST

START_TEST(processor_fails)
{
    static char words[] = "this";
    int r = -ENOSPC;
    const struct pail_processor plain = {fails, &r}, worded = {fails_with_words, words};
    struct pail_error error;
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&got, SIZE_MAX);
    ck_assert_int_eq(run(PAIL_STR("a\n"), &plain, 1, &got, NULL, &error), -ENOSPC);
    ck_assert_int_eq(error.sys, ENOSPC);
    ck_assert_str_eq(error.message, "a processor failed: ENOSPC");
    ck_assert_int_eq(run(PAIL_STR("a\n"), &worded, 1, &got, NULL, &error), -ECANCELED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
    ck_assert_str_eq(error.message, "enough of this");
}
END_TEST

/* The body's failure comes behind the lines before it, and stays. */
START_TEST(body_fails)
{
    struct trickle trickle = {.data = PAIL_STR(A "\n" A "\n{"), .piece = 7};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, PAIL_INT(100));
    PAIL_CLEANUP(pail_pipeline) struct pail_pipeline *pipeline = NULL;
    struct pail_processor parse = pail_json_processor(PAIL_INVALID_FAIL);
    struct pail_item *item;
    struct pail_error error;
    ck_assert_int_eq(pail_pipeline_new(body, NULL, &parse, 1, &pipeline, NULL), 0);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, NULL), 1);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, NULL), 1);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(pail_pipeline_next(pipeline, &item, &error), -EIO);
        ck_assert_int_eq(error.kind, PAIL_ERROR_INCOMPLETE_READ);
        ck_assert_uint_eq(error.expected_bytes, 100);
    }
}
END_TEST

START_TEST(options)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(PAIL_STR("12\n123"), NO_LENGTH);
    PAIL_CLEANUP(pail_pipeline) struct pail_pipeline *pipeline = NULL;
    const struct pail_lines_options keep = {.keep_ends = true}, small = {.max_bytes = 2};
    struct pail_item *item;
    struct pail_error error;
    ck_assert_int_eq(pail_pipeline_new(body, &keep, NULL, 0, &pipeline, &error), -EINVAL);
    ck_assert_ptr_null(pipeline);
    ck_assert_int_eq(pail_pipeline_new(body, &small, NULL, 0, &pipeline, &error), 0);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, &error), 1);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, &error), -EFBIG);
    pail_pipeline_free(NULL);
}
END_TEST

static int run_in_little_memory(struct pail_body *body)
{
    PAIL_CLEANUP(pail_pipeline) struct pail_pipeline *pipeline = NULL;
    const struct pail_processor processor = {measure, NULL};
    struct pail_item *item;
    int r = pail_pipeline_new(body, NULL, &processor, 1, &pipeline, NULL);
    return r < 0 ? r : pail_pipeline_next(pipeline, &item, NULL);
}

START_TEST(memory_runs_out)
{
    int r = -ENOMEM;
    for (long allowed = 0; r < 0; allowed++) {
        PAIL_CLEANUP(pail_body)
        struct pail_body *body = memory_body(PAIL_STR("abc\n"), NO_LENGTH);
        alloc_fail_after(allowed);
        r = run_in_little_memory(body);
        alloc_fail_after(-1);
        ck_assert(r == -ENOMEM || (r == 1 && allowed == 4));
    }
}
END_TEST

SUITE_MAIN("aws/pipeline", tcase_add_loop_test(tc, sends_lines_through, 0, ARRAY_LEN(cases));
           tcase_add_test(tc, dropped_is_not_seen); tcase_add_test(tc, values_are_released);
           tcase_add_test(tc, processor_fails); tcase_add_test(tc, body_fails);
           tcase_add_test(tc, options); tcase_add_test(tc, memory_runs_out));
