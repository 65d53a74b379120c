#include "cli/options.h"

#include "base/cleanup.h"

#include <errno.h>
#include <limits.h>
#define FUSE_USE_VERSION 314
#include <fuse_opt.h>
#include <unistd.h>

#define STRINGS_MAX         (256 * 1024) /* bytes of all values together */
#define METADATA_TIMEOUT_MS 20000
#define CONNECT_TIMEOUT_MS  10000 /* of a mount, where no defaults mode says another */
#define ALWAYS              "nosuid,nodev"

int options_init(struct options *options, unsigned program)
{
    *options = (struct options){.arena = arena_new(STRINGS_MAX), .mount_words = ALWAYS};
    if (!options->arena)
        return -ENOMEM;
    options->retries = UINT_MAX;
    options->fs.uid = getuid();
    options->fs.gid = getgid();
    options->config.legacy_connect_timeout_ms =
        program == OPTION_PAILFS ? CONNECT_TIMEOUT_MS : 0;
    options->config.retry_quota_waits = program == OPTION_PAILFS;
    return option_set_initial(&options_of_pailfs, program, options, options->arena);
}

void options_done(struct options *options)
{
    arena_free(options->arena);
    options->arena = NULL;
}

/* Words that mount(8) lets everyone put into fstab. */
static bool is_comment(struct pail_str text)
{
    return str_starts(text, PAIL_STR("x-")) || str_starts(text, PAIL_STR("X-"));
}

static bool is_secret(struct pail_str name)
{
    static const char *const names[] = {
        "access_key_id",         "secret_access_key", "session_token", "aws_access_key_id",
        "aws_secret_access_key", "aws_session_token", "passwd_file",   "password"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_c(name, names[i]))
            return true;
    }
    return false;
}

int options_assign(struct options *options, const struct option_table *table, unsigned program,
                   struct pail_str text, struct buf *reason)
{
    size_t equals = str_find(text, '=', 0);
    struct pail_str name = str_sub(text, 0, equals);
    struct pail_str value =
        equals < text.len ? str_sub(text, equals + 1, text.len) : (struct pail_str){0};
    /* "-o allow_other," is how scripts put lists together. */
    if (program == OPTION_PAILFS && (text.len == 0 || is_comment(text)))
        return 0;
    const struct option *option = option_find(table, program, name);
    if (option)
        return option_set(table, option, options, options->arena, value, reason);
    if (is_secret(name)) {
        buf_add_c(reason, "credentials are not taken from the command line, where everyone "
                          "can read them: use the environment or a profile");
        return -EINVAL;
    }
    int r = option_unknown(table, name, reason);
    option_suggest(table, program, name, reason);
    return r;
}

/* ---- pailfs's command line ---- */

struct reading {
    struct options *options;
    struct buf *reason;
    int failed;
};

static int take_argument(struct reading *reading, const char *text)
{
    struct options *options = reading->options;
    struct pail_str kept = arena_str(options->arena, str_c(text));
    if (!kept.ptr)
        return -ENOMEM;
    if (!options->source) {
        options->source = kept.ptr;
        return 0;
    }
    if (!options->mount.mountpoint) {
        options->mount.mountpoint = kept.ptr;
        return 0;
    }
    buf_add_c(reading->reason, "one argument too many: \"");
    buf_add_escaped(reading->reason, str_c(text));
    buf_add_byte(reading->reason, '"');
    return -EINVAL;
}

static bool take_switch(struct options *options, const char *text)
{
    static const struct {
        const char *text;
        size_t offset;
    } switches[] = {
        {"-f", offsetof(struct options, foreground)},
        {"-d", offsetof(struct options, debug)},
        {"-h", offsetof(struct options, help)},
        {"--help", offsetof(struct options, help)},
        {"-V", offsetof(struct options, version)},
        {"--version", offsetof(struct options, version)},
    };
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        if (str_eq_c(str_c(text), switches[i].text)) {
            *(bool *)((char *)options + switches[i].offset) = true;
            return true;
        }
    }
    return false;
}

