#include "aws/rest_xml.h"

#include "base/buf.h"
#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>
#include <math.h>

static const struct pail_operation do_thing = THING_OPERATION(PAIL_REST_XML, NULL, 0);
static const struct pail_operation query_thing =
    THING_OPERATION(PAIL_QUERY, "DoThingResult", 0);

/* What parsing came to, in pieces of `step` bytes; the output as JSON in *ret_json (the
 * caller's), the facts copied. */
static int run(const struct pail_operation *op, struct pail_str body, size_t step,
               char **ret_json, struct body_facts *ret_facts, struct arena *arena, char *reason)
{
    struct thing thing = {.response.http_status = 0};
    CLEANUP(rest_xml) struct rest_xml *p = rest_xml_new(op, arena, &thing);
    int r = 0;
    for (size_t at = 0; at < body.len && r == 0; at += step) {
        struct pail_str piece = str_sub(body, at, step);
        r = rest_xml_feed(p, piece.ptr, piece.len);
    }
    if (r == 0)
        r = rest_xml_finish(p);
    snprintf(reason, 160, "%s", rest_xml_reason(p));
    *ret_facts = *rest_xml_facts(p);
    return r < 0 ? r : pail_output_json(op, &thing, ret_json);
}

static const struct {
    const char *body;
    const char *json; /* NULL: -EPROTO */
} documents[] = {
    {"<Thing/>", "{}"},
    {"<x:Thing xmlns:x='u'><x:Text>a</x:Text></x:Thing>", "{\"Text\":\"a\"}"},
    {"<Thing><Text/></Thing>", "{\"Text\":\"\"}"},
    {"<Thing><Text> a &amp; b </Text></Thing>", "{\"Text\":\" a & b \"}"},
    {"<Thing><Text>a</Text><Text>b</Text></Thing>", "{\"Text\":\"b\"}"},
    {"<Thing><Text>a<b>c</b></Text><Small>1</Small></Thing>", "{\"Text\":\"\",\"Small\":1}"},
    {"<Thing><Unknown><Text>x</Text><a><b/></a></Unknown><Text>a</Text></Thing>",
     "{\"Text\":\"a\"}"},
    {"<Thing><Blob>aGVs\nbG8=</Blob></Thing>", "{\"Blob\":\"aGVsbG8=\"}"},
    {"<Thing><Blob/></Thing>", "{\"Blob\":\"\"}"},
    {"<Thing><Blob>a</Blob></Thing>", NULL},
    {"<Thing><Small> -7 </Small><Big>9223372036854775807</Big></Thing>",
     "{\"Small\":-7,\"Big\":9223372036854775807}"},
    {"<Thing><Small>2147483648</Small></Thing>", NULL},
    {"<Thing><Big>9223372036854775808</Big></Thing>", NULL},
    {"<Thing><Big>1.5</Big></Thing>", NULL},
    {"<Thing><Big/></Thing>", NULL},
    {"<Thing><Lenient>x</Lenient><Small>1</Small></Thing>", "{\"Small\":1}"},
    {"<Thing><Real>-1.25e3</Real></Thing>", "{\"Real\":-1250}"},
    {"<Thing><Real>0.1</Real></Thing>", "{\"Real\":0.1}"},
    {"<Thing><Real>NaN</Real></Thing>", "{\"Real\":\"NaN\"}"},
    {"<Thing><Real>-Infinity</Real></Thing>", "{\"Real\":\"-Infinity\"}"},
    {"<Thing><Real>x</Real></Thing>", NULL},
    {"<Thing><Flag>true</Flag></Thing>", "{\"Flag\":true}"},
    {"<Thing><Flag>True</Flag></Thing>", "{\"Flag\":true}"},
    {"<Thing><Flag>false</Flag></Thing>", "{\"Flag\":false}"},
    {"<Thing><Flag>1</Flag></Thing>", "{\"Flag\":false}"},
    {"<Thing><Time>2009-10-12T17:50:00.000Z</Time></Thing>",
     "{\"Time\":\"2009-10-12T17:50:00Z\"}"},
    {"<Thing><Time>2009-10-12T19:50:00.123456789+02:00</Time></Thing>",
     "{\"Time\":\"2009-10-12T17:50:00.123456789Z\"}"},
    {"<Thing><Time>1255369800</Time></Thing>", "{\"Time\":\"2009-10-12T17:50:00Z\"}"},
    {"<Thing><Time>Mon, 12 Oct 2009 17:50:00 GMT</Time></Thing>",
     "{\"Time\":\"2009-10-12T17:50:00Z\"}"},
    {"<Thing><Time/></Thing>", NULL},
    {"<Thing><Part y:kind='k' "
     "other='o'><Name>n</Name><Inner><Size>1</Size><Inner/></Inner></Part>"
     "</Thing>",
     "{\"Part\":{\"Kind\":\"k\",\"Name\":\"n\",\"Inner\":{\"Size\":1,\"Inner\":{}}}}"},
    {"<Thing><Texts/></Thing>", "{\"Texts\":[]}"},
    {"<Thing><Texts><member>a</member><member/><other>c</other></Texts></Thing>",
     "{\"Texts\":[\"a\",\"\",\"c\"]}"},
    {"<Thing><FlatText>a</FlatText><Text>t</Text><FlatText>b</FlatText></Thing>",
     "{\"Text\":\"t\",\"FlatTexts\":[\"a\",\"b\"]}"},
    {"<Thing><Parts><Item kind='1'><Name>a</Name></Item><Item/></Parts></Thing>",
     "{\"Parts\":[{\"Kind\":\"1\",\"Name\":\"a\"},{}]}"},
    {"<Thing><FlatPart><Name>a</Name></FlatPart><FlatText>x</FlatText><FlatPart><Name>b</Name>"
     "</FlatPart></Thing>",
     "{\"FlatTexts\":[\"x\"],\"FlatParts\":[{\"Name\":\"a\"},{\"Name\":\"b\"}]}"},
    {"<Thing><Map/></Thing>", "{\"Map\":{}}"},
    {"<Thing><Map><entry><key>a</key><value>1</value></entry><entry><value>2</value><x/"
     "><key>b</key>"
     "</entry></Map></Thing>",
     "{\"Map\":{\"a\":\"1\",\"b\":\"2\"}}"},
    {"<Thing><Map><entry><value>1</value></entry></Map></Thing>", NULL},
    {"<Thing><FlatMap><key>a</key><value>1</value></FlatMap><FlatMap><key>b</key><value/></"
     "FlatMap>"
     "</Thing>",
     "{\"FlatMap\":{\"a\":\"1\",\"b\":\"\"}}"},
    {"<Thing><Numbers><E><K>a</K><V>1</V></E></Numbers></Thing>", "{\"Numbers\":{\"a\":1}}"},
    {"<Thing><Choice><Other>x</Other></Choice></Thing>", "{\"Choice\":{\"Other\":\"x\"}}"},
    {"<Thing><Choice><Future>x</Future></Choice></Thing>", "{\"Choice\":{}}"},
    {"<Thing><Choice><One>x</One><Other>y</Other></Choice></Thing>", NULL},
    {"<Other/>", NULL},
    {"<Thing>", NULL},
    {"", NULL},
};

