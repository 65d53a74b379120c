/* Proxies as people name them, and hosts that are reached without. */
#include "http/proxy.h"

#include "base/cleanup.h"
#include "unit/check.h"

#include <errno.h>
#include <stdlib.h>

/* `url` NULL: refused, for `reason`. */
static const struct {
    const char *text, *url, *reason;
} urls[] = {
    {"http://proxy:3128", "http://proxy:3128", NULL},
    {"proxy:3128", "http://proxy:3128", NULL},
    {"//proxy:3128", "http://proxy:3128", NULL},
    {"ftp.example:3128", "http://ftp.example:3128", NULL},
    {"proxy", "http://proxy", NULL},
    {"me:hush@proxy:1", "http://me:hush@proxy:1", NULL},
    {"http://me:hu%40sh@[fd00::1]:8080/", "http://me:hu%40sh@[fd00::1]:8080/", NULL},
    {"HTTPS://proxy", "HTTPS://proxy", NULL},
    {"socks4a://proxy", "socks4a://proxy", NULL},
    {"socks5h://me:hush@proxy:9", "socks5h://me:hush@proxy:9", NULL},
    {"proxy/p@th", "http://proxy/p@th", NULL},
    {"http://me:hush@127.0.0.1:notaport", NULL, "the port must be a number"},
    {"http://proxy:99999", NULL, "the port must be a number"},
    {"http://proxy:0", NULL, "the port must be a number"},
    {"http:/proxy:1", NULL, "two slashes come after the scheme"},
    {"bogus://me:hush@proxy", NULL, "it must start with http://"},
    {"socks6://proxy", NULL, "it must start with http://"},
    {"http://", NULL, "it"},
    {"http://me:hush@", NULL, "it has no host"},
    {"http://[fd00::/", NULL, "the host name is malformed"},
    {"http://pro xy", NULL, "the host name is malformed"},
    {"http://me:hu%0ash@proxy", NULL, "the user or the password is malformed"},
};

START_TEST(makes_urls)
{
    char *url = NULL;
    const char *reason = NULL;
    int r = proxy_url(str_c(urls[_i].text), &url, &reason);
    ck_assert_msg(r == (urls[_i].url ? 0 : -EINVAL), "%s: %d %s", urls[_i].text, r,
                  reason ? reason : "");
    ck_assert_pstr_eq(url, urls[_i].url);
    if (!urls[_i].url) {
        ck_assert_msg(str_starts(str_c(reason), str_c(urls[_i].reason)), "%s: %s",
                      urls[_i].text, reason);
        ck_assert_ptr_null(strstr(reason, "hush"));
    }
    free(url);
}
END_TEST

START_TEST(has_a_user)
{
    ck_assert(proxy_has_user("http://me:hush@proxy:1"));
    ck_assert(proxy_has_user("SOCKS5://me@[fd00::1]:8080/"));
    ck_assert(!proxy_has_user("http://proxy:3128"));
    ck_assert(!proxy_has_user("http://proxy/p@th"));
}
END_TEST

START_TEST(is_too_long)
{
    static char text[PROXY_URL_MAX + 2];
    char *url = NULL;
    const char *reason = NULL;
    memset(text, 'a', sizeof(text) - 1);
    ck_assert_int_eq(proxy_url(str_c(text), &url, &reason), -EINVAL);
    ck_assert_str_eq(reason, "it is too long");
}
END_TEST

START_TEST(survives_every_failure_of_memory)
{
    int r = -ENOMEM;
    for (long n = 0; r != 0; n++) {
        char *url = NULL;
        const char *reason = NULL;
        alloc_fail_after(n);
        r = proxy_url(PAIL_STR("me:hush@proxy:1"), &url, &reason);
        alloc_fail_after(-1);
        ck_assert(r == 0 || (r == -ENOMEM && !url));
        free(url);
    }
}
END_TEST

static const struct {
    const char *host, *no_proxy;
    bool direct;
} hosts[] = {
    {"example.com", "", false},
    {"example.com", "*", true},
    {"[::1]", "*", true},
    {"example.com", "*,x", false},
    {"example.com", "example.com", true},
    {"example.com", "Example.COM", true},
    {"example.com", ".example.com", true},
    {"example.com", "example.com.", true},
    {"example.com.", "example.com", true},
    {"www.example.com", "example.com", true},
    {"www.example.com", ".example.com", true},
    {"nonexample.com", "example.com", false},
    {"example.com", "www.example.com", false},
    {"example.com", "com", true},
    {"example.com", ".", false},
    {"example.com", "a,example.com", true},
    {"example.com", "a, b ,\texample.com", true},
    {"example.com", "a example.com", true},
    {"example.com", ",,a,,", false},
    {"10.1.2.3", "10.1.2.3", true},
    {"10.1.2.3", "10.1.2.30", false},
    {"10.1.2.3", "2.3", false},
    {"10.1.2.3", "10.0.0.0/8", true},
    {"11.1.2.3", "10.0.0.0/8", false},
    {"10.1.2.3", "10.1.2.0/30", true},
    {"10.1.2.4", "10.1.2.0/30", false},
    {"10.1.2.3", "10.1.2.3/32", true},
    {"10.1.2.3", "10.0.0.0/33", false},
    {"10.1.2.3", "10.0.0.0/x", false},
    {"10.1.2.3", "::/0", false},
    {"[::1]", "::1", true},
    {"[::1]", "[::1]", true},
    {"[::2]", "::1", false},
    {"[fd00:ec2::254]", "fd00:ec2::/32", true},
    {"[fd00:ec3::254]", "fd00:ec2::/32", false},
    {"[::1]", "localhost", false},
    /* Port 9000, all of them. */
    {"example.com", "example.com:9000", true},
    {"example.com", "example.com:900", false},
    {"example.com", "example.com:80,example.com:09000", true},
    {"example.com", "example.com:80", false},
    {"www.example.com", ".example.com:9000", true},
    {"www.example.com.", "example.com.:9000", true},
    {"nonexample.com", "example.com:9000", false},
    {"example.com", "example.com:", false},
    {"example.com", "example.com:x", false},
    {"example.com", "example.com:74536", false},
    {"example.com", ":9000", false},
    {"10.1.2.3", "10.1.2.3:9000", true},
    {"10.1.2.3", "10.1.2.3:80", false},
    {"10.1.2.3", "10.0.0.0/8:9000", true},
    {"10.1.2.3", "10.0.0.0/8:80", false},
    {"[::1]", "[::1]:9000", true},
    {"[::1]", "[::1]:80", false},
    {"[::1]", "::1:9000", false},
    {"[::1:9000]", "::1:9000", true},
    {"[::1]", "[::1", false},
};

START_TEST(hosts_go_direct)
{
    ck_assert_msg(proxy_bypassed(hosts[_i].host, 9000, hosts[_i].no_proxy) == hosts[_i].direct,
                  "%s by %s", hosts[_i].host, hosts[_i].no_proxy);
}
END_TEST

SUITE_MAIN("http/proxy", tcase_add_loop_test(tc, makes_urls, 0, (int)ARRAY_LEN(urls));
           tcase_add_test(tc, has_a_user); tcase_add_test(tc, is_too_long);
           tcase_add_test(tc, survives_every_failure_of_memory);
           tcase_add_loop_test(tc, hosts_go_direct, 0, (int)ARRAY_LEN(hosts)));
