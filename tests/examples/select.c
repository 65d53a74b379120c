/* Asks S3 for the records of a CSV file that an SQL expression selects: its third argument, or
 * those of people over 25. */
#include "example.h"

#include <pail/s3_select.h>

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input object = object_of(argc, argv);
    const struct pail_s3_csv_input csv_in = {.file_header_info = PAIL_STR("USE")};
    const struct pail_s3_csv_output csv_out = {.quote_fields = PAIL_STR("ASNEEDED")};
    const struct pail_s3_input_serialization from = {.csv = &csv_in,
                                                     .compression_type = PAIL_STR("NONE")};
    const struct pail_s3_output_serialization to = {.csv = &csv_out};
    const struct pail_s3_select_object_content_input in = {
        .bucket = object.bucket,
        .key = object.key,
        .expression = argc > 3 ? pail_str_of(argv[3])
                               : PAIL_STR("SELECT * FROM s3object[*] WHERE age > 25"),
        .input_serialization = &from,
        .output_serialization = &to,
    };
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_select_object_content_output)
    struct pail_s3_select_object_content_output out = {0};
    struct pail_event event;
    struct pail_error error;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_select_object_content(client, &in, &out, NULL, &error) < 0)
        return failed(&error);
    while ((r = pail_event_stream_next(out.payload, &event, &error)) > 0) {
        const struct pail_s3_select_object_content_event *data = event.data;
        /* Records come cut anywhere, and decoded. */
        if (data->records)
            fwrite(data->records->payload.ptr, 1, data->records->payload.len, stdout);
        else if (data->stats && data->stats->details)
            printf("(%lld bytes scanned)\n",
                   (long long)data->stats->details->bytes_scanned.value);
    }
    return r < 0 ? failed(&error) : 0;
}