START_TEST(parses_documents_in_pieces_of_any_size)
{
    const char *body = documents[_i].body;
    for (size_t step = 1; step <= strlen(body) + 1; step += 3) {
        CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
        CLEANUP(heap) char *json = NULL;
        struct body_facts facts;
        char reason[160];
        int r = run(&do_thing, str_c(body), step, &json, &facts, arena, reason);
        if (documents[_i].json) {
            ck_assert_msg(r == 0, "%s: %s", body, reason);
            ck_assert_str_eq(json, documents[_i].json);
        } else {
            ck_assert_msg(r == -EPROTO && reason[0], "%s: %d %s", body, r, reason);
        }
        ck_assert(!facts.is_error);
    }
}
END_TEST

static const struct {
    const char *body;
    const char *code, *message, *region, *request_id, *host_id; /* NULL: absent */
    bool is_error;
} errors[] = {
    {"<Error><Code>C</Code><Message>M</Message><Region>r</Region><RequestId>R</RequestId>"
     "<HostId>H</HostId><Key>k</Key></Error>",
     "C", "M", "r", "R", "H", true},
    {"<Error xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Code>C</Code></Error>", "C", NULL,
     NULL, NULL, NULL, true},
    {"<ErrorResponse "
     "xmlns='u'><Error><Type>Sender</Type><Code>C</Code><Message>M</Message></Error>"
     "<RequestId>R</RequestId></ErrorResponse>",
     "C", "M", NULL, "R", NULL, true},
    {"<ErrorResponse><Errors><Error><Code>C</Code></Error></Errors><RequestID>R</RequestID>"
     "</ErrorResponse>",
     "C", NULL, NULL, "R", NULL, true},
    {"<Error><Code/><Message></Message></Error>", NULL, NULL, NULL, NULL, NULL, true},
    {"<Thing><Code>C</Code></Thing>", NULL, NULL, NULL, NULL, NULL, false},
};

START_TEST(reads_errors)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    CLEANUP(heap) char *json = NULL;
    struct body_facts facts;
    char reason[160];
    int r = run(&do_thing, str_c(errors[_i].body), 7, &json, &facts, arena, reason);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(json, "{}");
    ck_assert_int_eq(facts.is_error, errors[_i].is_error);
    ck_assert(str_eq_c(facts.code, errors[_i].code));
    ck_assert(str_eq_c(facts.message, errors[_i].message));
    ck_assert(str_eq_c(facts.region, errors[_i].region));
    ck_assert(str_eq_c(facts.request_id, errors[_i].request_id));
    ck_assert(str_eq_c(facts.host_id, errors[_i].host_id));
}
END_TEST

