/* Against a real S3 server (scripts/s3-server, as the environment names it), with the tools
 * that people use: what they show of the mount is what they show of the files it was loaded
 * from. */
#include "mount/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIB     UINT64_C(1024)
#define MIB     (1024 * KIB)
#define BIG     (300 * MIB + 12345)
#define MANY    2500
#define LOAD_MS 180000

static char bucket[64], tree[256], scratch[256]; /* tree: what was loaded, scratch: of a test */

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
    static char output[64 * 1024];
    char command[8192];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    int r = harness_shell(scratch, LOAD_MS, output, sizeof(output), "%s", command);
    ck_assert_msg(r == 0, "%s: %d: %s", command, r, output);
}

/* How long that took: slow answers of the server show in it. */
static void tell(const char *what, int64_t start)
{
    (void)fprintf(stderr, "%5d ms  %s\n", (int)(harness_now_ms() - start), what);
}

static void write_file(const char *name, const void *data, size_t len)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", tree, name);
    FILE *file = fopen(path, "we");
    ck_assert_msg(file && fwrite(data, 1, len, file) == len && fclose(file) == 0, "%s", path);
}

static void write_generated(const char *name, uint64_t size, uint64_t seed)
{
    static char buffer[1024 * 1024];
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", tree, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    for (uint64_t done = 0; done < size;) {
        size_t len = size - done < sizeof(buffer) ? (size_t)(size - done) : sizeof(buffer);
        peer_fill(seed, done, buffer, len);
        ck_assert_uint_eq(fwrite(buffer, 1, len, file), len);
        done += len;
    }
    ck_assert_int_eq(fclose(file), 0);
}

static void make_logs(void)
{
    char name[128];
    for (unsigned service = 0; service < 4; service++)
        for (unsigned day = 1; day <= 10; day++) {
            shell("mkdir -p '%s/logs/service-%u/2026/01/%02u'", tree, service, day);
            for (unsigned hour = 0; hour < 5; hour++) {
                static char text[64 * 1024];
                size_t len = 0;
                for (unsigned i = 0; i < 100 + 31 * hour; i++)
                    len += (size_t)snprintf(
                        text + len, sizeof(text) - len,
                        "2026-01-%02uT%02u:%02u:00Z %s request %u took %u ms\n", day, hour,
                        i % 60, i % 17 == 3 ? "ERROR" : "INFO", service * 1000 + i,
                        i * 7919 % 1000);
                (void)snprintf(name, sizeof(name), "logs/service-%u/2026/01/%02u/%02u.log",
                               service, day, hour);
                write_file(name, text, len);
            }
        }
}

static const uint64_t sizes[] = {
    0,       1,   4095,    4096,        4097,    128 * KIB - 1, 128 * KIB, 128 * KIB + 1,
    MIB - 1, MIB, MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1,   20 * MIB};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void load_odd(void);

static void load(void)
{
    char name[128];
    int64_t start = harness_now_ms();
    ck_assert_msg(harness_server_endpoint(), "no S3 server: scripts/test starts one");
    (void)snprintf(bucket, sizeof(bucket), "pailfs-test-%d-%ld", getpid(),
                   (long)harness_now_ms());
    (void)snprintf(tree, sizeof(tree), "%s/tree", harness_root());
    (void)snprintf(scratch, sizeof(scratch), "%s/scratch", harness_root());
    ck_assert_int_eq(mkdir(scratch, 0700), 0);
    shell("mkdir -p '%s'/sizes '%s'/many", tree, tree);
    make_logs();
    for (size_t i = 0; i < SIZES; i++) {
        (void)snprintf(name, sizeof(name), "sizes/f%02zu", i);
        write_generated(name, sizes[i], i);
    }
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof(name), "many/k%05u", i);
        write_file(name, name, i % 20);
    }
    shell(PAIL_SCRIPTS "/s3-load tree '%s' s3://%s/tree", tree, bucket);
    write_generated("../big", BIG, 77);
    shell(PAIL_SCRIPTS "/s3-load put '%s/../big' s3://%s/big/file --part-size 64", tree,
          bucket);
    load_odd();
    tell("loading", start);
}

static void unload(void)
{
    char output[1024];
    if (bucket[0])
        (void)harness_shell("/", LOAD_MS, output, sizeof(output),
                            PAIL_SCRIPTS "/s3-load rb s3://%s", bucket);
}

static void mount_at(const char *prefix, const char *options)
{
    char source[256];
    (void)snprintf(source, sizeof(source), "s3://%s%s", bucket, prefix);
    fixture_mount_config(&(struct harness_mount_config){
        .source = source,
        .environment = harness_server_environment(),
        .options = options,
    });
    ck_assert_msg(harness_mount_state(mount) == 0, "%s", harness_mount_log(mount));
}

