#include "peer/harness_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED_MS 5000 /* how long SIGKILL may take */

struct shared { /* with the child */
    int returned;
    bool done;
    _Alignas(16) char result[];
};

struct harness_job {
    pid_t pid;
    struct shared *shared;
    size_t size, result_size;
};

/* A child that held copies of the peer's sockets would keep connections open that the peer has
 * closed or reset. */
static void close_sockets(void)
{
    DIR *open_files = opendir("/proc/self/fd");
    for (struct dirent *entry; open_files && (entry = readdir(open_files));) {
        struct stat attributes;
        int fd = -1;
        if (sscanf(entry->d_name, "%d", &fd) == 1 && fd > 2 && fstat(fd, &attributes) == 0 &&
            S_ISSOCK(attributes.st_mode))
            (void)close(fd);
    }
    if (open_files)
        (void)closedir(open_files);
}

/* The child takes no signal before it has the default actions: libcheck's handlers end the
 * whole test. */
static pid_t fork_child(void)
{
    static const int handled[] = {SIGINT, SIGTERM, SIGALRM};
    sigset_t all, before;
    (void)fflush(NULL);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid < 0)
        peer_die("fork");
    if (pid == 0) {
        for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
            (void)signal(handled[i], SIG_DFL);
        close_sockets();
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

struct harness_job *harness_job_start(int (*work)(void *arg, void *result), void *arg,
                                      size_t result_size)
{
    struct harness_job *job = peer_zalloc(sizeof(*job));
    job->size = sizeof(struct shared) + result_size;
    job->result_size = result_size;
    job->shared =
        mmap(NULL, job->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (job->shared == MAP_FAILED)
        peer_die("shared memory");
    job->pid = fork_child();
    if (job->pid == 0) {
        job->shared->returned = work(arg, job->shared->result);
        job->shared->done = true;
        _exit(0);
    }
    return job;
}

pid_t harness_job_pid(const struct harness_job *job)
{
    return job->pid;
}

int harness_job_join(struct harness_job *job, void *ret_result, int timeout_ms)
{
    int status = 0;
    int r = harness_wait(job->pid, timeout_ms, &status);
    if (r == -ETIME) {
        (void)kill(job->pid, SIGKILL);
        if (harness_wait(job->pid, KILLED_MS, &status) == -ETIME)
            r = -EDEADLK;
    } else if (r == 0) {
        r = job->shared->done ? job->shared->returned : -EINTR;
    }
    if (ret_result && job->result_size > 0)
        memcpy(ret_result, job->shared->result, job->result_size);
    (void)munmap(job->shared, job->size);
    free(job);
    return r;
}

int harness_run(int (*work)(void *arg, void *result), void *arg, void *ret_result,
                size_t result_size, int timeout_ms)
{
    return harness_job_join(harness_job_start(work, arg, result_size), ret_result, timeout_ms);
}

static int shell_child(const char *dir, const char *command, int output)
{
    (void)setpgid(0, 0);
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    if (chdir(dir) < 0) {
        perror(dir);
        return 127;
    }
    (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    return 127;
}

struct harness_command {
    pid_t pid;
    int output;
};

static struct harness_command *start_command(const char *dir, const char *format, va_list args)
{
    char *text;
    if (vasprintf(&text, format, args) < 0)
        peer_die("memory");
    struct harness_command *command = peer_zalloc(sizeof(*command));
    command->output = memfd_create("output", MFD_CLOEXEC);
    if (command->output < 0)
        peer_die("memfd_create");
    command->pid = fork_child();
    if (command->pid == 0)
        _exit(shell_child(dir, text, command->output));
    (void)setpgid(command->pid, command->pid);
    free(text);
    return command;
}

struct harness_command *harness_command_start(const char *dir, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct harness_command *command = start_command(dir, format, args);
    va_end(args);
    return command;
}

pid_t harness_command_pid(const struct harness_command *command)
{
    return command->pid;
}

int harness_command_join(struct harness_command *command, int timeout_ms, char *ret_output,
                         size_t size)
{
    int status = 0;
    int r = harness_wait(command->pid, timeout_ms, &status);
    if (r == -ETIME) {
        (void)kill(-command->pid, SIGKILL);
        if (harness_wait(command->pid, KILLED_MS, &status) == -ETIME)
            r = -EDEADLK;
    } else if (r == 0) {
        r = harness_exit_code(status);
    }
    ssize_t n = size > 0 ? pread(command->output, ret_output, size - 1, 0) : 0;
    if (size > 0)
        ret_output[n > 0 ? n : 0] = '\0';
    (void)close(command->output);
    free(command);
    return r;
}

int harness_shell(const char *dir, int timeout_ms, char *ret_output, size_t size,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct harness_command *command = start_command(dir, format, args);
    va_end(args);
    return harness_command_join(command, timeout_ms, ret_output, size);
}
