#include "aws/serialize.h"

#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>
#include <math.h>

/* A body of every kind of member */

static const struct pail_operation xml_thing = THING_OPERATION(PAIL_REST_XML, NULL, 0);
static const struct pail_operation rest_json_thing = THING_OPERATION(PAIL_REST_JSON, NULL, 0);
static const struct pail_operation json_thing = THING_OPERATION(PAIL_JSON, NULL, 0);
static const struct pail_operation query_thing = THING_OPERATION(PAIL_QUERY, NULL, 0);

static const struct part inner = {.size = PAIL_INT(5)};
static const struct part one_part = {
    .kind = PAIL_STR("k\"<"), .name = PAIL_STR("n"), .inner = &inner};
static const struct part part_items[] = {{.name = PAIL_STR("p1")}, {.size = PAIL_INT(2)}};
static const struct pail_str text_items[] = {PAIL_STR("a"), PAIL_STR("b&c")};
static const struct pail_str_entry map_items[] = {{PAIL_STR("k 1"), PAIL_STR("v1")},
                                                  {PAIL_STR("k2"), PAIL_STR("")}};
static const struct number_entry number_items[] = {{PAIL_STR("n"), PAIL_INT(9)}};
static const struct choice one_choice = {.other = PAIL_STR("o")};

static const struct thing full_thing = {
    .text = PAIL_STR("a<b>&\"\r\n\t\x01\xff\xc3\xa9"),
    .blob = PAIL_STR("\0\1"),
    .small = PAIL_INT(-1),
    .big = PAIL_INT(INT64_MAX),
    .real = {0.1, true},
    .flag = PAIL_BOOL(false),
    .time = {1255369800, 500000000, true},
    .part = &one_part,
    .texts = {text_items, 2},
    .flat_texts = {text_items, 2},
    .parts = {part_items, 2},
    .flat_parts = {part_items, 1},
    .map = {map_items, 2},
    .flat_map = {map_items, 2},
    .numbers = {number_items, 1},
    .choice = &one_choice,
};

static const struct {
    const struct pail_operation *op;
    const char *type, *body;
} bodies[] = {
    {&xml_thing, "application/xml",
     "<Thing xmlns=\"http://things/\"><Text>a&lt;b&gt;&amp;&quot;&#xD;&#xA;&#x9;\xef\xbf\xbd"
     "\xef\xbf\xbd\xc3\xa9</Text><Blob>AAE=</Blob><Small>-1</Small>"
     "<Big>9223372036854775807</Big><Real>0.1</Real><Flag>false</Flag>"
     "<Time>2009-10-12T17:50:00.5Z</Time><Part x:kind=\"k&quot;&lt;\"><Name>n</Name><Inner>"
     "<Size>5</Size></Inner></Part><Texts><member>a</member><member>b&amp;c</member></Texts>"
     "<FlatText>a</FlatText><FlatText>b&amp;c</FlatText><Parts><Item><Name>p1</Name></"
     "Item><Item>"
     "<Size>2</Size></Item></Parts><FlatPart><Name>p1</Name></FlatPart><Map><entry><key>k "
     "1</key>"
     "<value>v1</value></entry><entry><key>k2</key><value></value></entry></Map><FlatMap>"
     "<key>k 1</key><value>v1</value></FlatMap><FlatMap><key>k2</key><value></value></FlatMap>"
     "<Numbers><E><K>n</K><V>9</V></E></Numbers><Choice><Other>o</Other></Choice></Thing>"},
    {&rest_json_thing, "application/json",
     "{\"Text\":\"a<b>&\\\"\\u000d\\n\\u0009\\u0001\\ufffd\xc3\xa9\",\"Blob\":\"AAE=\","
     "\"Small\":-1,\"Big\":9223372036854775807,\"Real\":0.1,\"Flag\":false,"
     "\"Time\":1255369800.500,\"Part\":{\"x:kind\":\"k\\\"<\",\"Name\":\"n\",\"Inner\":"
     "{\"Size\":5}},\"Texts\":[\"a\",\"b&c\"],\"FlatText\":[\"a\",\"b&c\"],\"Parts\":"
     "[{\"Name\":\"p1\"},{\"Size\":2}],\"FlatPart\":[{\"Name\":\"p1\"}],\"Map\":{\"k "
     "1\":\"v1\","
     "\"k2\":\"\"},\"FlatMap\":{\"k 1\":\"v1\",\"k2\":\"\"},\"Numbers\":{\"n\":9},"
     "\"Choice\":{\"Other\":\"o\"}}"},
    {&query_thing, "application/x-www-form-urlencoded; charset=utf-8",
     "Action=DoThing&Version=2020-01-01&Text=a%3Cb%3E%26%22%0D%0A%09%01%FF%C3%A9&Blob=AAE%3D"
     "&Small=-1&Big=9223372036854775807&Real=0.1&Flag=false&Time=2009-10-12T17%3A50%3A00.5Z"
     "&Part.x%3Akind=k%22%3C&Part.Name=n&Part.Inner.Size=5&Texts.member.1=a"
     "&Texts.member.2=b%26c&FlatText.1=a&FlatText.2=b%26c&Parts.Item.1.Name=p1"
     "&Parts.Item.2.Size=2&FlatPart.1.Name=p1&Map.entry.1.key=k%201&Map.entry.1.value=v1"
     "&Map.entry.2.key=k2&Map.entry.2.value=&FlatMap.1.key=k%201&FlatMap.1.value=v1"
     "&FlatMap.2.key=k2&FlatMap.2.value=&Numbers.entry.1.K=n&Numbers.entry.1.V=9"
     "&Choice.Other=o"},
};

