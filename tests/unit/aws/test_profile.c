#include "unit/check.h"

#include "aws/profile.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct profile_files *parse(const char *config, const char *credentials)
{
    struct profile_files *files = NULL;
    char reason[200] = "";
    int r = profile_parse(str_c(config), "config", str_c(credentials), "credentials", &files,
                          reason, sizeof(reason));
    ck_assert_msg(r == 0, "%s", reason);
    return files;
}

/* One key of one profile of a config file; `value` NULL: absent. What botocore makes of it. */
static const struct {
    const char *text, *profile, *key, *value;
} values[] = {
    {"[default]\nregion = eu-west-1\n", "default", "region", "eu-west-1"},
    {"[default]\nregion=eu-west-1", "default", "region", "eu-west-1"},
    {"[default]\r\nregion = eu-west-1\r\n", "default", "region", "eu-west-1"},
    {"\xef\xbb\xbf[default]\nregion = eu-west-1\n", "default", "region", "eu-west-1"},
    {"[default]\nregion: eu-west-1\n", "default", "region", "eu-west-1"},
    {"[default]\nReGion = eu-west-1\n", "default", "region", "eu-west-1"},
    {"[default]\nkey = a=b:c\n", "default", "key", "a=b:c"},
    {"[default]\nk:ey = a\n", "default", "k", "ey = a"},
    {"[default]\nregion =\n", "default", "region", ""},
    {"[default]\nregion =\nother = 1\n", "default", "region", ""},
    /* Comments are whole lines. */
    {"# c\n; c\n[default] # c\n  # c\nregion = a\n", "default", "region", "a"},
    {"[default]\nregion = a # b\n", "default", "region", "a # b"},
    {"[default]\nregion = a;b\n", "default", "region", "a;b"},
    /* Lines that go on. */
    {"[default]\nkey = a\n  b\n\tc\n", "default", "key", "a\nb\nc"},
    {"[default]\nkey = a\n# c\n  b\n", "default", "key", "a\nb"},
    {"[default]\nkey = a\n\n  b\n\n", "default", "key", "a\n\nb"},
    {"[default]\nkey = a\n  other = b\n", "default", "other", NULL},
    {"[default]\n  key = a\n  other = b\n", "default", "other", "b"},
    {"[default]\n  key = a\n other = b\n", "default", "other", "b"},
    /* Sections. */
    {"[profile x]\nkey = a\n", "x", "key", "a"},
    {"[profile \"x y\"]\nkey = a\n", "x y", "key", "a"},
    {"[profile 'x y']\nkey = a\n", "x y", "key", "a"},
    {"[profile x\\ y]\nkey = a\n", "x y", "key", "a"},
    {"[profile \"x\\\"\\y\"]\nkey = a\n", "x\"\\y", "key", "a"},
    {"[profile x]y]\nkey = a\n", "x]y", "key", "a"},
    {"[profile x y]\nkey = a\n", "x", "key", NULL},
    {"[profile \"x]\nkey = a\n", "x", "key", NULL},
    {"[profile]\nkey = a\n", "profile", "key", NULL},
    {"[x]\nkey = a\n", "x", "key", NULL},
    {"[Profile x]\nkey = a\n", "x", "key", NULL},
    {"[services x]\nkey = a\n", "x", "key", NULL},
    {"[default]\nkey = a\n[profile default]\nkey = b\n", "default", "key", "b"},
    {"[profile default]\nkey = b\n[default]\nother = a\n", "default", "key", NULL},
    /* A block is no value. */
    {"[default]\ns3 =\n  a = b\n", "default", "s3", NULL},
    {"[default]\n", "default", "key", NULL},
    {"[default]\n", "other", "key", NULL},
    {"", "default", "key", NULL},
};

START_TEST(finds_values)
{
    CLEANUP(profile) struct profile_files *files = parse(values[_i].text, NULL);
    struct pail_str value = profile_get(files, values[_i].profile, values[_i].key);
    ck_assert_msg(str_eq_c(value, values[_i].value), "row %d: %.*s", _i, (int)value.len,
                  value.ptr ? value.ptr : "");
    if (value.ptr)
        ck_assert_int_eq(value.ptr[value.len], '\0');
}
END_TEST