/* ---- tools ---- */

/* What a command shows in the mount, with the mount's directory as `here`, it shows of the
 * files. */
static const char *const commands[] = {
    "grep -r ERROR logs | sort",
    "grep -rc request . | sort",
    "grep -rl 'took 919 ms' logs | sort",
    "find . -type f -printf '%P %s\\n' | sort",
    "find . -type d -printf '%P\\n' | sort",
    "find . -name '*3.log' -size +4k | sort",
    "ls -1R | sort",
    "cat logs/service-1/2026/01/*/*.log | sha256sum",
    "wc -l logs/*/*/*/*/*.log | sort",
    "sort logs/*/*/*/01/*.log | uniq | head -100",
    "awk '/ERROR/ { n[$4 % 10]++ } END { for (k in n) print k, n[k] }' logs/*/*/*/*/*.log | "
    "sort",
    "find . -type f -print0 | xargs -0 -P4 -n50 sha256sum | sort -k2",
    "md5sum sizes/* many/k000*",
    "tail -c 1000 sizes/f14 | sha256sum; head -c 1000 sizes/f14 | sha256sum",
    "tail -n 3 logs/service-3/2026/01/10/04.log",
    "dd if=sizes/f14 bs=777 skip=12345 count=4321 2>/dev/null | sha256sum",
    "tac logs/service-0/2026/01/01/00.log | head -5",
    "python3 -c \"print(sum(open('sizes/f13', 'rb').read()) % 65521)\"",
    "tar cf - --sort=name --mtime=@0 --owner=0 --group=0 --mode=a=r,a+X . | sha256sum",
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

START_TEST(tools_agree)
{
    static char of_mount[4 * 1024 * 1024], of_files[4 * 1024 * 1024];
    mount_at("/tree", NULL);
    int64_t start = harness_now_ms();
    int r = harness_shell(top(), LOAD_MS, of_mount, sizeof(of_mount), "%s", commands[_i]);
    tell(commands[_i], start);
    ck_assert_msg(r == 0, "%s: %d: %.1000s", commands[_i], r, of_mount);
    ck_assert_int_eq(
        harness_shell(tree, LOAD_MS, of_files, sizeof(of_files), "%s", commands[_i]), 0);
    ck_assert_uint_gt(strlen(of_files), 0);
    ck_assert_msg(strcmp(of_mount, of_files) == 0, "%s:\n%.1000s\nnot\n%.1000s", commands[_i],
                  of_mount, of_files);
}
END_TEST

START_TEST(copies_agree)
{
    int64_t start = harness_now_ms();
    mount_at("/tree", NULL);
    if (_i)
        shell("mkdir copy && tar cf - -C '%s' . | tar xf - -C copy", top());
    else
        shell("cp -r '%s' copy", top());
    shell("chmod -R u+w copy && diff -r '%s' copy && rm -rf copy", tree);
    tell("a copy", start);
    shell("diff -r '%s' '%s'", tree, top());
    tell("a copy and a comparison", start);
}
END_TEST

START_TEST(contents)
{
    mount_at("/tree/sizes", NULL);
    for (size_t i = 0; i < SIZES; i++)
        check_content(at("f%02zu", i), sizes[i], i);
}
END_TEST

START_TEST(a_big_file)
{
    mount_at("", NULL);
    int64_t start = harness_now_ms();
    check_content(at("big/file"), BIG, 77);
    tell("300 MiB", start);
    shell("cmp '%s' '%s/../big'", at("big/file"), tree);
    int fd = open(at("big/file"), O_RDONLY | O_CLOEXEC | O_DIRECT);
    ck_assert_int_ge(fd, 0);
    for (uint64_t i = 0; i < 30; i++)
        check_bytes(fd, 77, i * 1234577 * 7 % (BIG - 70000), 65536);
    (void)close(fd);
    tell("a big file", start);
}
END_TEST

START_TEST(many_names)
{
    struct names names;
    char name[32];
    mount_at("/tree/many", NULL);
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names.count, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof(name), "k%05u", i);
        ck_assert_str_eq(names.list[i], name);
    }
    names_done(&names);
    struct stat attributes;
    ck_assert_int_eq(stat(at("k02499"), &attributes), 0);
    ck_assert_int_eq(attributes.st_size, 2499 % 20);
    ck_assert_int_lt(labs(attributes.st_mtim.tv_sec - time(NULL)), 3600);
}
END_TEST

/* ---- odd keys ---- */