START_TEST(writes_bodies)
{
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error;
    int r = serialize_request(bodies[_i].op, &full_thing, &s, &error);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(s.request.method, "POST");
    ck_assert_str_eq(s.request.url.path, "/");
    ck_assert(s.request.has_body);
    ck_assert_str_eq(buf_c(&s.request.body), bodies[_i].body);
    struct pail_str type = http_headers_get(&s.request.headers, "Content-Type");
    ck_assert(str_eq_c(type, bodies[_i].type));
}
END_TEST

/* What is sent of an input without a member; `type` NULL: none. */
static const struct {
    const struct pail_operation *op;
    const char *type, *body, *target;
} empty_bodies[] = {
    {&xml_thing, NULL, "", NULL},
    {&rest_json_thing, "application/json", "{}", NULL},
    {&json_thing, "application/x-amz-json-1.1", "{}", "Things_1.DoThing"},
    {&query_thing, "application/x-www-form-urlencoded; charset=utf-8",
     "Action=DoThing&Version=2020-01-01", NULL},
};

START_TEST(writes_empty_bodies)
{
    static const struct thing empty = {.response.http_status = 0};
    const void *inputs[] = {&empty, NULL};
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        CLEANUP_DONE(serialized) struct serialized s = {.range = false};
        ck_assert_int_eq(serialize_request(empty_bodies[_i].op, inputs[i], &s, NULL), 0);
        ck_assert(s.request.has_body);
        ck_assert_str_eq(buf_c(&s.request.body), empty_bodies[_i].body);
        ck_assert(str_eq_c(http_headers_get(&s.request.headers, "Content-Type"),
                           empty_bodies[_i].type));
        ck_assert(str_eq_c(http_headers_get(&s.request.headers, "X-Amz-Target"),
                           empty_bodies[_i].target));
    }
}
END_TEST

/* Members everywhere but in the body */

struct lists_entry {
    struct pail_str key;
    struct pail_str_list value;
};
static const struct pail_shape lists_shape = {.type = PAIL_MAP,
                                              .element = &pail_shape_string_list};

struct question {
    struct pail_str bucket, key, label, secret, md5, range, token, fallback;
    struct pail_int count;
    struct pail_time time, query_time;
    struct pail_bool flag;
    struct pail_double real;
    struct pail_str_list list, query_list;
    struct pail_str_map headers, query_map;
    struct {
        const struct lists_entry *items;
        size_t count;
    } query_lists;
    struct pail_str payload;
};

#define Q(field_, name_, wire_, shape_, location_, ...)                                        \
    PAIL_FIELD(struct question, field_, name_, wire_, shape_, location_, __VA_ARGS__)

