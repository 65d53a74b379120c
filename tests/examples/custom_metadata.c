/* The metadata that users put on an object, and the standard ones if they are there. */
#include "example.h"

static void print_present(const char *label, struct pail_str value)
{
    if (value.ptr)
        printf("%s: %.*s\n", label, PAIL_ARGS(value));
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0)
        return failed(&error);
    for (size_t i = 0; i < out.metadata.count; i++)
        printf("Custom metadata %.*s: %.*s\n", PAIL_ARGS(out.metadata.items[i].key),
               PAIL_ARGS(out.metadata.items[i].value));
    print_present("Cache Control", out.cache_control);
    print_present("Content Disposition", out.content_disposition);
    print_present("Content Encoding", out.content_encoding);
    return 0;
}