/* Their content is the key. */
static const char *const odd[] = {
    "odd/ ",
    "odd/ blanks around ",
    "odd/!\"#$&'()*,-.:;<=>?@[\\]^_`{|}~",
    "odd/%",
    "odd/%2F",
    "odd/&amp;",
    "odd/+",
    "odd/...",
    "odd/.hidden",
    "odd/<Key>",
    "odd/a+b c%20d",
    "odd/back\\slash",
    "odd/caf\xc3\xa9",
    "odd/cafe\xcc\x81",
    "odd/dir/in",
    "odd/line\nbreak",
    "odd/return\rand\ttab",
    "odd/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
    "odd/\xf0\x9f\x98\x80",
    "odd/plus+dir/per%cent/blank dir/&and",
};
#define ODD (sizeof(odd) / sizeof(odd[0]))
static const char *const unreachable[] = {"odd//empty", "odd/a//b",  "odd/../up",
                                          "odd/x/../y", "odd/./dot", "odd/trailing/",
                                          "odd/dir/"};
#define UNREACHABLE (sizeof(unreachable) / sizeof(unreachable[0]))

static char *long_key(size_t len)
{
    static char key[1100];
    memset(key, 'n', sizeof(key));
    memcpy(key, "long/", 5);
    key[len] = '\0';
    return key;
}

static char *deep_key(void)
{
    static char key[1100];
    for (size_t i = 0; i < 1023; i++)
        key[i] = i % 16 == 15 ? '/' : 'd';
    return key;
}

static void load_odd(void)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/keys", scratch);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < ODD; i++)
        (void)fprintf(file, "%s%c", odd[i], 0);
    for (size_t i = 0; i < UNREACHABLE; i++)
        (void)fprintf(file, "%s%c", unreachable[i], 0);
    (void)fprintf(file, "%s%c", long_key(260), 0);
    (void)fprintf(file, "%s%c", long_key(305), 0);
    (void)fprintf(file, "%s%c%s%c", long_key(1024), 0, deep_key(), 0);
    ck_assert_int_eq(fclose(file), 0);
    shell(PAIL_SCRIPTS "/s3-load keys keys s3://%s", bucket);
}