static const struct pail_member question_members[] = {
    Q(bucket, "Bucket", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    Q(key, "Key", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    Q(label, "Label", NULL, &pail_shape_string, PAIL_IN_HEADER, PAIL_HOST_LABEL),
    Q(secret, "Secret", "x-secret", &pail_shape_string, PAIL_IN_HEADER, PAIL_KEY_AND_MD5),
    Q(md5, "SecretMD5", "x-secret-MD5", &pail_shape_string, PAIL_IN_HEADER, 0),
    Q(range, "Range", NULL, &pail_shape_string, PAIL_IN_HEADER, 0),
    Q(token, "Token", "x-token", &pail_shape_string, PAIL_IN_HEADER, PAIL_IDEMPOTENCY_TOKEN),
    Q(fallback, "Fallback", "x-fallback", &pail_shape_string, PAIL_IN_HEADER, 0,
      .fallback = "usual"),
    Q(count, "Count", "x-count", &pail_shape_integer, PAIL_IN_HEADER, 0),
    Q(time, "Time", "x-time", &pail_shape_timestamp, PAIL_IN_HEADER, 0),
    Q(query_time, "QueryTime", "time", &pail_shape_timestamp, PAIL_IN_QUERY, 0),
    Q(flag, "Flag", "flag", &pail_shape_boolean, PAIL_IN_QUERY, 0),
    Q(real, "Real", "real", &pail_shape_double, PAIL_IN_QUERY, 0),
    Q(list, "List", "x-list", &pail_shape_string_list, PAIL_IN_HEADER, 0),
    Q(query_list, "QueryList", "li st", &pail_shape_string_list, PAIL_IN_QUERY, 0),
    Q(headers, "Headers", "x-meta-", &pail_shape_string_map, PAIL_IN_HEADER_PREFIX, 0),
    Q(query_map, "QueryMap", "unused", &pail_shape_string_map, PAIL_IN_QUERY, 0),
    Q(query_lists, "QueryLists", "unused", &lists_shape, PAIL_IN_QUERY, 0),
    Q(payload, "Payload", NULL, &pail_shape_stream, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_shape question_shape =
    PAIL_STRUCTURE_SHAPE(struct question, "Question", question_members);
static const struct pail_service service = {.protocol = PAIL_REST_XML};
static const struct pail_operation ask = {.name = "Ask",
                                          .service = &service,
                                          .method = "PUT",
                                          .uri = "/{Bucket}/x/{Key+}/y?fixed&v=1",
                                          .input = &question_shape};
static const struct pail_operation ask_host = {.name = "AskHost",
                                               .service = &service,
                                               .method = "GET",
                                               .uri = "/",
                                               .host_prefix = "{Label}.data-",
                                               .input = &question_shape};

static struct pail_str header(const struct serialized *s, const char *name)
{
    return http_headers_get(&s->request.headers, name);
}

START_TEST(puts_members_in_their_places)
{
    static const struct pail_str list[] = {PAIL_STR("a"), PAIL_STR("b,\"c"), PAIL_STR("")};
    static const struct pail_str_entry map[] = {{PAIL_STR("A"), PAIL_STR("1")},
                                                {PAIL_STR("b &"), PAIL_STR("2 =")}};
    static const struct pail_str_entry names[] = {{PAIL_STR("A"), PAIL_STR("1")},
                                                  {PAIL_STR("b"), PAIL_STR("")}};
    const struct lists_entry lists[] = {{PAIL_STR("m n"), {list, 2}},
                                        {PAIL_STR("none"), {list, 0}}};
    struct question in = {
        .bucket = PAIL_STR("b/c d"),
        .key = PAIL_STR("k/\xff /"),
        .secret = PAIL_STR("abc"),
        .count = PAIL_INT(-3),
        .time = {1255369800, 999999999, true},
        .query_time = {1255369800, 0, true},
        .flag = PAIL_BOOL(true),
        .real = {NAN, true},
        .list = {list, 3},
        .query_list = {list, 2},
        .headers = {names, 2},
        .query_map = {map, 2},
        .query_lists = {lists, 2},
        .payload = PAIL_STR("a\0b"),
    };
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error;
    ck_assert_int_eq(serialize_request(&ask, &in, &s, &error), 0);
    ck_assert_str_eq(s.request.method, "PUT");
    ck_assert_str_eq(s.request.url.path, "/b%2Fc%20d/x/k/%FF%20//y");
    check_str(s.bucket, "b/c d");
    ck_assert_uint_eq(s.bucket_path_len, strlen("/b%2Fc%20d"));
    ck_assert_str_eq(buf_c(&s.request.query),
                     "fixed&v=1&time=2009-10-12T17%3A50%3A00Z&flag=true&real=NaN"
                     "&li%20st=a&li%20st=b%2C%22c&A=1&b%20%26=2%20%3D&m%20n=a&m%20n=b%2C%22c");
    check_str(header(&s, "x-secret"), "YWJj");
    check_str(header(&s, "x-secret-MD5"), "kAFQmDzST7DWlj99KOF/cg==");
    check_str(header(&s, "x-fallback"), "usual");
    check_str(header(&s, "x-count"), "-3");
    check_str(header(&s, "x-time"), "Mon, 12 Oct 2009 17:50:00 GMT");
    check_str(header(&s, "x-list"), "a,\"b,\\\"c\",");
    check_str(header(&s, "x-meta-A"), "1");
    check_str(header(&s, "x-meta-b"), "");
    ck_assert_uint_eq(header(&s, "x-token").len, 36);
    check_absent(header(&s, "Content-Type"));
    ck_assert(s.request.has_body);
    check_str(buf_str(&s.request.body), "a\0b");
    ck_assert_uint_eq(s.host_prefix.len, 0);
    ck_assert(!s.range);
    /* The input is copied. */
    in.payload = str_of(NULL, 0);
    check_str(s.bucket, "b/c d");
}
END_TEST

START_TEST(leaves_out_what_is_absent)
{
    struct question in = {.bucket = PAIL_STR("b"), .key = PAIL_STR("k"), .list = {NULL, 0}};
    in.token = PAIL_STR("given");
    in.list.items = &in.token; /* present, empty */
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    ck_assert_int_eq(serialize_request(&ask, &in, &s, NULL), 0);
    ck_assert_str_eq(buf_c(&s.request.query), "fixed&v=1");
    ck_assert_uint_eq(s.request.headers.count, 2);
    check_str(header(&s, "x-token"), "given");
    check_str(header(&s, "x-fallback"), "usual");
    ck_assert(s.request.has_body);
    ck_assert_uint_eq(s.request.body.len, 0);
}
END_TEST

static const struct {
    const char *range;
    bool is_range;
    uint64_t first, last, suffix;
} ranges[] = {
    {"bytes=0-0", true, 0, 0, 0},
    {"bytes=10-99", true, 10, 99, 0},
    {"bytes=7-", true, 7, UINT64_MAX, 0},
    {"Bytes=7-8", true, 7, 8, 0},
    {"bytes=18446744073709551614-", true, UINT64_MAX - 1, UINT64_MAX, 0},
    {"bytes=-5", false, 0, 0, 5},
    {"bytes=-0", false, 0, 0, 0},
    {"bytes=-5-", false, 0, 0, 0},
    {"bytes=-", false, 0, 0, 0},
    {"bytes=9-1", false, 0, 0, 0},
    {"bytes=0-1,3-4", false, 0, 0, 0},
    {"bytes=a-b", false, 0, 0, 0},
    {"bytes=5", false, 0, 0, 0},
    {"lines=0-1", false, 0, 0, 0},
    {"bytes=18446744073709551615-", false, 0, 0, 0},
};

START_TEST(notes_ranges)
{
    struct question in = {
        .bucket = PAIL_STR("b"), .key = PAIL_STR("k"), .range = str_c(ranges[_i].range)};
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    ck_assert_int_eq(serialize_request(&ask, &in, &s, NULL), 0);
    ck_assert(str_eq_c(header(&s, "range"), ranges[_i].range));
    ck_assert_int_eq(s.range, ranges[_i].is_range);
    ck_assert(s.range_first == ranges[_i].first && s.range_last == ranges[_i].last);
    ck_assert_uint_eq(s.range_suffix, ranges[_i].suffix);
}
END_TEST

static const struct pail_str_entry accented[] = {{PAIL_STR("a"), PAIL_STR("\xc3\xa9")}};
static const struct pail_str_entry bad_name[] = {{PAIL_STR("a\nb"), PAIL_STR("x")}};

#define BK .bucket = PAIL_STR("b"), .key = PAIL_STR("k")

static const struct {
    const struct pail_operation *op;
    struct question in;
    const char *message;
} refused[] = {
    {&ask, {.key = PAIL_STR("k")}, "Ask: Bucket is required"},
    {&ask, {.bucket = PAIL_STR("b")}, "Ask: Key is required"},
    {&ask, {.bucket = PAIL_STR("b"), .key = PAIL_STR("")}, "Ask: Key is empty"},
    {&ask, {.bucket = PAIL_STR(""), .key = PAIL_STR("k")}, "Ask: Bucket is empty"},
    {&ask,
     {BK, .range = PAIL_STR("a\r\nX: y")},
     "Ask: Range holds characters that a header cannot"},
    {&ask, {BK, .range = PAIL_STR("a\0")}, "Ask: Range holds characters that a header cannot"},
    {&ask, {BK, .range = PAIL_STR("\x7f")}, "Ask: Range holds characters that a header cannot"},
    {&ask,
     {BK, .headers = {accented, 1}},
     "Ask: Headers holds characters that a header cannot"},
    {&ask,
     {BK, .headers = {bad_name, 1}},
     "Ask: Headers holds characters that a header cannot"},
    {&ask_host, {BK}, "AskHost: Label is required"},
    {&ask_host, {BK, .label = PAIL_STR("")}, "AskHost: Label is empty"},
    {&ask_host,
     {BK, .label = PAIL_STR("a.b")},
     "AskHost: the host prefix would not be a host name"},
    {&ask_host,
     {BK, .label = PAIL_STR("a@b")},
     "AskHost: the host prefix would not be a host name"},
};

START_TEST(refuses_what_cannot_be_sent)
{
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error;
    ck_assert_int_eq(serialize_request(refused[_i].op, &refused[_i].in, &s, &error), -EINVAL);
    ck_assert_str_eq(error.message, refused[_i].message);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    ck_assert_int_eq(error.sys, EINVAL);
    ck_assert_ptr_null(s.request.url.path);
    ck_assert_int_eq(serialize_request(refused[_i].op, NULL, &s, &error), -EINVAL);
}
END_TEST

START_TEST(refuses_what_is_too_long)
{
    CLEANUP(heap) char *text = malloc(HEADERS_BYTES_MAX + 1);
    memset(text, 'x', HEADERS_BYTES_MAX + 1);
    struct question long_key = {.bucket = PAIL_STR("b"), .key = {text, URL_MAX}};
    struct question long_header = {BK, .range = {text, HEADERS_BYTES_MAX + 1}};
    struct question long_query = {BK, .query_list = {&long_key.key, 1}};
    struct question *inputs[] = {&long_key, &long_header, &long_query};
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        CLEANUP_DONE(serialized) struct serialized s = {.range = false};
        struct pail_error error;
        ck_assert_int_eq(serialize_request(&ask, inputs[i], &s, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.message, "is too long"));
    }
}
END_TEST

START_TEST(fills_in_host_prefixes)
{
    struct question in = {BK, .label = PAIL_STR("account-1")};
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    ck_assert_int_eq(serialize_request(&ask_host, &in, &s, NULL), 0);
    ck_assert_str_eq(buf_c(&s.host_prefix), "account-1.data-");
    ck_assert_str_eq(s.request.url.path, "/");
    check_absent(s.bucket);
    ck_assert(!s.request.has_body);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    static const struct pail_str_entry names[] = {{PAIL_STR("A"), PAIL_STR("1")}};
    const struct question in = {BK,
                                .secret = PAIL_STR("abc"),
                                .count = PAIL_INT(1),
                                .query_list = {text_items, 2},
                                .headers = {names, 1},
                                .payload = PAIL_STR("p")};
    const struct {
        const struct pail_operation *op;
        const void *in;
    } cases[] = {{&ask, &in},
                 {&xml_thing, &full_thing},
                 {&json_thing, &full_thing},
                 {&query_thing, &full_thing}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool done = false;
        for (long count = 0; count < 200 && !done; count++) {
            CLEANUP_DONE(serialized) struct serialized s = {.range = false};
            struct pail_error error;
            alloc_fail_after(count);
            int r = serialize_request(cases[i].op, cases[i].in, &s, &error);
            alloc_fail_after(-1);
            done = r == 0;
            ck_assert_msg(done || (r == -ENOMEM && error.kind == PAIL_ERROR_MEMORY),
                          "%zu: %d %s", i, r, error.message);
        }
        ck_assert(done);
    }
}
END_TEST

SUITE_MAIN("aws/serialize", tcase_add_loop_test(tc, writes_bodies, 0, (int)ARRAY_LEN(bodies));
           tcase_add_loop_test(tc, writes_empty_bodies, 0, (int)ARRAY_LEN(empty_bodies));
           tcase_add_test(tc, puts_members_in_their_places);
           tcase_add_test(tc, leaves_out_what_is_absent);
           tcase_add_loop_test(tc, notes_ranges, 0, (int)ARRAY_LEN(ranges));
           tcase_add_loop_test(tc, refuses_what_cannot_be_sent, 0, (int)ARRAY_LEN(refused));
           tcase_add_test(tc, refuses_what_is_too_long);
           tcase_add_test(tc, fills_in_host_prefixes);
           tcase_add_test(tc, survives_every_failed_allocation));
