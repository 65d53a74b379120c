#include "aws/xml.h"

#include "base/buf.h"
#include "unit/check.h"

#include <errno.h>

/* Writes what happens as "(name a=v text)", so that one string shows a whole document. */
static int on_start(void *user, struct pail_str name, const char *const *attributes)
{
    struct buf *seen = user;
    buf_addf(seen, "(%s", name.ptr);
    for (; *attributes; attributes += 2)
        buf_addf(seen, " %s=%s", attributes[0], attributes[1]);
    return str_eq_c(name, "refused") ? -ENOANO : 0;
}

static int on_end(void *user, struct pail_str text)
{
    struct buf *seen = user;
    if (text.len > 0)
        buf_add_byte(seen, ' ');
    buf_add_str(seen, text);
    buf_add_byte(seen, text.ptr ? ')' : '!');
    return str_eq_c(text, "refused") ? -ENOANO : 0;
}

static const struct xml_handler handler = {.start = on_start, .end = on_end};

/* Feeds in pieces of `step` bytes. */
static int run(struct pail_str document, size_t step, struct buf *seen)
{
    CLEANUP(xml) struct xml *x = xml_new(&handler, seen);
    int r = 0;
    for (size_t at = 0; at < document.len && r == 0; at += step) {
        struct pail_str piece = str_sub(document, at, step);
        r = xml_feed(x, piece.ptr, piece.len);
        if (r < 0)
            ck_assert_int_eq(xml_feed(x, piece.ptr, piece.len), r);
    }
    int end = xml_finish(x);
    ck_assert(r == 0 || end == r);
    ck_assert_int_eq(end < 0, xml_reason(x)[0] != '\0');
    return end;
}

static const struct {
    const char *document;
    const char *seen; /* NULL: any */
    int result;
} documents[] = {
    {"<a/>", "(a)", 0},
    {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>x</a>\n", "(a x)", 0},
    {"<a><b>1</b><c></c></a>", "(a(b 1)(c))", 0},
    {"<a> <b>1</b> </a>", "(a(b 1)  )", 0},
    {"<n:a xmlns:n='u'><n:b>1</n:b></n:a>", "(a xmlns:n=u(b 1))", 0},
    {"<a xsi:type='T' b='&amp;'/>", "(a xsi:type=T b=&)", 0},
    {"<a>&lt;x&gt; &amp;quot; &quot;&#10;&#xe9;</a>", "(a <x> &quot; \"\n\xc3\xa9)", 0},
    {"<a><![CDATA[<b>]]>c</a>", "(a <b>c)", 0},
    {"<a>x<!-- no -->y</a>", "(a xy)", 0},
    {"<a>\r\n\r</a>", "(a \n\n)", 0},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "(a \xc3\xa9)", 0},
    {"", "", -EPROTO},
    {"   ", "", -EPROTO},
    {"text", "", -EPROTO},
    {"<a>", "(a", -EPROTO},
    {"<a></b>", "(a", -EPROTO},
    {"<a/><b/>", "(a)", -EPROTO},
    {"<a/>x", "(a)", -EPROTO},
    {" <?xml version='1.0'?><a/>", "", -EPROTO}, /* space before the declaration */
    {"<a>\x01</a>", NULL, -EPROTO},
    {"<a>\xff</a>", NULL, -EPROTO},
    {"<a>&nope;</a>", NULL, -EPROTO},
    {"<a b='1' b='2'/>", "", -EPROTO},
    {"<!DOCTYPE html><html/>", "", -EPROTO},
    {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "", -EPROTO},
    {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "", -EPROTO},
    {"<a><refused><b/></refused></a>", "(a(refused", -ENOANO},
    {"<a><b>refused</b><c/></a>", "(a(b refused)", -ENOANO},
};

START_TEST(reads_documents_in_pieces_of_any_size)
{
    const char *document = documents[_i].document;
    for (size_t step = 1; step <= strlen(document) + 1; step++) {
        CLEANUP_DONE(buf) struct buf seen;
        buf_init(&seen, 4096);
        int r = run(str_c(document), step, &seen);
        ck_assert_msg(r == documents[_i].result, "%s by %zu: %d", document, step, r);
        if (documents[_i].seen)
            ck_assert_str_eq(buf_c(&seen), documents[_i].seen);
    }
}
END_TEST

