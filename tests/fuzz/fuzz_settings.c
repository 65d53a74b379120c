/* Any text as an environment and a config file: lines "NAME=value" up to the first empty one,
 * then the file. What is accepted is within its limits; a refusal says why. */
#include "fuzz/fuzz.h"

#include "aws/settings.h"
#include "base/cleanup.h"

#include <pail/logs.h>
#include <pail/s3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define VARIABLES_MAX 32

struct environment {
    char *names[VARIABLES_MAX], *values[VARIABLES_MAX];
    size_t count;
    char config[64];
};

static const char *lookup(const char *name, void *user)
{
    const struct environment *environment = user;
    if (strcmp(name, "AWS_CONFIG_FILE") == 0)
        return environment->config;
    if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
        return "/dev/null";
    for (size_t i = 0; i < environment->count; i++)
        if (strcmp(name, environment->names[i]) == 0)
            return environment->values[i];
    return NULL;
}

/* Takes the lines of the environment off `text`. */
static void read_environment(struct pail_str *text, struct environment *environment)
{
    struct pail_str line;
    while (str_next(text, '\n', &line) && line.len > 0) {
        size_t equals = str_find(line, '=', 0);
        if (equals == line.len || environment->count == VARIABLES_MAX)
            continue;
        size_t at = environment->count++;
        environment->names[at] = str_dup(str_sub(line, 0, equals));
        environment->values[at] = str_dup(str_sub(line, equals + 1, line.len));
        if (!environment->names[at] || !environment->values[at])
            abort();
    }
}

static void check(const struct settings *settings)
{
    static const struct pail_operation *const operations[] = {
        &pail_s3_get_object_operation, &pail_logs_get_log_events_operation};
    if (settings->max_attempts < 1 || settings->max_attempts > SETTINGS_ATTEMPTS_MAX ||
        settings->retry_mode == PAIL_RETRY_DEFAULT ||
        settings->defaults_mode == PAIL_DEFAULTS_DEFAULT || settings->connect_timeout_ms == 0 ||
        settings->addressing == PAIL_ADDRESSING_DEFAULT || !settings->profile ||
        settings->max_connections == 0 || (settings->region && !settings->region[0]))
        abort();
    for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
        struct url url = {0};
        struct pail_error error = {0};
        int r = settings_endpoint(settings, operations[i]->service, &url, &error);
        if (r < 0 && (error.sys != -r || !error.message[0]))
            abort();
        url_done(&url);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct environment environment = {.count = 0};
    struct pail_str text = str_of((const char *)data, size);
    struct settings *settings = NULL;
    struct pail_error error = {0};
    int file = memfd_create("config", MFD_CLOEXEC);
    if (size > 0)
        read_environment(&text, &environment);
    if (file < 0 || (text.len > 0 && write(file, text.ptr, text.len) != (ssize_t)text.len))
        abort();
    snprintf(environment.config, sizeof(environment.config), "/proc/self/fd/%d", file);
    int r = settings_load(NULL, lookup, &environment, &settings, &error);
    if (r < 0 ? error.sys != -r || !error.message[0] : !settings)
        abort();
    if (r == 0)
        check(settings);
    settings_free(settings);
    (void)close(file);
    for (size_t i = 0; i < environment.count; i++) {
        free(environment.names[i]);
        free(environment.values[i]);
    }
    return 0;
}
