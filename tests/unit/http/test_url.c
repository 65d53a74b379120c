#include "http/url.h"

#include "unit/check.h"

#include <errno.h>

START_TEST(parses)
{
    static const struct {
        const char *text;
        bool tls;
        const char *host;
        unsigned port;
        const char *path, *authority;
    } rows[] = {
        {"http://localhost:9000", false, "localhost", 9000, "", "localhost:9000"},
        {"https://s3.amazonaws.com", true, "s3.amazonaws.com", 443, "", "s3.amazonaws.com"},
        {"HTTPS://S3.Amazonaws.COM/", true, "s3.amazonaws.com", 443, "", "s3.amazonaws.com"},
        {"http://h:80/base/path/", false, "h", 80, "/base/path", "h"},
        {"http://h:443", false, "h", 443, "", "h:443"},
        {"https://h:80//a//", true, "h", 80, "//a", "h:80"},
        {"http://10.0.0.1/%2Fx", false, "10.0.0.1", 80, "/%2Fx", "10.0.0.1"},
        {"http://[fd00:ec2::254]", false, "[fd00:ec2::254]", 80, "", "[fd00:ec2::254]"},
        {"http://[FD00::1]:8080/x", false, "[fd00::1]", 8080, "/x", "[fd00::1]:8080"},
        {"http://my_service.local.:1/", false, "my_service.local.", 1, "",
         "my_service.local.:1"},
        {"http://h:65535", false, "h", 65535, "", "h:65535"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP_DONE(url) struct url url = {0};
        const char *reason = NULL;
        ck_assert_msg(url_parse(str_c(rows[i].text), &url, &reason) == 0, "%s: %s",
                      rows[i].text, reason);
        ck_assert_int_eq(url.tls, rows[i].tls);
        ck_assert_str_eq(url.host, rows[i].host);
        ck_assert_uint_eq(url.port, rows[i].port);
        ck_assert_str_eq(url.path, rows[i].path);
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, URL_MAX);
        buf_add_authority(&b, &url);
        ck_assert_str_eq(buf_c(&b), rows[i].authority);
    }
}
END_TEST

START_TEST(refuses)
{
    static const char *const rows[] = {
        "",
        "h",
        "ftp://h",
        "http:/h",
        "http://",
        "http:///p",
        "http://:80",
        "https://?q",
        "http://h:",
        "http://h:0",
        "http://h:65536",
        "http://h:8x",
        "http://h:+8",
        "http://u@h",
        "http://u:p@h/",
        "http://h?q",
        "http://h/p?q",
        "http://h/p#f",
        "http://h#f",
        "http://h p/",
        "http://h/a b",
        "http://h/\x01",
        "http://h/\xc3\xa9",
        "http://h/%",
        "http://h/%4",
        "http://h/%zz",
        "http://a..b",
        "http://.a",
        "http://[::1",
        "http://[::g]",
        "http://[]",
        "http://[::1]x",
        "http://[1.2.3.4]",
        "http://[fe80::1%25eth0]",
        "http://h\\x",
        "http://\xc3\xa9/",
        "http://h/\r\n",
        "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url = {.port = 7};
        const char *reason = NULL;
        ck_assert_msg(url_parse(str_c(rows[i]), &url, &reason) == -EINVAL, "%s", rows[i]);
        ck_assert_ptr_nonnull(reason);
        ck_assert(url.port == 7 && !url.host);
        ck_assert_int_eq(url_parse(str_c(rows[i]), &url, NULL), -EINVAL);
    }
    struct url url;
    ck_assert_int_eq(url_parse(PAIL_STR("http://h\0x/"), &url, NULL), -EINVAL);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 2 * URL_MAX);
    buf_add_c(&b, "http://h/");
    while (b.len <= URL_MAX)
        buf_add_byte(&b, 'a');
    ck_assert_int_eq(url_parse(buf_str(&b), &url, NULL), -EINVAL);
    buf_truncate(&b, 0);
    buf_add_c(&b, "http://");
    for (int i = 0; i < 127; i++)
        buf_add_c(&b, "a.");
    ck_assert_int_eq(url_parse(buf_str(&b), &url, NULL), -EINVAL);
}
END_TEST

START_TEST(copies)
{
    CLEANUP_DONE(url) struct url a = {0};
    CLEANUP_DONE(url) struct url b = {0};
    ck_assert_int_eq(url_parse(PAIL_STR("https://h:1/p"), &a, NULL), 0);
    ck_assert_int_eq(url_copy(&a, &b), 0);
    url_done(&a);
    ck_assert(b.tls && b.port == 1);
    ck_assert_str_eq(b.host, "h");
    ck_assert_str_eq(b.path, "/p");
}
END_TEST

START_TEST(labels)
{
    static const struct {
        const char *label;
        bool valid;
    } rows[] = {
        {"a", true},
        {"us-east-1", true},
        {"A9", true},
        {"", false},
        {"-a", false},
        {"a-", false},
        {"a.b", false},
        {"a_b", false},
        {"a/b", false},
        {"a@", false},
        {"-", false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(host_label_valid(str_c(rows[i].label)) == rows[i].valid, "%s",
                      rows[i].label);
}
END_TEST

static int copy_once(void *user)
{
    CLEANUP_DONE(url) struct url url = {0};
    CLEANUP_DONE(url) struct url copy = {0};
    (void)user;
    int r = url_parse(PAIL_STR("https://Host:8080/base"), &url, NULL);
    return r == 0 ? url_copy(&url, &copy) : r;
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_eq(alloc_fail_each(copy_once, NULL, 0), 4);
}
END_TEST

START_TEST(refuses_a_nul)
{
    static const struct pail_str rows[] = {PAIL_STR("http://h\0/"), PAIL_STR("http://[::1\0]/"),
                                           PAIL_STR("http://h/a\0b"),
                                           PAIL_STR("http://h:80\0")};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct url url = {0};
        ck_assert_int_eq(url_parse(rows[i], &url, NULL), -EINVAL);
    }
}
END_TEST

SUITE_MAIN("http/url", tcase_add_test(tc, parses); tcase_add_test(tc, refuses);
           tcase_add_test(tc, refuses_a_nul);
           tcase_add_test(tc, survives_every_failure_of_memory); tcase_add_test(tc, copies);
           tcase_add_test(tc, labels));