static const struct {
    const char *config, *credentials, *reason;
} faults[] = {
    {"key = a\n", NULL, "config:1: expected a \"[section]\" before the first key"},
    {"# c\n\n[default\n", NULL, "config:3: expected a \"[section]\" before the first key"},
    {"[default]\nkey\n", NULL, "config:2: expected \"key = value\" or \"[section]\""},
    {"[default]\n= a\n", NULL, "config:2: expected \"key = value\" or \"[section]\""},
    {"[default]\nkey = a\n[]\n", NULL, "config:3: expected \"key = value\" or \"[section]\""},
    {"[default]\nkey = a\nKey = b\n", NULL, "config:3: the key is there twice"},
    {"[default]\n[default]\n", NULL, "config:2: the section is there twice"},
    {"[foo]\n[foo]\n", NULL, "config:2: the section is there twice"},
    {"[default]\nregion =\n\n  # c\n  eu-west-1\n", NULL,
     "config:5: expected \"key = value\" in the indented block"},
    {NULL, "[x]\n[x]\n", "credentials:2: the section is there twice"},
};

START_TEST(names_faults)
{
    struct profile_files *files = NULL;
    char reason[200] = "";
    ck_assert_int_eq(profile_parse(str_c(faults[_i].config), "config",
                                   str_c(faults[_i].credentials), "credentials", &files, reason,
                                   sizeof(reason)),
                     -EINVAL);
    ck_assert_str_eq(reason, faults[_i].reason);
    ck_assert_ptr_null(files);
    /* A small buffer is not overrun. */
    char small[8];
    ck_assert_int_eq(profile_parse(str_c(faults[_i].config), "config",
                                   str_c(faults[_i].credentials), "credentials", &files, small,
                                   sizeof(small)),
                     -EINVAL);
    ck_assert_uint_lt(strlen(small), sizeof(small));
}
END_TEST

START_TEST(refuses_nul_bytes)
{
    struct profile_files *files = NULL;
    char reason[200];
    ck_assert_int_eq(profile_parse(PAIL_STR("[default]\nkey = a\0b\n"), "config",
                                   str_of(NULL, 0), NULL, &files, reason, sizeof(reason)),
                     -EINVAL);
    ck_assert_str_eq(reason, "config:2: a NUL byte");
}
END_TEST

START_TEST(two_files)
{
    CLEANUP(profile) struct profile_files *files =
        parse("[default]\nregion = a\nkey = config\n[profile only]\nk = 1\n",
              "[default]\nKEY = credentials\n[profile x]\nk = 2\n[bare name]\nk = 3\n");
    check_str(profile_get(files, "default", "key"), "credentials");
    check_str(profile_get(files, "default", "region"), "a");
    check_str(profile_get_from(files, PROFILE_CONFIG_FILE, "default", "key"), "config");
    check_absent(profile_get_from(files, PROFILE_CREDENTIALS_FILE, "default", "region"));
    check_str(profile_get(files, "profile x", "k"), "2");
    check_str(profile_get(files, "bare name", "k"), "3");
    ck_assert(profile_exists(files, "only"));
    ck_assert(profile_exists(files, "bare name"));
    ck_assert(!profile_exists(files, "x"));
    char where[64];
    profile_where(files, "default", "key", where, sizeof(where));
    ck_assert_str_eq(where, "credentials:2");
    profile_where(files, "default", "region", where, sizeof(where));
    ck_assert_str_eq(where, "config:2");
    profile_where(files, "default", "none", where, sizeof(where));
    ck_assert_str_eq(where, "");
}
END_TEST

START_TEST(blocks)
{
    CLEANUP(profile) struct profile_files *files =
        parse("[default]\n"
              "s3 =\n"
              "  addressing_style = path\n"
              "\n"
              "  # comment\n"
              "    Deep = a = b\n"
              "  addressing_style = virtual\n"
              "services = mine\n"
              "[services mine]\n"
              "s3 =\n"
              "  endpoint_url = http://localhost:9000\n"
              "logs = no block\n"
              "[sso-session \"s s\"]\n"
              "sso_region = eu-west-1\n",
              NULL);
    check_str(profile_get_nested(files, "default", "s3", "addressing_style"), "virtual");
    check_str(profile_get_nested(files, "default", "s3", "Deep"), "a = b");
    check_absent(profile_get_nested(files, "default", "s3", "deep"));
    check_absent(profile_get_nested(files, "default", "services", "mine"));
    check_absent(profile_get_nested(files, "other", "s3", "Deep"));
    check_str(profile_get_section(files, "services", "mine", "s3", "endpoint_url"),
              "http://localhost:9000");
    check_absent(profile_get_section(files, "services", "mine", "s3", NULL));
    check_absent(profile_get_section(files, "services", "mine", "logs", "endpoint_url"));
    check_absent(profile_get_section(files, "services", "other", "s3", "endpoint_url"));
    check_str(profile_get_section(files, "sso-session", "s s", "sso_region", NULL),
              "eu-west-1");
}
END_TEST

