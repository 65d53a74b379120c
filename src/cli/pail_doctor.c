#include "cli/doctor.h"

#include "aws/json_write.h"
#include "base/encode.h"
#include "cli/pail_arguments.h"

#include <stdarg.h>

#define TEXT_MAX        16384 /* of what is said, and of what is advised */
#define LINE_MAX_BYTES  (8 * TEXT_MAX)
#define CALL_TIMEOUT_MS 15000
#define CONNECT_MS      10000

struct doctor_settings {
    bool json;
};

static const struct option rows[] = {
    PAIL_ROW(struct doctor_settings, "json", OPTION_FLAG, json,
             .help = "a line of JSON for each check"),
};

/* ---- findings ---- */

void finding_init(struct finding *finding, const char *check, enum finding_result result)
{
    *finding = (struct finding){.check = check, .result = result};
    buf_init(&finding->says, TEXT_MAX);
    buf_init(&finding->advises, TEXT_MAX);
}

void finding_done(struct finding *finding)
{
    buf_done(&finding->says);
    buf_done(&finding->advises);
}

__attribute__((format(printf, 2, 0))) static void add_text(struct buf *b, const char *format,
                                                           va_list args)
{
    char text[TEXT_MAX];
    vsnprintf(text, sizeof(text), format, args);
    buf_add_c(b, text);
}

void finding_says(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(&finding->says, format, args);
    va_end(args);
}

void finding_advises(struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_text(&finding->advises, format, args);
    va_end(args);
}

/* ---- showing them ---- */

static const char *const results[] = {
    [FINDING_OK] = "ok",
    [FINDING_WARNING] = "warning",
    [FINDING_FAILED] = "FAILED",
    [FINDING_SKIPPED] = "skipped",
};

/* "(AccessDenied, status 403, request id X)" */
static void add_details(struct buf *b, const struct pail_error *e)
{
    const char *between = " (";
    char status[16];
    snprintf(status, sizeof(status), "%d", e->http_status);
    /* An answer without a document has its status for a code. */
    if (e->code[0] && strcmp(e->code, status) != 0) {
        buf_add_c(b, between);
        buf_add_escaped(b, str_c(e->code));
        between = ", ";
    }
    if (e->http_status) {
        buf_addf(b, "%sstatus %d", between, e->http_status);
        between = ", ";
    }
    if (e->request_id[0]) {
        buf_addf(b, "%srequest id ", between);
        buf_add_escaped(b, str_c(e->request_id));
        between = ", ";
    }
    buf_add_c(b, between[0] == ',' ? ")" : "");
}

static void add_line(struct buf *b, const struct finding *f)
{
    buf_addf(b, "%-8s %-14s", results[f->result], f->check);
    buf_add_escaped(b, buf_str(&f->says));
    add_details(b, &f->error);
    if (f->advises.len > 0) {
        buf_add_c(b, ". ");
        buf_add_escaped(b, buf_str(&f->advises));
    }
    buf_add_byte(b, '\n');
}

struct shown {
    struct pail_str check, result, says, advises, errno_name, kind, code, request_id, host_id;
    struct pail_int status;
};

#define SHOWN(field_, name_, shape_)                                                           \
    PAIL_FIELD(struct shown, field_, name_, NULL, &pail_shape_##shape_, PAIL_IN_BODY, 0)

static const struct pail_member shown_members[] = {
    SHOWN(check, "check", string),
    SHOWN(result, "result", string),
    SHOWN(says, "says", string),
    SHOWN(advises, "advises", string),
    SHOWN(errno_name, "errno", string),
    SHOWN(kind, "kind", string),
    SHOWN(code, "code", string),
    SHOWN(status, "status", integer),
    SHOWN(request_id, "requestId", string),
    SHOWN(host_id, "hostId", string),
};
static const struct pail_shape shown_shape =
    PAIL_STRUCTURE_SHAPE(struct shown, NULL, shown_members);

static struct pail_str unless_empty(const char *text)
{
    return text[0] ? str_c(text) : (struct pail_str){0};
}

static void add_json(struct buf *b, const struct finding *f)
{
    const struct pail_error *e = &f->error;
    const struct shown shown = {
        .check = str_c(f->check),
        .result = str_c(f->result == FINDING_FAILED ? "failed" : results[f->result]),
        .says = buf_str(&f->says),
        .advises = unless_empty(buf_c(&f->advises)),
        .errno_name = e->sys ? str_c(pail_errno_name(e->sys)) : (struct pail_str){0},
        .kind = e->sys ? str_c(pail_error_kind_name(e->kind)) : (struct pail_str){0},
        .code = unless_empty(e->code),
        .status = {.value = e->http_status, .present = e->http_status != 0},
        .request_id = unless_empty(e->request_id),
        .host_id = unless_empty(e->host_id),
    };
    json_write(b, JSON_PRINT, &shown_shape, &shown);
    buf_add_byte(b, '\n');
}

int doctor_tell(struct doctor *d, const struct finding *f)
{
    CLEANUP_DONE(buf) struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    if (f->result == FINDING_FAILED && d->status == EXIT_OK)
        d->status = f->error.sys ? failure_exit_status(&f->error) : EXIT_FAILED;
    if (d->json)
        add_json(&line, f);
    else
        add_line(&line, f);
    if (buf_failed(&f->says) || buf_failed(&f->advises) || buf_failed(&line))
        return pail_fail_memory(d->run);
    return pail_print(d->run, buf_str(&line));
}

int doctor_skip(struct doctor *d, const char *check, const char *why)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, check, FINDING_SKIPPED);
    finding_says(&f, "not checked: %s", why);
    return doctor_tell(d, &f);
}

