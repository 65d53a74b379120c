/* Keys that a program prints: `credential_process` of the profile. */
#include "aws/credentials.h"

#include "aws/json.h"
#include "aws/response.h"
#include "aws/words.h"
#include "base/date.h"
#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS (60 * 1000)
#define OUTPUT_MAX (64 * 1024)
#define SHOWN_MAX  80 /* bytes of the program's own message in ours */
#define ARGS_MAX   64

struct process_provider {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    int cancel_fd;
};

/* What the program prints, as an operation's output. */
struct process_output {
    struct pail_response response;
    struct pail_int version;
    struct pail_str id, secret, token, expiration;
};

static const struct pail_member output_members[] = {
    PAIL_FIELD(struct process_output, version, "Version", NULL, &pail_shape_integer,
               PAIL_IN_BODY, 0),
    PAIL_FIELD(struct process_output, id, "AccessKeyId", NULL, &pail_shape_string, PAIL_IN_BODY,
               0),
    PAIL_FIELD(struct process_output, secret, "SecretAccessKey", NULL, &pail_shape_string,
               PAIL_IN_BODY, 0),
    PAIL_FIELD(struct process_output, token, "SessionToken", NULL, &pail_shape_string,
               PAIL_IN_BODY, 0),
    PAIL_FIELD(struct process_output, expiration, "Expiration", NULL, &pail_shape_string,
               PAIL_IN_BODY, 0),
};
static const struct pail_shape output_shape =
    PAIL_STRUCTURE_SHAPE(struct process_output, "ProcessOutput", output_members);
static const struct pail_service process_service = {.id = "credential_process",
                                                    .protocol = PAIL_JSON};
static const struct pail_operation process_operation = {
    .name = "credential_process", .service = &process_service, .output = &output_shape};

/* The command as an argument vector. */
struct command {
    char *args[ARGS_MAX + 1];
    size_t count;
};

static void command_done(struct command *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->args[i]);
    *c = (struct command){0};
}

DEFINE_CLEANUP_DONE(command, struct command, command_done);

/* 0, -EINVAL, -ENOMEM. */
static int split(struct pail_str line, struct command *ret)
{
    for (;;) {
        CLEANUP_DONE(buf) struct buf word;
        buf_init(&word, PROFILE_FILE_MAX);
        int r = words_next(&line, &word);
        if (r < 0)
            return r;
        if (r == 0)
            return ret->count > 0 ? 0 : -EINVAL;
        if (ret->count == ARGS_MAX)
            return -EINVAL;
        ret->args[ret->count] = buf_steal(&word);
        if (!ret->args[ret->count])
            return -ENOMEM;
        ret->count++;
    }
}

/* "FILE:LINE: credential_process": what the message is about. */
struct about {
    char where[96];
};

static int fail(const struct about *about, struct pail_error *error, const char *what)
{
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES, "%s: credential_process %s",
                     about->where, what);
}

static int not_run(const struct about *about, const struct command *command, int r,
                   struct pail_error *error)
{
    char what[160];
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r == -ECANCELED)
        return error_set(error, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
    if (r == -ETIMEDOUT)
        snprintf(what, sizeof(what), "took longer than %d s", TIMEOUT_MS / 1000);
    else if (r == -EFBIG)
        snprintf(what, sizeof(what), "printed more than %d bytes", OUTPUT_MAX);
    else
        snprintf(what, sizeof(what), "cannot run \"%.80s\": %s", command->args[0],
                 strerror(-r));
    return fail(about, error, what);
}

static int failed(const struct about *about, int status, const struct buf *err,
                  struct pail_error *error)
{
    char what[160];
    struct pail_str said = str_trim(buf_str(err));
    int shown = (int)(said.len < SHOWN_MAX ? said.len : SHOWN_MAX);
    if (WIFSIGNALED(status))
        snprintf(what, sizeof(what), "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(what, sizeof(what), "ended with status %d%s%.*s", WEXITSTATUS(status),
                 shown ? ": " : "", shown, said.ptr);
    return fail(about, error, what);
}

/* What the output says; its text is not shown, as it may hold keys. */
static int understand(const struct about *about, const char *profile, struct pail_str text,
                      struct credentials **ret, struct pail_error *error)
{
    CLEANUP(arena) struct arena *arena = arena_new_secret(RESPONSE_ARENA_MAX);
    if (!arena)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    struct process_output output = {0};
    char reason[80];
    int r = json_parse_output(&process_operation, arena, text, &output, reason, sizeof(reason));
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r < 0)
        return fail(about, error, "did not print the JSON object that was expected");
    if (!output.version.present || output.version.value != 1)
        return fail(about, error, "printed no \"Version\": 1");
    if (output.id.len == 0)
        return fail(about, error, "printed no AccessKeyId");
    if (output.secret.len == 0)
        return fail(about, error, "printed no SecretAccessKey");
    struct pail_time expires = {.seconds = INT64_MAX};
    if (output.expiration.ptr && date_parse_iso8601(output.expiration, &expires) < 0)
        return fail(about, error, "printed an Expiration that is no ISO 8601 time");
    CLEANUP_DONE(buf) struct buf source;
    buf_init(&source, PROFILE_FILE_MAX);
    buf_addf(&source, "credential_process of profile %s", profile);
    if (!buf_failed(&source))
        *ret = credentials_new(output.id, output.secret, output.token, expires.seconds,
                               buf_c(&source));
    return *ret ? 0 : error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    const struct process_provider *p = CONTAINER_OF(base, struct process_provider, base);
    const struct settings *s = p->settings;
    struct pail_str line = profile_get(s->files, p->profile, "credential_process");
    if (line.len == 0)
        return -ENOENT;
    *ret = NULL;
    struct about about;
    profile_where(s->files, p->profile, "credential_process", about.where, sizeof(about.where));

    CLEANUP_DONE(command) struct command command = {0};
    int r = split(line, &command);
    if (r == -EINVAL)
        return fail(&about, error, "is no command: an open quote, no words, or more than 64");
    struct buf out, err;
    buf_init_secret(&out, OUTPUT_MAX);
    buf_init(&err, SHOWN_MAX * 2);
    int status = 0;
    if (r == 0)
        r = process_run(command.args, TIMEOUT_MS, p->cancel_fd, &out, &err, &status);
    if (r < 0)
        r = not_run(&about, &command, r, error);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        r = failed(&about, status, &err, error);
    else
        r = understand(&about, p->profile, buf_str(&out), ret, error);
    buf_done(&out);
    buf_done(&err);
    return r;
}

static void cancel(struct credentials_provider *base)
{
    const struct process_provider *p = CONTAINER_OF(base, struct process_provider, base);
    ssize_t n = write(p->cancel_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)n; /* readable already, if it would not fit */
}

static void release(struct credentials_provider *base)
{
    struct process_provider *p = CONTAINER_OF(base, struct process_provider, base);
    close(p->cancel_fd);
    free(p);
}

struct credentials_provider *credentials_process_new(const struct settings *settings,
                                                     const char *profile)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct process_provider *p = fd >= 0 ? malloc(sizeof(*p)) : NULL;
    if (!p) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    *p = (struct process_provider){
        .base = {.name = "credential_process",
                 .fetch = fetch,
                 .cancel = cancel,
                 .free = release},
        .settings = settings,
        .profile = profile,
        .cancel_fd = fd,
    };
    return &p->base;
}
