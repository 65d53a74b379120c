/* Reads an object whole: botocore's read(). */
#include "example.h"

#define MOST (64U * 1024 * 1024) /* bytes; a longer object is refused */

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;
    char *content;
    size_t size;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0 ||
        pail_body_read_all(out.body, MOST, &content, &size, &error) < 0)
        return failed(&error);
    printf("Read %zu bytes\n", size);
    free(content);
    return 0;
}
