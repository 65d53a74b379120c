/* Parses a JSON document. The body is closed when its scope is left: Python's
 * "with response['Body'] as body". */
#include "example.h"

#include <pail/json.h>

#define MOST (64U * 1024 * 1024)

static int read_text(struct pail_client *client, const struct pail_s3_get_object_input *in,
                     char **ret, size_t *ret_size, struct pail_error *error)
{
    struct pail_s3_get_object_output out = {0};
    int r = pail_s3_get_object(client, in, &out, NULL, error);
    PAIL_CLEANUP(pail_body) struct pail_body *body = pail_body_take(&out.body);
    pail_output_free(&pail_s3_get_object_operation, &out);
    return r < 0 ? r : pail_body_read_all(body, MOST, ret, ret_size, error);
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_json) struct pail_json *document = NULL;
    struct pail_error error;
    char *text;
    size_t size;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        read_text(client, &in, &text, &size, &error) < 0)
        return failed(&error);
    struct pail_str data = {text, size};
    int r = pail_json_parse(data, &document, &error);
    free(text);
    if (r < 0)
        return failed(&error);

    struct pail_str name = pail_json_string(pail_json_get(document, "name"));
    printf("%zu members, name: %.*s\n", pail_json_count(document), PAIL_ARGS(name));
    return 0;
}