int doctor_skip_from(struct doctor *d, const char *check, const char *why)
{
    static const struct {
        const char *name;
        bool of_bucket;
    } all[] = {
        {"name", false},  {"connection", false}, {"tls", false},   {"service", false},
        {"clock", false}, {"bucket", true},      {"region", true}, {"credentials", false},
        {"list", false},  {"head", true},        {"get", true},
    };
    int status = EXIT_OK;
    bool reached = false;
    for (size_t i = 0; i < ARRAY_LEN(all) && status == EXIT_OK; i++) {
        reached = reached || strcmp(all[i].name, check) == 0;
        if (!reached || (all[i].of_bucket && !d->bucket.ptr))
            continue;
        if (strcmp(all[i].name, "credentials") == 0 && d->client)
            status = doctor_check_credentials(d);
        else
            status = doctor_skip(d, all[i].name, why);
    }
    return status;
}

/* ---- the command ---- */

struct pail_call_options doctor_limits(const struct doctor *d)
{
    const struct options *o = &d->run->arguments->options;
    return (struct pail_call_options){
        .timeout_ms = o->timeout_ms ? o->timeout_ms : CALL_TIMEOUT_MS,
        .connect_timeout_ms = doctor_connect_ms(d),
        .max_attempts = o->config.max_attempts ? o->config.max_attempts : 1,
    };
}

int64_t doctor_connect_ms(const struct doctor *d)
{
    const struct options *o = &d->run->arguments->options;
    int64_t said = o->config.connect_timeout_ms;
    int64_t ms = said ? said : CONNECT_MS;
    return o->timeout_ms && o->timeout_ms < ms ? o->timeout_ms : ms;
}

static int examine(struct doctor *d)
{
    int status = EXIT_OK;
    if (doctor_check_connection(d, &status) && doctor_check_service(d, &status))
        (void)doctor_check_access(d, &status);
    return status == EXIT_OK ? d->status : status;
}

/* What else can be mounted is no typing error. */
static bool is_of_another_service(struct pail_str url)
{
    size_t end = str_find(url, ':', 0);
    return str_starts(str_sub(url, end, url.len), PAIL_STR("://")) &&
           !str_starts(url, PAIL_STR("s3:"));
}

static int run_doctor(struct pail_run *run)
{
    const struct pail_arguments *a = run->arguments;
    const struct doctor_settings *settings = a->settings;
    struct doctor d = {.run = run, .json = settings->json};
    if (is_of_another_service(str_c(a->words[0]))) {
        buf_add_escaped(&run->line, str_c(a->words[0]));
        buf_add_c(&run->line, ": doctor knows S3 only: pail doctor s3://BUCKET");
        return EXIT_USAGE;
    }
    if (pail_arguments_url(a->words[0], &d.bucket, &d.key, &run->line) < 0)
        return EXIT_USAGE;
    if (d.bucket.len == 0)
        d.bucket = (struct pail_str){0};
    buf_init(&d.found_key, TEXT_MAX);
    int status = examine(&d);
    buf_done(&d.found_key);
    pail_client_free(d.client);
    return status;
}

const struct pail_command pail_command_doctor = {
    .name = "doctor",
    .usage = "s3://[BUCKET[/KEY|/PREFIX]]",
    .summary = "checks what stands between here and a bucket, and says what to do",
    .about = "Name, connection, certificate, clock, region, credentials, and permission\n"
             "to list, head and get, a line each. Nothing is changed.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct doctor_settings),
    .words_min = 1,
    .words_max = 1,
    .makes_client = true,
    .run = run_doctor,
};