static int take_option(struct reading *reading, const char *text)
{
    if (text[0] == '-') {
        struct pail_str name = str_c(text);
        buf_add_c(reading->reason, "unknown option \"");
        buf_add_escaped(reading->reason, str_sub(name, 0, str_find(name, '=', 0)));
        buf_add_c(reading->reason, "\"; options are given as -o name=value");
        return -EINVAL;
    }
    return options_assign(reading->options, &options_of_pailfs, OPTION_PAILFS, str_c(text),
                          reading->reason);
}

static int take(void *data, const char *text, int key, struct fuse_args *rest)
{
    (void)rest;
    struct reading *reading = data;
    if (key == FUSE_OPT_KEY_OPT && take_switch(reading->options, text))
        return 0;
    if (reading->failed == 0)
        reading->failed = key == FUSE_OPT_KEY_NONOPT ? take_argument(reading, text)
                                                     : take_option(reading, text);
    return 0;
}

int options_settle(struct options *options, struct buf *reason)
{
    struct fs_options *fs = &options->fs;
    if (options->path_style && options->virtual_style) {
        buf_add_c(reason, "path_style and virtual_style exclude each other");
        return -EINVAL;
    }
    if (options->path_style)
        options->config.addressing = PAIL_ADDRESSING_PATH;
    if (options->virtual_style)
        options->config.addressing = PAIL_ADDRESSING_VIRTUAL;
    if (options->retries != UINT_MAX && options->config.max_attempts) {
        buf_add_c(reason, "--retries and --max-attempts exclude each other");
        return -EINVAL;
    }
    if (options->retries != UINT_MAX)
        options->config.max_attempts = options->retries + 1;
    fs->connections = options->config.max_connections;
    fs->private = !options->mount.allow_other && (fs->uid == getuid() || getuid() == 0);
    fs->metadata_timeout_ms = fs->operation_timeout_ms < METADATA_TIMEOUT_MS
                                  ? fs->operation_timeout_ms
                                  : METADATA_TIMEOUT_MS;
    if (!options->mount.fsname)
        options->mount.fsname = options->source;
    options->mount.mount_options = options->mount_words;
    options->mount.debug = options->debug;
    if (options->debug) {
        options->foreground = true;
        options->log_level = LOG_DEBUG_LEVEL;
    }
    return 0;
}

int options_parse(struct options *options, int argc, char **argv, struct buf *reason)
{
    if (argc > 1 && str_eq_c(str_c(argv[argc - 1]), "-o")) {
        buf_add_c(reason, "-o needs options after it");
        return -EINVAL;
    }
    struct reading reading = {.options = options, .reason = reason};
    struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
    int r = fuse_opt_parse(&args, &reading, NULL, take);
    fuse_opt_free_args(&args);
    if (r < 0 || reading.failed == -ENOMEM)
        return -ENOMEM;
    if (options->help || options->version)
        return 0;
    if (reading.failed < 0)
        return reading.failed;
    if (!options->source || !options->mount.mountpoint) {
        buf_add_c(reason, options->source ? "on which directory? pailfs SOURCE DIR"
                                          : "what is to be mounted? pailfs s3://BUCKET DIR");
        return -EINVAL;
    }
    return options_settle(options, reason);
}

void options_add_help(struct buf *b)
{
    buf_add_c(b, "usage: pailfs SOURCE DIR [-f] [-d] [-o OPTION[=VALUE],...]\n"
                 "  s3://[BUCKET[/PREFIX]] logs://[GROUP] kinesis://[STREAM] lambda:// aws://\n"
                 "Shows it as files. fusermount3 -u DIR, or SIGTERM, unmounts.\n"
                 "  -f  stay in the foreground, log to standard error\n"
                 "  -d  the same, with debugging output\n"
                 "Options of -o [defaults]; pailfs(1) explains them:\n");
    option_add_help(&options_of_pailfs, OPTION_PAILFS, b);
}
