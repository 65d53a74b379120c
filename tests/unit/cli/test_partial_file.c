#include "unit/check.h"

#include "base/cleanup.h"
#include "cli/partial_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], path[128];

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/pail-partial-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
}

static void teardown(void)
{
    DIR *names = opendir(dir);
    for (struct dirent *entry; names && (entry = readdir(names));)
        (void)unlinkat(dirfd(names), entry->d_name, 0);
    closedir(names);
    ck_assert_int_eq(rmdir(dir), 0);
}

/* How many names the directory has. */
static int names(void)
{
    int count = 0;
    DIR *open_dir = opendir(dir);
    ck_assert_ptr_nonnull(open_dir);
    for (struct dirent *entry; (entry = readdir(open_dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open_dir);
    return count;
}

static void write_file(const char *to, const char *text, mode_t mode)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static void check_file(const char *at, const char *text, mode_t mode)
{
    char found[64] = "";
    struct stat st;
    int fd = open(at, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(read(fd, found, sizeof(found) - 1), 0);
    ck_assert_str_eq(found, text);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, mode);
    close(fd);
}

/* Each test runs with nameless files and with hidden names. */
static struct partial_file begin(bool hidden, const char *text)
{
    struct partial_file file = {.hidden = hidden};
    ck_assert_int_eq(partial_file_open(&file, path), 0);
    ck_assert_int_eq(file.temporary != NULL, hidden);
    ck_assert_int_eq(write(file.fd, text, strlen(text)), (ssize_t)strlen(text));
    return file;
}

START_TEST(a_new_file_appears_at_the_end)
{
    mode_t before = umask(027);
    struct partial_file file = begin(_i, "whole");
    umask(before);
    ck_assert_int_eq(names(), _i);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(partial_file_commit(&file), 0);
    partial_file_done(&file);
    check_file(path, "whole", 0640);
    ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(an_old_file_is_replaced_at_the_end)
{
    write_file(path, "old", 0604);
    struct partial_file file = begin(_i, "new");
    check_file(path, "old", 0604);
    ck_assert_int_eq(partial_file_commit(&file), 0);
    partial_file_done(&file);
    check_file(path, "new", 0604);
    ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(what_is_not_committed_is_gone)
{
    write_file(path, "old", 0600);
    struct partial_file file = begin(_i, "new");
    partial_file_done(&file);
    partial_file_done(&file);
    check_file(path, "old", 0600);
    ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(a_link_stays_a_link)
{
    char target[256];
    snprintf(target, sizeof(target), "%s/target", dir);
    write_file(target, "old", 0600);
    ck_assert_int_eq(symlink("target", path), 0);
    struct partial_file file = begin(_i, "new");
    ck_assert_int_eq(partial_file_commit(&file), 0);
    partial_file_done(&file);
    check_file(target, "new", 0600);
    struct stat st;
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

START_TEST(a_signal_leaves_nothing)
{
    for (size_t i = 0; i < ARRAY_LEN(deadly); i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            struct partial_file file = {.hidden = _i};
            for (size_t n = 0; n < ARRAY_LEN(deadly); n++)
                signal(deadly[n], SIG_DFL);
            if (partial_file_open(&file, path) == 0 && write(file.fd, "x", 1) == 1)
                raise(deadly[i]);
            _exit(0);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == deadly[i]);
        ck_assert_int_eq(names(), 0);
    }
}
END_TEST

START_TEST(an_ignored_signal_stays_ignored)
{
    struct sigaction before, after;
    signal(SIGHUP, SIG_IGN);
    ck_assert_int_eq(sigaction(SIGINT, NULL, &before), 0);
    struct partial_file file = begin(true, "x");
    raise(SIGHUP);
    ck_assert_int_eq(names(), 1);
    partial_file_done(&file);
    ck_assert_int_eq(sigaction(SIGINT, NULL, &after), 0);
    ck_assert(after.sa_handler == before.sa_handler);
    signal(SIGHUP, SIG_DFL);
}
END_TEST

static int open_at(const char *at)
{
    struct partial_file file = {.hidden = false};
    int r = partial_file_open(&file, at);
    partial_file_done(&file);
    return r;
}

START_TEST(refuses_what_cannot_be_a_file)
{
    char below[256];
    ck_assert_int_eq(open_at(dir), -EISDIR);
    snprintf(below, sizeof(below), "%s/none/file", dir);
    ck_assert_int_eq(open_at(below), -ENOENT);
    write_file(path, "", 0600);
    snprintf(below, sizeof(below), "%s/below", path);
    ck_assert_int_eq(open_at(below), -ENOTDIR);
    snprintf(below, sizeof(below), "%s/new/", dir);
    ck_assert_int_eq(open_at(below), -ENOENT);
}
END_TEST

START_TEST(devices_are_written_to)
{
    struct partial_file file = {.hidden = false};
    ck_assert_int_eq(partial_file_open(&file, "/dev/null"), 0);
    ck_assert(file.in_place);
    ck_assert_int_eq(write(file.fd, "x", 1), 1);
    ck_assert_int_eq(partial_file_commit(&file), 0);
    partial_file_done(&file);
    struct stat st;
    ck_assert_int_eq(stat("/dev/null", &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
}
END_TEST

SUITE_MAIN("cli/partial_file", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, a_new_file_appears_at_the_end, 0, 2);
           tcase_add_loop_test(tc, an_old_file_is_replaced_at_the_end, 0, 2);
           tcase_add_loop_test(tc, what_is_not_committed_is_gone, 0, 2);
           tcase_add_loop_test(tc, a_link_stays_a_link, 0, 2);
           tcase_add_loop_test(tc, a_signal_leaves_nothing, 0, 2);
           tcase_add_test(tc, an_ignored_signal_stays_ignored);
           tcase_add_test(tc, refuses_what_cannot_be_a_file);
           tcase_add_test(tc, devices_are_written_to));