static void check_is_key(const char *key)
{
    char content[2048];
    int fd = open(at("%s", key), O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s: %s", key, strerrorname_np(errno));
    ssize_t n = read(fd, content, sizeof(content));
    (void)close(fd);
    ck_assert_int_eq(n, (ssize_t)strlen(key));
    ck_assert_mem_eq(content, key, (size_t)n);
}

/* `_i`: each by itself, or listed before. */
START_TEST(odd_keys)
{
    int64_t start = harness_now_ms();
    mount_at("", NULL);
    if (_i) {
        struct names names;
        ck_assert_int_eq(names_read(at("odd"), &names), 0);
        for (size_t i = 0; i < ODD; i++)
            if (!strchr(odd[i] + 4, '/'))
                ck_assert_uint_eq(names_of(&names, odd[i] + 4), 1);
        ck_assert_uint_eq(names_of(&names, "trailing"), 1);
        ck_assert_uint_eq(names_of(&names, "dir"), 1);
        ck_assert_uint_eq(names_of(&names, "a"), 1);
        ck_assert_uint_eq(names_of(&names, "x"), 1);
        ck_assert_uint_eq(names_of(&names, ".") + names_of(&names, "..") + names_of(&names, ""),
                          0);
        ck_assert_uint_eq(names.count, ODD + 3);
        names_done(&names);
        check_names(at("odd/trailing"), "");
        check_names(at("odd/a"), "");
        check_names(at("odd/dir"), "in");
        ck_assert_int_eq(names_read(at("long"), &names), 0);
        ck_assert_uint_eq(names.count, 3);
        names_done(&names);
    }
    for (size_t i = 0; i < ODD; i++)
        check_is_key(odd[i]);
    check_is_key(long_key(260));
    check_is_key(long_key(305));
    check_is_key(long_key(1024));
    check_is_key(deep_key());
    if (!_i)
        /* No key is so long; in a directory whose names are all known it is just not there. */
        ck_assert_int_eq(try_stat(at("%s", long_key(1026))), -ENOENT);
    ck_assert_int_eq(try_stat(at("odd/none \xff")), -ENOENT);
    ck_assert_int_eq(try_stat(at("odd/none")), -ENOENT);
    tell("odd keys", start);
}
END_TEST

/* ---- attributes, changes, refusals ---- */

START_TEST(attributes)
{
    char value[256];
    write_file("../rich", "content", 7);
    shell(PAIL_SCRIPTS "/s3-load put '%s/../rich' s3://%s/rich -H 'x-amz-meta-who: me' "
                       "-H 'x-amz-meta-Some-Thing: a b' -H 'Content-Type: text/x-rich' "
                       "-H 'Cache-Control: max-age=7' -H 'Content-Disposition: attachment'",
          tree, bucket);
    mount_at("", NULL);
    static const struct {
        const char *name, *value;
    } wanted[] = {
        {"user.s3.etag", "\"9a0364b9e99bb480dd25e1f0284c8555\""},
        {"user.s3.content-type", "text/x-rich"},
        {"user.s3.cache-control", "max-age=7"},
        {"user.s3.content-disposition", "attachment"},
        {"user.s3.meta.who", "me"},
        {"user.s3.meta.some-thing", "a b"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        int r = try_xattr(at("rich"), wanted[i].name, value, sizeof(value));
        ck_assert_msg(r >= 0, "%s: %s", wanted[i].name, strerrorname_np(-r));
        ck_assert_str_eq(value, wanted[i].value);
    }
    shell("getfattr -d -m - '%s' | grep -q user.s3.meta.who", at("rich"));
}
END_TEST

START_TEST(a_replaced_object)
{
    char buffer[4096];
    write_generated("../first", 20 * MIB, 1);
    write_generated("../second", 20 * MIB, 2);
    shell(PAIL_SCRIPTS "/s3-load put '%s/../first' s3://%s/changing", tree, bucket);
    mount_at("", "metadata_ttl=0");
    int old = open(at("changing"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(old, 0);
    check_bytes(old, 1, 0, 4096);
    shell(PAIL_SCRIPTS "/s3-load put '%s/../second' s3://%s/changing", tree, bucket);
    ck_assert(pread(old, buffer, sizeof(buffer), 15 * MIB) < 0 && errno == ESTALE);
    check_content(at("changing"), 20 * MIB, 2);
    ck_assert(pread(old, buffer, sizeof(buffer), 16 * MIB) < 0 && errno == ESTALE);
    check_bytes(old, 1, 0, 4096);
    (void)close(old);
    shell(PAIL_SCRIPTS "/s3-load rm s3://%s/changing", bucket);
    ck_assert_int_eq(try_open(at("changing")), -ENOENT);
}
END_TEST

START_TEST(all_buckets)
{
    char of_mount[64 * 1024];
    fixture_mount_config(&(struct harness_mount_config){
        .source = "s3://", .environment = harness_server_environment()});
    ck_assert_msg(harness_mount_state(mount) == 0, "%s", harness_mount_log(mount));
    struct names names;
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names_of(&names, bucket), 1);
    names_done(&names);
    check_content(at("%s/tree/sizes/f05", bucket), sizes[5], 5);
    ck_assert_int_eq(try_stat(at("no-such-bucket-here")), -ENOENT);
    ck_assert_int_eq(harness_shell(at("%s/tree/logs", bucket), LOAD_MS, of_mount,
                                   sizeof(of_mount), "grep -r ERROR . | wc -l"),
                     0);
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *environment, *options, *suffix, *told;
    } refused[] = {
        {"AWS_SECRET_ACCESS_KEY=wrong", NULL, "", "AccessDenied"},
        {"AWS_ACCESS_KEY_ID=AKIAUNKNOWN", NULL, "", "AccessDenied"},
        {"X=1", "no_sign_request", "", "AccessDenied"},
        {"X=1", NULL, "-none", "NoSuchBucket"},
    };
    const char *environment[16] = {0};
    size_t count = 0;
    for (const char *const *e = harness_server_environment(); *e; e++)
        if (strncmp(*e, refused[_i].environment, strcspn(*e, "=") + 1) != 0)
            environment[count++] = *e;
    environment[count] = refused[_i].environment;
    char source[128];
    (void)snprintf(source, sizeof(source), "s3://%s%s", bucket, refused[_i].suffix);
    fixture_mount_config(&(struct harness_mount_config){
        .source = source, .environment = environment, .options = refused[_i].options});
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_ptr_nonnull(strstr(harness_mount_log(mount), refused[_i].told));
}
END_TEST

MOUNT_SUITE("mount/rgw", 180, tcase_add_unchecked_fixture(tc, load, unload);
            tcase_add_loop_test(tc, tools_agree, 0, (int)COMMANDS);
            tcase_add_loop_test(tc, copies_agree, 0, 2); tcase_add_test(tc, contents);
            tcase_add_test(tc, a_big_file); tcase_add_test(tc, many_names);
            tcase_add_loop_test(tc, odd_keys, 0, 2); tcase_add_test(tc, attributes);
            tcase_add_test(tc, a_replaced_object); tcase_add_test(tc, all_buckets);
            tcase_add_loop_test(tc, refusals, 0, 4));