START_TEST(bounds)
{
    struct profile_files *files = NULL;
    char reason[200];
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, 4 * PROFILE_FILE_MAX);
    buf_add_c(&text, "[default]\n");
    for (int i = 0; i <= PROFILE_KEYS_MAX; i++)
        buf_addf(&text, "k%d = 1\n", i);
    ck_assert_int_eq(profile_parse(buf_str(&text), "config", str_of(NULL, 0), NULL, &files,
                                   reason, sizeof(reason)),
                     -EINVAL);
    ck_assert_str_eq(reason, "config:1002: too many keys in the section");
    buf_reset(&text);
    for (int i = 0; i <= PROFILE_SECTIONS_MAX; i++)
        buf_addf(&text, "[s%d]\n", i);
    ck_assert_int_eq(profile_parse(buf_str(&text), "config", str_of(NULL, 0), NULL, &files,
                                   reason, sizeof(reason)),
                     -EINVAL);
    ck_assert_str_eq(reason, "config:5001: too many sections");
    buf_reset(&text);
    while (text.len <= PROFILE_FILE_MAX)
        buf_add_c(&text, "# a comment that goes on and on\n");
    ck_assert_int_eq(profile_parse(buf_str(&text), "config", str_of(NULL, 0), NULL, &files,
                                   reason, sizeof(reason)),
                     -EINVAL);
    ck_assert_str_eq(reason, "config:1: the file is too long");
}
END_TEST

START_TEST(loads)
{
    char dir[] = "/tmp/test_profile.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char path[64], missing[64];
    snprintf(path, sizeof(path), "%s/config", dir);
    snprintf(missing, sizeof(missing), "%s/none", dir);
    FILE *f = fopen(path, "w");
    fputs("[default]\nregion = a\n", f);
    fclose(f);
    char reason[200] = "";
    struct profile_files *files = NULL;
    ck_assert_int_eq(profile_load(path, missing, &files, reason, sizeof(reason)), 0);
    check_str(profile_get(files, "default", "region"), "a");
    profile_free(files);
    ck_assert_int_eq(profile_load(NULL, NULL, &files, reason, sizeof(reason)), 0);
    ck_assert(!profile_exists(files, "default"));
    profile_free(files);
    files = NULL;
    ck_assert_int_eq(profile_load("/dev/null", missing, &files, reason, sizeof(reason)), 0);
    profile_free(files);
    files = NULL;
    /* A directory cannot be read, a file can be too long. */
    ck_assert_int_eq(profile_load(missing, dir, &files, reason, sizeof(reason)), -EINVAL);
    ck_assert_ptr_nonnull(strstr(reason, dir));
    ck_assert_int_eq(profile_load("/dev/zero", NULL, &files, reason, sizeof(reason)), -EINVAL);
    ck_assert_str_eq(reason, "/dev/zero: the file is too long");
    ck_assert_ptr_null(files);
    unlink(path);
    rmdir(dir);
}
END_TEST

START_TEST(out_of_memory)
{
    int result = -ENOMEM;
    for (long n = 0; result != 0; n++) {
        struct profile_files *files = NULL;
        char reason[64];
        alloc_fail_after(n);
        result = profile_parse(PAIL_STR("[profile x]\nkey = a\n b\n[default]\ns3 =\n  a = b\n"),
                               "config", PAIL_STR("[x]\nk = 1\n"), "credentials", &files,
                               reason, sizeof(reason));
        alloc_fail_after(-1);
        ck_assert(result == 0 || result == -ENOMEM);
        ck_assert_int_eq(!files, result != 0);
        profile_free(files);
    }
}
END_TEST

SUITE_MAIN("aws/profile", tcase_add_loop_test(tc, finds_values, 0, (int)ARRAY_LEN(values));
           tcase_add_loop_test(tc, names_faults, 0, (int)ARRAY_LEN(faults));
           tcase_add_test(tc, refuses_nul_bytes); tcase_add_test(tc, two_files);
           tcase_add_test(tc, blocks); tcase_add_test(tc, bounds); tcase_add_test(tc, loads);
           tcase_add_test(tc, out_of_memory));
