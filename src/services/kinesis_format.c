#include "services/kinesis_format.h"

#include "aws/json_write.h"
#include "base/date.h"
#include "base/encode.h"

const char *const kinesis_formats[] = {"raw", "line", "json", NULL};

static void add_data(struct json_object *object, struct pail_str data)
{
    if (str_is_utf8(data)) {
        json_object_string(object, "Data", data);
        return;
    }
    json_object_name(object, "DataBase64");
    buf_add_byte(object->b, '"');
    buf_add_base64(object->b, data.ptr, data.len);
    buf_add_byte(object->b, '"');
}

static void add_json(struct buf *b, struct pail_str shard,
                     const struct pail_kinesis_record *record)
{
    struct json_object object = {.b = b};
    json_object_string(&object, "ShardId", shard);
    json_object_string(&object, "SequenceNumber", record->sequence_number);
    json_object_string(&object, "PartitionKey", record->partition_key);
    json_object_string(&object, "EncryptionType", record->encryption_type);
    if (record->approximate_arrival_timestamp.present) {
        json_object_name(&object, "ApproximateArrivalTimestamp");
        buf_add_byte(b, '"');
        buf_add_iso8601(b, record->approximate_arrival_timestamp);
        buf_add_byte(b, '"');
    }
    add_data(&object, record->data);
    json_object_end(&object);
    buf_add_byte(b, '\n');
}

void kinesis_format_add(struct buf *b, enum kinesis_format format, struct pail_str shard,
                        const struct pail_kinesis_record *record)
{
    if (format == KINESIS_JSON) {
        add_json(b, shard, record);
        return;
    }
    buf_add_str(b, record->data);
    if (format == KINESIS_LINE && !str_ends(record->data, PAIL_STR("\n")))
        buf_add_byte(b, '\n');
}