START_TEST(reads_the_results_of_query)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    CLEANUP(heap) char *json = NULL;
    struct body_facts facts;
    char reason[160];
    const char *body = "<DoThingResponse xmlns='u'><DoThingResult><Text>a</Text><Texts>"
                       "<member>b</member></Texts></DoThingResult><ResponseMetadata>"
                       "<RequestId>R</RequestId></ResponseMetadata></DoThingResponse>";
    ck_assert_int_eq(run(&query_thing, str_c(body), 5, &json, &facts, arena, reason), 0);
    ck_assert_str_eq(json, "{\"Text\":\"a\",\"Texts\":[\"b\"]}");
    check_str(facts.request_id, "R");
}
END_TEST

static void repeat(struct buf *b, const char *unit, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_add_c(b, unit);
}

START_TEST(grows_lists)
{
    for (size_t count = 1; count < 40; count++) {
        CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
        CLEANUP_DONE(buf) struct buf body;
        buf_init(&body, SIZE_MAX);
        buf_add_c(&body, "<Thing>");
        for (size_t i = 0; i < count; i++)
            buf_addf(&body, "<FlatText>%zu</FlatText>", i);
        buf_add_c(&body, "</Thing>");
        struct thing thing = {.response.http_status = 0};
        CLEANUP(rest_xml) struct rest_xml *p = rest_xml_new(&do_thing, arena, &thing);
        ck_assert_int_eq(rest_xml_feed(p, body.data, body.len), 0);
        ck_assert_int_eq(rest_xml_finish(p), 0);
        ck_assert_uint_eq(thing.flat_texts.count, count);
        for (size_t i = 0; i < count; i++) {
            char expected[24];
            snprintf(expected, sizeof(expected), "%zu", i);
            ck_assert(str_eq_c(thing.flat_texts.items[i], expected));
        }
    }
}
END_TEST

START_TEST(stays_within_the_arena)
{
    CLEANUP(arena) struct arena *arena = arena_new(4096);
    CLEANUP_DONE(buf) struct buf body;
    CLEANUP(heap) char *json = NULL;
    struct body_facts facts;
    char reason[160];
    buf_init(&body, SIZE_MAX);
    buf_add_c(&body, "<Thing>");
    repeat(&body, "<FlatText>0123456789</FlatText>", 1000);
    buf_add_c(&body, "</Thing>");
    ck_assert_int_eq(run(&do_thing, buf_str(&body), 4096, &json, &facts, arena, reason),
                     -ENOMEM);
}
END_TEST

START_TEST(refuses_what_is_too_deep)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    CLEANUP_DONE(buf) struct buf body;
    CLEANUP(heap) char *json = NULL;
    struct body_facts facts;
    char reason[160];
    buf_init(&body, SIZE_MAX);
    buf_add_c(&body, "<Thing><Part>");
    repeat(&body, "<Inner>", 62);
    repeat(&body, "</Inner>", 62);
    buf_add_c(&body, "</Part></Thing>");
    ck_assert_int_eq(run(&do_thing, buf_str(&body), 4096, &json, &facts, arena, reason), 0);
    buf_reset(&body);
    buf_add_c(&body, "<Thing><Part>");
    repeat(&body, "<Inner>", 100000);
    ck_assert_int_eq(run(&do_thing, buf_str(&body), 4096, &json, &facts, arena, reason),
                     -EPROTO);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    static const char body[] =
        "<Thing><Text>a</Text><Blob>aGVsbG8=</Blob><Part kind='x'><Name>n</Name></Part><Texts>"
        "<member>b</member></Texts><Map><entry><key>k</key><value>v</value></entry></Map></"
        "Thing>";
    bool done = false;
    for (long count = 0; count < 60 && !done; count++) {
        struct thing thing = {.response.http_status = 0};
        alloc_fail_after(count);
        struct arena *arena = arena_new(1 << 20);
        struct rest_xml *p = arena ? rest_xml_new(&do_thing, arena, &thing) : NULL;
        int r = p ? rest_xml_feed(p, body, sizeof(body) - 1) : -ENOMEM;
        if (r == 0)
            r = rest_xml_finish(p);
        alloc_fail_after(-1);
        ck_assert(r == 0 || r == -ENOMEM);
        done = r == 0;
        rest_xml_free(p);
        arena_free(arena);
    }
    ck_assert(done);
}
END_TEST

SUITE_MAIN("aws/rest_xml", tcase_add_loop_test(tc, parses_documents_in_pieces_of_any_size, 0,
                                               (int)ARRAY_LEN(documents));
           tcase_add_loop_test(tc, reads_errors, 0, (int)ARRAY_LEN(errors));
           tcase_add_test(tc, reads_the_results_of_query); tcase_add_test(tc, grows_lists);
           tcase_add_test(tc, stays_within_the_arena);
           tcase_add_test(tc, refuses_what_is_too_deep);
           tcase_add_test(tc, survives_every_failed_allocation));
