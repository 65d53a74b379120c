#include "cli/options.h"

#include "base/when.h"
#include "services/kinesis_format.h"
#include "services/logs_format.h"

#define KB    UINT64_C(1024)
#define MB    (1024 * KB)
#define GB    (1024 * MB)
#define DAY   UINT64_C(86400000)
#define MS(s) ((uint64_t)((s)*1000))

#define BOTH (OPTION_PAILFS | OPTION_PAIL)
#define ROW(name_, kind_, programs_, field_, ...)                                              \
    {                                                                                          \
        .name = (name_), .kind = (kind_), .programs = (programs_),                             \
        .offset = offsetof(struct options, field_),                                            \
        .width = sizeof(((struct options *)NULL)->field_), __VA_ARGS__                         \
    }
#define PASSED(name_) ROW(name_, OPTION_PASS, OPTION_PAILFS, mount_words, .help = NULL)
#define IGNORED(name_)                                                                         \
    {                                                                                          \
        .name = (name_), .kind = OPTION_IGNORED, .programs = OPTION_PAILFS                     \
    }

static const char *const retry_modes[] = {"legacy", "standard", "adaptive", NULL};
static const char *const logs_views[] = {"streams", "hours", NULL};
static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};

static const struct option rows[] = {
    ROW("endpoint", OPTION_TEXT, BOTH, config.endpoint_url, .argument = "URL",
        .help = "the service's address, for S3 that is not AWS's"),
    ROW("region", OPTION_TEXT, BOTH, config.region, .argument = "NAME",
        .help = "as the environment and profile say; else us-east-1"),
    ROW("profile", OPTION_TEXT, BOTH, config.profile, .argument = "NAME",
        .help = "section of the AWS configuration files"),
    ROW("no_sign_request", OPTION_FLAG, BOTH, config.no_sign_request,
        .help = "anonymous access, no credentials"),
    ROW("requester_pays", OPTION_FLAG, BOTH, config.requester_pays,
        .help = "pay for requests to others' buckets"),
    ROW("path_style", OPTION_FLAG, BOTH, path_style, .help = "the bucket in the URL's path"),
    ROW("virtual_style", OPTION_FLAG, BOTH, virtual_style,
        .help = "the bucket in the host name"),
    ROW("ca_bundle", OPTION_PATH, BOTH, config.ca_bundle, .argument = "FILE",
        .help = "certificates to trust"),
    ROW("no_verify_ssl", OPTION_FLAG, BOTH, config.insecure, .help = "trust any certificate"),
    ROW("connect_timeout", OPTION_TIME, BOTH, config.connect_timeout_ms, .argument = "S",
        .min = MS(0.1), .max = MS(3600),
        .help = "seconds to connect; else as the defaults mode says"),
    ROW("read_timeout", OPTION_TIME, BOTH, config.read_timeout_ms, .argument = "S",
        .min = MS(0.1), .max = MS(3600), .initial = "20", .help = "seconds without a byte"),
    ROW("timeout", OPTION_TIME, OPTION_PAIL, timeout_ms, .argument = "S", .min = MS(0.1),
        .max = DAY, .help = "seconds to wait for an answer, or more of it"),
    ROW("operation_timeout", OPTION_TIME, OPTION_PAILFS, fs.operation_timeout_ms,
        .argument = "S", .min = MS(1), .max = DAY, .initial = "60",
        .help = "seconds a read may take, all retries included"),
    ROW("max_attempts", OPTION_NUMBER, BOTH, config.max_attempts, .argument = "N", .min = 1,
        .max = 100, .initial = "10", .help = "requests for one answer, the first included"),
    ROW("retries", OPTION_NUMBER, OPTION_PAIL, retries, .argument = "N", .max = 99,
        .help = "requests for one answer after the first"),
    ROW("retry_mode", OPTION_CHOICE, BOTH, config.retry_mode, .argument = "MODE",
        .choices = retry_modes, .min = PAIL_RETRY_LEGACY,
        .help = "legacy, standard or adaptive"),
    ROW("max_connections", OPTION_NUMBER, BOTH, config.max_connections, .argument = "N",
        .min = 1, .max = 1024, .initial = "256", .help = "open at a time"),
    ROW("metadata_ttl", OPTION_TIME, OPTION_PAILFS, fs.metadata_ttl_ms, .argument = "S",
        .max = 365 * DAY, .endless = "indefinite", .initial = "5",
        .help = "seconds a listing is believed, or indefinite"),
    ROW("negative_ttl", OPTION_TIME, OPTION_PAILFS, fs.negative_ttl_ms, .argument = "S",
        .max = 365 * DAY, .initial = "1", .help = "seconds an absent name is believed"),
    ROW("memory_limit", OPTION_SIZE, OPTION_PAILFS, fs.memory_limit, .argument = "SIZE",
        .min = 8 * MB, .max = 1024 * GB, .initial = "128M", .help = "for file contents"),
    ROW("part_size", OPTION_SIZE, OPTION_PAILFS, fs.part_size, .argument = "SIZE",
        .min = 128 * KB, .max = 1 * GB, .initial = "8M",
        .help = "of one request of a long read"),
    ROW("parallel_parts", OPTION_NUMBER, OPTION_PAILFS, fs.parallel_parts, .argument = "N",
        .min = 1, .max = 256, .help = "such requests at a time [as many as pay]"),
    ROW("readahead_kb", OPTION_NUMBER, OPTION_PAILFS, mount.readahead_kb, .argument = "N",
        .max = 65536, .initial = "1024", .help = "the kernel's own read-ahead; root only"),
    ROW("since", OPTION_MOMENT, OPTION_PAILFS, shown.since, .argument = "TIME",
        .help = "from " WHEN_FORMS_BRIEF),
    ROW("until", OPTION_MOMENT, OPTION_PAILFS, shown.until, .argument = "TIME",
        .help = "events before then, said alike"),
    ROW("logs_view", OPTION_CHOICE, OPTION_PAILFS, shown.logs_view, .argument = "VIEW",
        .choices = logs_views, .min = LOGS_VIEW_STREAMS, .initial = "streams",
        .help = "what a log group shows: streams or hours"),
    ROW("logs_format", OPTION_CHOICE, OPTION_PAILFS, shown.logs_format, .argument = "FORMAT",
        .choices = logs_formats, .min = LOGS_MESSAGE, .initial = "message",
        .help = "message, timestamp or json"),
    ROW("kinesis_format", OPTION_CHOICE, OPTION_PAILFS, shown.kinesis_format,
        .argument = "FORMAT", .choices = kinesis_formats, .min = KINESIS_RAW, .initial = "raw",
        .help = "raw, line or json"),
    ROW("uid", OPTION_NUMBER, OPTION_PAILFS, fs.uid, .argument = "N", .max = UINT32_MAX - 1,
        .help = "owner of all files; default: yours"),
    ROW("gid", OPTION_NUMBER, OPTION_PAILFS, fs.gid, .argument = "N", .max = UINT32_MAX - 1,
        .help = "group of all files; default: yours"),
    ROW("umask", OPTION_OCTAL, OPTION_PAILFS, fs.umask, .argument = "MODE", .max = 0777,
        .initial = "0", .help = "permissions to take away"),
    ROW("allow_other", OPTION_FLAG, OPTION_PAILFS, mount.allow_other,
        .help = "let other users in"),
    ROW("fsname", OPTION_TEXT, OPTION_PAILFS, mount.fsname, .argument = "NAME",
        .help = "shown by mount and df; default: the source"),
    ROW("log_level", OPTION_CHOICE, OPTION_PAILFS, log_level, .argument = "LEVEL",
        .choices = log_levels, .min = LOG_ERROR_LEVEL, .initial = "info",
        .help = "error, warn, info or debug"),
    ROW("log_file", OPTION_PATH, OPTION_PAILFS, log_file, .argument = "FILE",
        .help = "instead of syslog"),
    PASSED("noexec"),
    PASSED("exec"),
    PASSED("noatime"),
    PASSED("nodiratime"),
    PASSED("dirsync"),
    PASSED("sync"),
    /* Always so, or without a meaning for files that have no devices, owners or times of their
       own. */
    IGNORED("ro"),
    IGNORED("rw"),
    IGNORED("nosuid"),
    IGNORED("suid"),
    IGNORED("nodev"),
    IGNORED("dev"),
    IGNORED("default_permissions"),
    IGNORED("async"),
    IGNORED("atime"),
    IGNORED("diratime"),
    IGNORED("relatime"),
    IGNORED("norelatime"),
    IGNORED("strictatime"),
    IGNORED("nostrictatime"),
    IGNORED("lazytime"),
    IGNORED("nolazytime"),
    IGNORED("nonempty"),
    IGNORED("defaults"),
    IGNORED("auto"),
    IGNORED("noauto"),
    IGNORED("user"),
    IGNORED("nouser"),
    IGNORED("users"),
    IGNORED("owner"),
    IGNORED("group"),
    IGNORED("nofail"),
    IGNORED("_netdev"),
    IGNORED("comment"),
};

const struct option_table options_of_pailfs = {rows, ARRAY_LEN(rows), '_', ""};
const struct option_table options_of_pail = {rows, ARRAY_LEN(rows), '-', "--"};
