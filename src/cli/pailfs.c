#include "aws/guard.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/when.h"
#include "cli/daemon.h"
#include "cli/failure_line.h"
#include "cli/options.h"
#include "fs/mount_point.h"
#include "fs/s3_source.h"
#include "fs/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <syslog.h>
#include <unistd.h>

#define PROGRAM        "pailfs"
#define CHECK_ATTEMPTS 3    /* someone waits for the command: it answers sooner than a read */
#define LINE_BYTES     4096 /* bytes of a line for people */

/* One mount, from the command line to the end. */
struct program {
    struct options options;
    struct daemon daemon;
    const struct source_scheme *scheme; /* of options.source */
    struct mount_point directory;
    struct buf line; /* what went wrong */
    int log_fd;
    bool log_left; /* with the log's thread, which could not be ended */
    struct pail_client *client;
    bool ready;
};

static int complain(struct program *p, int status)
{
    if (buf_failed(&p->line))
        fprintf(stderr, PROGRAM ": out of memory\n");
    else
        fprintf(stderr, PROGRAM ": %s\n", buf_c(&p->line));
    return status;
}

/* ---- what can be told from the command line alone ---- */

static int check_source(struct program *p)
{
    struct pail_str source = str_c(p->options.source);
    const char *why = "what can be mounted starts with";
    int r = -EINVAL;
    p->scheme = source_scheme_of(source);
    if (p->scheme)
        r = p->scheme->parse(source, &why);
    if (r < 0) {
        buf_add_escaped(&p->line, source);
        buf_addf(&p->line, ": %s", why);
    }
    for (size_t i = 0; !p->scheme && source_schemes[i]; i++)
        buf_addf(&p->line, "%s %s", i > 0 ? "," : "", source_schemes[i]->prefix);
    return r;
}

/* Bounds that nothing keeps to would be taken for kept; and a mount that cannot show anything,
 * for a service that has nothing. */
static int check_bounds(struct program *p)
{
    const struct source_options *shown = &p->options.shown;
    static const char *const names[] = {"option since", "option until"};
    if (p->scheme->events || (!shown->since.present && !shown->until.present))
        return when_check_bounds(shown->since, shown->until, names, &p->line);
    buf_addf(&p->line, "options since and until bound events, which %s has not",
             p->scheme->prefix);
    return -EINVAL;
}

static int check_directory(struct program *p)
{
    char reason[LINE_BYTES];
    int r =
        mount_point_prepare(&p->directory, p->options.mount.mountpoint, reason, sizeof(reason));
    if (r < 0)
        buf_add_escaped(&p->line, str_c(reason));
    return r;
}

/* In front, lines go to standard error as it was at the start: it is borrowed while mounting.
 */
static int open_log(struct program *p)
{
    const struct options *o = &p->options;
    if (o->log_file) {
        /* A FIFO that nobody reads is refused; one whose reader is slow has the log wait. */
        p->log_fd =
            open(o->log_file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                 0640);
        if (p->log_fd < 0) {
            buf_add_c(&p->line, "option log_file: ");
            buf_add_escaped(&p->line, str_c(o->log_file));
            buf_addf(&p->line, ": %s", strerror(errno));
            return -EINVAL;
        }
    } else if (o->foreground) {
        p->log_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    } else {
        openlog(PROGRAM, LOG_PID, LOG_DAEMON);
    }
    return 0;
}

/* ---- the mount itself; in the background from here on ---- */

static int fail(struct program *p, int status)
{
    const char *line = buf_failed(&p->line) ? "out of memory" : buf_c(&p->line);
    if (p->ready && !p->options.foreground)
        log_error("%s", line);
    return daemon_failed(&p->daemon, PROGRAM, status, line);
}

static int fail_sys(struct program *p, int r)
{
    buf_addf(&p->line, "%s", strerror(-r));
    return fail(p, EXIT_FAILED);
}

static int fail_error(struct program *p, const struct pail_error *error)
{
    int status = failure_exit_status(error) == EXIT_USAGE ? EXIT_USAGE : EXIT_FAILED;
    if (status == EXIT_USAGE && error->message[0]) {
        buf_add_escaped(&p->line, str_c(error->message));
        return fail(p, status);
    }
    /* As the mount's log has it: the errno that names it, then what it was. */
    buf_add_escaped(&p->line, str_c(p->options.source));
    buf_addf(&p->line, ": %s: ", pail_errno_name(error->sys));
    failure_cause(&p->line, error);
    /* What doctor can look into: a request or a connection, and not how this was called. */
    if (p->scheme == &s3_scheme && status == EXIT_FAILED && error->kind != PAIL_ERROR_MEMORY) {
        buf_add_c(&p->line, "; pail doctor ");
        buf_add_escaped(&p->line, str_c(p->options.source));
        buf_add_c(&p->line, " says more");
    }
    return fail(p, status);
}

/* Once it is mounted: a mount that fails says one line, what has failed. */
static void warn_no_log(const struct program *p)
{
    if (p->log_fd < 0 && access(_PATH_LOG, W_OK) < 0)
        fprintf(stderr, PROGRAM ": warning: there is no syslog here: say -o log_file=FILE to "
                                "keep a log\n");
}

static void tell_ready(void *user)
{
    struct program *p = user;
    const char *region = pail_client_region(p->client);
    log_info("mounted %s on %s, region %s, credentials: %s", p->options.source,
             p->options.mount.mountpoint, region[0] ? region : "not configured",
             pail_client_credentials_source(p->client));
    p->ready = true;
    mount_point_mounted(&p->directory);
    warn_no_log(p);
    daemon_ready(&p->daemon);
}