START_TEST(refuses_the_billion_laughs)
{
    CLEANUP_DONE(buf) struct buf document;
    CLEANUP_DONE(buf) struct buf seen;
    buf_init(&document, 65536);
    buf_init(&seen, 4096);
    buf_add_c(&document, "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY l0 \"lol\">");
    for (int i = 1; i < 10; i++) {
        buf_addf(&document, "<!ENTITY l%d \"", i);
        for (int n = 0; n < 10; n++)
            buf_addf(&document, "&l%d;", i - 1);
        buf_add_c(&document, "\">");
    }
    buf_add_c(&document, "]><a>&l9;</a>");
    ck_assert_int_eq(run(buf_str(&document), 1000, &seen), -EPROTO);
    ck_assert_uint_eq(seen.len, 0);
}
END_TEST

static int run_repeated(const char *head, const char *unit, size_t count, const char *tail)
{
    CLEANUP_DONE(buf) struct buf document;
    CLEANUP_DONE(buf) struct buf seen;
    buf_init(&document, SIZE_MAX);
    buf_init(&seen, SIZE_MAX);
    buf_add_c(&document, head);
    for (size_t i = 0; i < count; i++)
        buf_add_c(&document, unit);
    buf_add_c(&document, tail);
    return run(buf_str(&document), 4096, &seen);
}

START_TEST(keeps_its_limits)
{
    ck_assert_int_eq(run_repeated("", "<a>", XML_DEPTH_MAX + 1, ""), -EPROTO);
    ck_assert_int_eq(run_repeated("<a>", "x", XML_TEXT_MAX, "</a>"), 0);
    ck_assert_int_eq(run_repeated("<a>", "x", XML_TEXT_MAX + 1, "</a>"), -EPROTO);

    CLEANUP_DONE(buf) struct buf document;
    CLEANUP_DONE(buf) struct buf seen;
    buf_init(&document, 65536);
    buf_init(&seen, 65536);
    for (int count = XML_ATTRIBUTES_MAX; count <= XML_ATTRIBUTES_MAX + 1; count++) {
        buf_reset(&document);
        buf_add_c(&document, "<a");
        for (int i = 0; i < count; i++)
            buf_addf(&document, " b%d='1'", i);
        buf_add_c(&document, "/>");
        ck_assert_int_eq(run(buf_str(&document), 4096, &seen),
                         count > XML_ATTRIBUTES_MAX ? -EPROTO : 0);
    }
}
END_TEST

START_TEST(names_the_line_of_a_failure)
{
    struct buf seen;
    buf_init(&seen, 4096);
    CLEANUP(xml) struct xml *x = xml_new(&handler, &seen);
    ck_assert_str_eq(xml_reason(x), "");
    ck_assert_int_eq(xml_feed(x, "<a>\n<b>\n</a>", 12), -EPROTO);
    ck_assert_str_eq(xml_reason(x), "line 3: mismatched tag");
    buf_done(&seen);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    for (long count = 0; count < 20; count++) {
        CLEANUP_DONE(buf) struct buf seen;
        buf_init(&seen, 4096);
        alloc_fail_after(count);
        struct xml *x = xml_new(&handler, &seen);
        int r = x ? xml_feed(x, "<a>text</a>", 11) : -ENOMEM;
        alloc_fail_after(-1);
        ck_assert(r == 0 || r == -ENOMEM);
        xml_free(x);
    }
}
END_TEST

SUITE_MAIN("aws/xml", tcase_add_loop_test(tc, reads_documents_in_pieces_of_any_size, 0,
                                          (int)ARRAY_LEN(documents));
           tcase_add_test(tc, refuses_the_billion_laughs); tcase_add_test(tc, keeps_its_limits);
           tcase_add_test(tc, names_the_line_of_a_failure);
           tcase_add_test(tc, survives_every_failed_allocation));
