/* Looks at every line of a text: botocore's iter_lines(). */
#include "example.h"

#include <pail/iterate.h>

static bool has_error(struct pail_str line)
{
    return memmem(line.ptr, line.len, "ERROR", 5) != NULL;
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    const struct pail_lines_options options = {.chunk_size = 4096};
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct pail_error error;
    struct pail_str line;
    size_t count = 0;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0 ||
        pail_body_lines(out.body, &options, &lines, &error) < 0)
        return failed(&error);
    while ((r = pail_lines_next(lines, &line, &error)) > 0) {
        if (has_error(line))
            printf("Error found: %.*s\n", PAIL_ARGS(line));
        count++;
    }
    if (r < 0)
        return failed(&error);
    printf("Processed %zu lines\n", count);
    return 0;
}
