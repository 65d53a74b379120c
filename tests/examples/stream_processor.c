/* A request and its body that are closed whatever way the scope is left. */
#include "example.h"

#include <pail/stream.h>

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_stream) struct pail_stream *stream = NULL;
    struct pail_lines *lines;
    struct pail_error error;
    struct pail_str line;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_stream_open(client, &pail_s3_get_object_operation, &in, NULL, &stream, &error) <
            0 ||
        pail_stream_lines(stream, NULL, &lines, &error) < 0)
        return failed(&error);
    while ((r = pail_lines_next(lines, &line, &error)) > 0) {
        printf("%.*s\n", PAIL_ARGS(line));
        if (line.len == 0)
            return 0; /* the rest is not even fetched */
    }
    return r < 0 ? failed(&error) : 0;
}
