/* Reads the records that a Kinesis iterator points at, until there are none at hand. */
#include "example.h"

#include <pail/kinesis.h>

/* Prints a page. Its iterator to go on with is copied: the output is released. 1; 0: that was
 * all; or -errno. */
static int print_page(struct pail_client *client, char *iterator, size_t size,
                      struct pail_error *error)
{
    const struct pail_kinesis_get_records_input in = {.shard_iterator = pail_str_of(iterator)};
    PAIL_CLEANUP(pail_kinesis_get_records_output)
    struct pail_kinesis_get_records_output out = {0};
    int r = pail_kinesis_get_records(client, &in, &out, NULL, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < out.records.count; i++)
        printf("Record data: %.*s\n", PAIL_ARGS(out.records.items[i].data));
    if (!out.next_shard_iterator.ptr || out.next_shard_iterator.len >= size)
        return 0;
    snprintf(iterator, size, "%.*s", PAIL_ARGS(out.next_shard_iterator));
    return out.millis_behind_latest.value > 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s ITERATOR\n", argv[0]);
        return 2;
    }
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    struct pail_error error;
    char iterator[4096];
    int r;

    snprintf(iterator, sizeof(iterator), "%s", argv[1]);
    if (pail_client_new(NULL, &client, &error) < 0)
        return failed(&error);
    while ((r = print_page(client, iterator, sizeof(iterator), &error)) > 0)
        continue;
    return r < 0 ? failed(&error) : 0;
}
