/* Secrets stay where they belong: not in a core dump, nor in what other processes can see of
 * the program, nor in the log or the extended attributes. */
#include "mount/fixture.h"
#include "peer/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SECRET "hUsH/nObOdY+mAy7SeE0tHiS1sEcReTkEy4567/+"
#define TOKEN  "tOkEn0fTheSeSSion+wHiCh/is+lOng+enough=="

/* A sanitizer's runtime keeps a copy of the environment, as it was at the start, for itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUNTIME_COPIES 1
#else
#define RUNTIME_COPIES 0
#endif

static char directory[256];

static void write_file(const char *name, mode_t mode, const char *text, char path[512])
{
    (void)snprintf(path, 512, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

/* ---- where the keys come from ---- */

struct origin {
    const char *options;
    const char *environment[5];
    bool daemon;
    size_t copies; /* that are nobody's fault */
};

static void from_environment(struct origin *o)
{
    o->copies = RUNTIME_COPIES;
    o->environment[0] = "AWS_ACCESS_KEY_ID=AKIATEST";
    o->environment[1] = "AWS_SECRET_ACCESS_KEY=" SECRET;
    o->environment[2] = "AWS_SESSION_TOKEN=" TOKEN;
}

static void from_the_background(struct origin *o)
{
    from_environment(o);
    o->daemon = true;
}

static void from_a_file(struct origin *o)
{
    static char path[512], variable[600];
    write_file("credentials", 0600,
               "[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n"
               "[x]\naws_access_key_id = AKIATEST\naws_secret_access_key = " SECRET "\n"
               "aws_session_token = " TOKEN "\n",
               path);
    (void)snprintf(variable, sizeof(variable), "AWS_SHARED_CREDENTIALS_FILE=%s", path);
    o->environment[0] = variable;
    o->options = "profile=x";
}

static void from_a_program(struct origin *o)
{
    static char script[512], path[512], text[1200], variable[600];
    write_file("keys", 0700,
               "#!/bin/sh\ncat <<END\n{\"Version\": 1, \"AccessKeyId\": \"AKIATEST\", "
               "\"SecretAccessKey\": \"" SECRET "\",\n \"SessionToken\": \"" TOKEN
               "\", \"Other\": [1, 2, {\"x\": null}]}\nEND\n",
               script);
    (void)snprintf(text, sizeof(text), "[profile x]\ncredential_process = %s\n", script);
    write_file("config", 0600, text, path);
    (void)snprintf(variable, sizeof(variable), "AWS_CONFIG_FILE=%s", path);
    o->environment[0] = variable;
    o->options = "profile=x";
}

static void (*const origins[])(struct origin *) = {from_environment, from_the_background,
                                                   from_a_file, from_a_program};

/* ---- where they must not be ---- */

static void check_file(pid_t pid, const char *name)
{
    static char text[256 * 1024];
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ssize_t n = read(fd, text, sizeof(text));
    (void)close(fd);
    ck_assert_int_gt(n, 0);
    ck_assert_msg(!memmem(text, (size_t)n, SECRET, strlen(SECRET)), "%s has the secret", path);
    ck_assert_msg(!memmem(text, (size_t)n, TOKEN, strlen(TOKEN)), "%s has the token", path);
}

static void check_memory(pid_t pid, const struct origin *origin)
{
    char where[256];
    size_t found = memory_find(pid, SECRET, where);
    ck_assert_msg(found <= origin->copies,
                  "a core dump would have the secret %zu times, first in %s", found, where);
}

static void check_text(const char *text, const char *what)
{
    ck_assert_msg(!strstr(text, SECRET), "%s has the secret", what);
    ck_assert_msg(!strstr(text, TOKEN), "%s has the token", what);
}

static void check_attributes(const char *path)
{
    static char names[65536], value[65536];
    ssize_t len = listxattr(path, names, sizeof(names));
    ck_assert_int_gt(len, 0);
    for (const char *name = names; name < names + len; name += strlen(name) + 1) {
        ck_assert_int_ge(try_xattr(path, name, value, sizeof(value)), 0);
        check_text(value, name);
    }
}

