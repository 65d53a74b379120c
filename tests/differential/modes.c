#include "driver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (64U * 1024 * 1024)

/* What a reader does with a body: -errno, or 0 at its well end. `n` is the mode's number. */
typedef int read_mode(struct pail_body *body, size_t n, json_t *pieces,
                      struct pail_error *error);

static int read_all(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    char *data;
    size_t size;
    int r = pail_body_read_all(body, n ? n : BODY_MAX, &data, &size, error);
    if (r < 0)
        return r;
    json_array_append_new(pieces, driver_hex(data, size));
    free(data);
    return 0;
}

static int read_some(struct pail_body *body, size_t n, json_t *pieces, struct pail_error *error)
{
    char *data = malloc(n);
    ssize_t got;
    if (!data)
        driver_die("out of memory", "");
    while ((got = pail_body_read(body, data, n, error)) > 0)
        json_array_append_new(pieces, driver_hex(data, (size_t)got));
    free(data);
    return (int)got;
}

void mode_run(const char *mode, struct pail_body *body, json_t *into)
{
    static const struct {
        const char *name;
        read_mode *run;
        size_t n; /* where the mode says none */
    } modes[] = {
        {"read", read_all, 0},
        {"read", read_some, 1024},
    };
    size_t len = strcspn(mode, ":");
    bool with_number = mode[len] == ':';
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strlen(modes[i].name) != len || strncmp(mode, modes[i].name, len) != 0 ||
            (with_number && modes[i].n == 0))
            continue;
        struct pail_error error = {0};
        json_t *pieces = json_array();
        size_t n = with_number ? (size_t)strtoumax(mode + len + 1, NULL, 10) : modes[i].n;
        if (modes[i].run(body, n, pieces, &error) < 0)
            json_object_set_new(into, "body_error", driver_error(&error));
        json_object_set_new(into, "body", pieces);
        return;
    }
    driver_die("unknown mode", mode);
}
