/* example.h: what the examples share. Each is called with a bucket and a key; credentials,
 * region and endpoint come from where AWS's own tools take them (AWS_ACCESS_KEY_ID,
 * AWS_ENDPOINT_URL...). */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <pail/s3.h>
#include <stdio.h>
#include <stdlib.h>

/* The object that the command line names. */
static inline struct pail_s3_get_object_input object_of(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s BUCKET KEY\n", argv[0]);
        exit(2);
    }
    struct pail_s3_get_object_input in = {.bucket = pail_str_of(argv[1]),
                                          .key = pail_str_of(argv[2])};
    return in;
}

/* Says what went wrong. Returns the exit status. */
static inline int failed(const struct pail_error *error)
{
    char text[1024];
    pail_error_format(error, text, sizeof(text));
    fprintf(stderr, "%s\n", text);
    return 1;
}

#endif
