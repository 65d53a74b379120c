/* Which proxies the settings say. */
#include "unit/check.h"

#include "unit/aws/settings_rig.h"

#include <errno.h>

#define H "http://h:1"
#define S "http://s:2"

static const struct {
    struct given given;
    const char *http, *https, *none;
} proxies[] = {
    {{{0}, {"http_proxy", H, "https_proxy", S, "no_proxy", "a,b"}, ""}, H, S, "a,b"},
    {{{0}, {"HTTP_PROXY", H, "HTTPS_PROXY", S, "NO_PROXY", "a,b"}, ""}, H, S, "a,b"},
    /* The lower case counts first, even where it says "none". */
    {{{0}, {"HTTP_PROXY", "u:1", "http_proxy", H, "HTTPS_PROXY", "u", "https_proxy", S}, ""},
     H,
     S,
     NULL},
    {{{0}, {"HTTP_PROXY", H, "http_proxy", "", "HTTPS_PROXY", S, "https_proxy", ""}, ""},
     NULL,
     NULL,
     NULL},
    {{{0}, {"NO_PROXY", "a", "no_proxy", "b"}, ""}, NULL, NULL, "b"},
    {{{0}, {"NO_PROXY", "a", "no_proxy", ""}, ""}, NULL, NULL, NULL},
    {{{0}, {"http_proxy", "", "HTTPS_PROXY", ""}, ""}, NULL, NULL, NULL},
    /* That of all is the last. */
    {{{0}, {"ALL_PROXY", H}, ""}, H, H, NULL},
    {{{0}, {"ALL_PROXY", "u", "all_proxy", S, "HTTP_PROXY", H}, ""}, H, S, NULL},
    {{{0}, {"ALL_PROXY", S, "all_proxy", "", "HTTP_PROXY", H}, ""}, H, NULL, NULL},
    {{{0}, {"http_proxy", "", "all_proxy", S}, ""}, S, S, NULL},
    /* HTTP_PROXY may be a header of a request's. */
    {{{0}, {"HTTP_PROXY", "u", "HTTPS_PROXY", S, "REQUEST_METHOD", "GET"}, ""}, NULL, S, NULL},
    {{{0}, {"HTTP_PROXY", "u", "http_proxy", H, "REQUEST_METHOD", "GET"}, ""}, H, NULL, NULL},
    {{{0}, {"HTTP_PROXY", "u", "ALL_PROXY", S, "REQUEST_METHOD", ""}, ""}, S, S, NULL},
    /* What is said in code is for both. */
    {{{.proxy = "h:1"}, {"HTTP_PROXY", "u", "HTTPS_PROXY", "bogus://", "NO_PROXY", "a"}, ""},
     H,
     H,
     "a"},
    {{{.proxy = "", .no_proxy = "b"}, {"HTTPS_PROXY", S, "ALL_PROXY", S, "NO_PROXY", "a"}, ""},
     NULL,
     NULL,
     "b"},
    {{{.no_proxy = ""}, {"HTTPS_PROXY", S, "no_proxy", "a"}, ""}, NULL, S, NULL},
};

START_TEST(resolves_proxies)
{
    struct loaded l;
    load(&proxies[_i].given, &l);
    ck_assert_msg(l.result == 0, "%s", l.error.message);
    ck_assert_pstr_eq(l.settings->http_proxy, proxies[_i].http);
    ck_assert_pstr_eq(l.settings->https_proxy, proxies[_i].https);
    ck_assert_pstr_eq(l.settings->no_proxy, proxies[_i].none);
    unload(&l);
}
END_TEST

START_TEST(takes_over_proxies)
{
    static const char *env[] = {"HTTP_PROXY", H, "NO_PROXY", "a", NULL};
    static const char *other[] = {"HTTPS_PROXY", S, NULL};
    CLEANUP(settings) struct settings *from = NULL, *to = NULL;
    ck_assert_int_eq(settings_load(NULL, test_getenv, env, &from, NULL), 0);
    ck_assert_int_eq(settings_load(NULL, test_getenv, other, &to, NULL), 0);
    ck_assert_int_eq(settings_take_proxies(to, from), 0);
    ck_assert_str_eq(to->http_proxy, H);
    ck_assert_ptr_null(to->https_proxy);
    ck_assert_str_eq(to->no_proxy, "a");
    alloc_fail_after(1);
    int r = settings_take_proxies(to, from);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
}
END_TEST

SUITE_MAIN("aws/settings_proxy",
           tcase_add_loop_test(tc, resolves_proxies, 0, (int)ARRAY_LEN(proxies));
           tcase_add_test(tc, takes_over_proxies));