START_TEST(of_a_mount)
{
    struct origin origin = {0};
    char options[1024], log[512];
    (void)snprintf(directory, sizeof(directory), "%s/secrets", harness_root());
    (void)mkdir(directory, 0700);
    (void)snprintf(log, sizeof(log), "%s/log.%d", directory, _i);
    origins[_i](&origin);
    (void)snprintf(options, sizeof(options), "log_level=debug,log_file=%s,max_attempts=1%s%s",
                   log, origin.options ? "," : "", origin.options ? origin.options : "");
    put("d/f", 300000, 1);
    put("d/denied", 10, 2);
    fixture_mount_config(&(struct harness_mount_config){.source = "s3://bkt",
                                                        .endpoint = peer_s3_url(s3),
                                                        .options = options,
                                                        .daemon = origin.daemon,
                                                        .environment = origin.environment});
    ck_assert_msg(harness_mount_state(mount) == 0, "%s", harness_mount_log(mount));
    pid_t pid = harness_mount_pid(mount);
    check_content(at("d/f"), 300000, 1);
    /* What a server says of keys it has seen is no reason to show them either. */
    const struct peer_response denied = PEER_S3_ERROR(403, "SignatureDoesNotMatch");
    (void)peer_on(peer, "GET /bkt/d/denied", &denied);
    ck_assert_int_eq(try_open(at("d/denied")), -EACCES);
    ck_assert_int_eq(kill(pid, SIGUSR1), 0);
    /* It was signed, with those keys. */
    const struct peer_request *request =
        peer_request_at(peer, PEER_MATCH(.pattern = "GET /bkt/d/f"), 0);
    ck_assert_ptr_nonnull(
        strstr(peer_request_header(request, "Authorization"), "Credential=AKIATEST/"));
    ck_assert_str_eq(peer_request_header(request, "X-Amz-Security-Token"), TOKEN);
    check_attributes(top());
    check_attributes(at("d/f"));
    check_attributes(at("d/denied"));
    check_file(pid, "cmdline");
    check_file(pid, "environ");
    check_memory(pid, &origin);
    fixture_unmount();
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(log, "re");
    ck_assert(text && file);
    ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 0);
    (void)fclose(file);
    ck_assert_ptr_nonnull(strstr(text, "SignatureDoesNotMatch"));
    check_text(text, "the log");
    free(text);
}
END_TEST

/* ---- pail, which has them for as long as it runs ---- */

static pid_t start_pail(const struct origin *origin, const char *url)
{
    char option[64], profile[64] = "";
    const char *program = getenv("PAIL_BIN");
    ck_assert_ptr_nonnull(program);
    (void)snprintf(option, sizeof(option), "--endpoint=%s", url);
    if (origin->options)
        (void)snprintf(profile, sizeof(profile), "--%s", origin->options);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_CORE, &limit);
    (void)clearenv();
    (void)setenv("PATH", "/usr/bin:/bin", 1);
    for (size_t i = 0; origin->environment[i]; i++)
        (void)putenv(strdup(origin->environment[i]));
    if (chdir(directory) < 0)
        _exit(98);
    if (profile[0])
        (void)execl(program, "pail", "cat", option, profile, "s3://bkt/d/f", (char *)NULL);
    else
        (void)execl(program, "pail", "cat", option, "s3://bkt/d/f", (char *)NULL);
    _exit(99);
}

/* The core file that it leaves, as the system's pattern names it; false if that is not a file
 * in the directory. */
static bool find_core(char path[512])
{
    char pattern[128] = "";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
    bool plain = file && fgets(pattern, sizeof(pattern), file) && !strpbrk(pattern, "|/");
    if (file)
        (void)fclose(file);
    DIR *dir = plain ? opendir(directory) : NULL;
    bool found = false;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strncmp(entry->d_name, pattern, strcspn(pattern, "%.\n")) == 0) {
            (void)snprintf(path, 512, "%s/%s", directory, entry->d_name);
            found = true;
        }
    if (dir)
        (void)closedir(dir);
    return found;
}

static void check_core(const char *path)
{
    struct stat attributes;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(fstat(fd, &attributes), 0);
    size_t size = (size_t)attributes.st_size, got = 0;
    char *core = malloc(size + 1);
    ck_assert_ptr_nonnull(core);
    for (ssize_t n = 1; n > 0; got += n > 0 ? (size_t)n : 0)
        n = read(fd, core + got, size - got);
    (void)close(fd);
    ck_assert_uint_gt(got, 100000);
    /* It is the program's. */
    ck_assert_ptr_nonnull(memmem(core, got, "AKIATEST", 8));
    ck_assert_msg(!memmem(core, got, SECRET, strlen(SECRET)), "the core file has the secret");
    free(core);
}

START_TEST(of_pail)
{
    struct origin origin = {0};
    char core[512];
    int status;
    (void)snprintf(directory, sizeof(directory), "%s/pail-%d", harness_root(), _i);
    (void)mkdir(directory, 0700);
    origins[_i](&origin);
    put("d/f", 300000, 1);
    (void)peer_on(peer, "GET /bkt/d/f",
                  PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_STALL, .after = 0}));
    pid_t pid = start_pail(&origin, peer_s3_url(s3));
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    check_file(pid, "cmdline");
    check_file(pid, "environ");
    check_memory(pid, &origin);
    ck_assert_int_eq(kill(pid, SIGABRT), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    if (WCOREDUMP(status) && find_core(core))
        check_core(core);
    peer_release(peer);
}
END_TEST

MOUNT_SUITE("mount/secrets", 60,
            tcase_add_loop_test(tc, of_a_mount, 0, (int)(sizeof(origins) / sizeof(origins[0])));
            tcase_add_loop_test(tc, of_pail, 0, (int)(sizeof(origins) / sizeof(origins[0]))));