/* Until here they end the process, as nothing is mounted; from here on the mount takes them. */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Whoever asks what waits before anything is mounted does not mean to end it. */
static void block_question(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static int serve(struct program *p, struct fs *fs, struct source *source,
                 struct mailbox *mailbox)
{
    char reason[LINE_BYTES];
    int r = fs_init(fs, &p->options.fs, source, mailbox, &clock_system);
    if (r < 0)
        return fail_sys(p, r);
    block_signals();
    r = mount_run(fs, &p->options.mount, reason, sizeof(reason));
    fs_done(fs);
    if (r < 0) {
        buf_add_escaped(&p->line, str_c(reason));
        return fail(p, EXIT_FAILED);
    }
    log_info("unmounted %s", p->options.mount.mountpoint);
    return EXIT_OK;
}

/* What is odd, though it can be mounted: to who started it as well as to the log, unless that
 * is the same. */
static void warn(const struct program *p, const struct buf *words)
{
    if (words->len == 0 || buf_failed(words))
        return;
    log_warn("%s", buf_c(words));
    if (!p->options.foreground || p->options.log_file)
        fprintf(stderr, PROGRAM ": warning: %s\n", buf_c(words));
}

static int mount_source(struct program *p)
{
    CLEANUP_DONE(buf) struct buf warning;
    buf_init(&warning, LINE_BYTES);
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    if (!mailbox)
        return fail_sys(p, -ENOMEM);
    struct fs fs = {0};
    unsigned attempts = p->options.config.max_attempts;
    const struct source_config config = {
        .client = p->client,
        .mailbox = mailbox,
        .url = str_c(p->options.source),
        .operation_timeout_ms = p->options.fs.operation_timeout_ms,
        .metadata_timeout_ms = p->options.fs.metadata_timeout_ms,
        .check_attempts = attempts < CHECK_ATTEMPTS ? attempts : CHECK_ATTEMPTS,
        .warning = &warning,
        .metadata_ttl_ms = p->options.fs.metadata_ttl_ms,
        .timers = &fs.timers,
        .clock = &clock_system,
        .options = p->options.shown,
    };
    struct pail_error error = {0};
    int r = p->scheme->check(&config, config.metadata_timeout_ms, &error);
    if (r < 0)
        return fail_error(p, &error);
    warn(p, &warning);
    struct source *source;
    r = p->scheme->make(&config, &source);
    if (r < 0)
        return fail_sys(p, r);
    int status = serve(p, &fs, source, mailbox);
    source->ops->free(source);
    return status;
}

static int run(struct program *p)
{
    struct options *o = &p->options;
    struct pail_error error = {0};
    block_question();
    int r = log_start(o->log_level, p->log_fd >= 0 ? log_to_fd : log_to_syslog, &p->log_fd);
    if (r < 0)
        return fail_sys(p, r);
    int status;
    o->config.user_agent_extra = PROGRAM "/" PAIL_VERSION;
    o->config.tcp_keepalive = true;
    o->mount.ready = tell_ready;
    o->mount.user = p;
    if (pail_client_new(&o->config, &p->client, &error) < 0) {
        status = fail_error(p, &error);
    } else {
        status = mount_source(p);
        pail_client_free(p->client);
    }
    p->log_left = !log_stop();
    return status;
}

/* What was asked for, on standard output. */
static int tell(struct program *p)
{
    if (!buf_failed(&p->line) && fputs(buf_c(&p->line), stdout) >= 0 && fflush(stdout) == 0)
        return EXIT_OK;
    int e = buf_failed(&p->line) ? ENOMEM : errno;
    buf_reset(&p->line);
    buf_addf(&p->line, "standard output: %s", strerror(e));
    return complain(p, EXIT_FAILED);
}

static int start(struct program *p, int argc, char **argv)
{
    struct options *o = &p->options;
    int r = options_init(o, OPTION_PAILFS);
    if (r == 0)
        r = options_parse(o, argc, argv, &p->line);
    if (r == 0 && (o->help || o->version)) {
        if (o->help)
            options_add_help(&p->line);
        else
            buf_add_c(&p->line, PROGRAM " " PAIL_VERSION "\n");
        return tell(p);
    }
    if (r == 0)
        r = check_source(p);
    if (r == 0)
        r = check_bounds(p);
    if (r == 0)
        r = open_log(p);
    if (r < 0)
        return complain(p, EXIT_USAGE);
    if (check_directory(p) < 0)
        return complain(p, EXIT_FAILED);
    o->mount.mountpoint = o->fs.top = p->directory.path;
    o->mount.read_only = !p->scheme->writes;
    r = daemon_begin(&p->daemon, o->foreground, PROGRAM);
    if (r < 0) {
        buf_addf(&p->line, "cannot go into the background: %s", strerror(-r));
        return complain(p, EXIT_FAILED);
    }
    return run(p);
}

int main(int argc, char **argv)
{
    static struct program p = {.directory.lock_fd = -1,
                               .log_fd = -1}; /* as long as the log's thread may have it */
    buf_init(&p.line, 2 * LINE_BYTES);
    int status;
    if (guard_keys() < 0) {
        buf_add_c(&p.line, "out of memory");
        status = complain(&p, EXIT_FAILED);
    } else {
        status = start(&p, argc, argv);
    }
    if (p.log_fd >= 0 && !p.log_left)
        close(p.log_fd);
    options_done(&p.options);
    mount_point_done(&p.directory);
    buf_done(&p.line);
    return status;
}
