/* services/kinesis_format.h: a record as text. Pure; any thread. */
#ifndef SERVICES_KINESIS_FORMAT_H
#define SERVICES_KINESIS_FORMAT_H

#include "base/buf.h"

#include <pail/kinesis.h>

enum kinesis_format {
    KINESIS_RAW,  /* its data, byte for byte */
    KINESIS_LINE, /* its data, and a newline unless it ends with one */
    KINESIS_JSON, /* an object of the model's names and a newline: ShardId where `shard` is
                   * said, SequenceNumber, PartitionKey, ApproximateArrivalTimestamp in RFC
                   * 3339, Data as it is, or DataBase64 where that is not UTF-8 */
};
extern const char *const kinesis_formats[]; /* their names in that order, NULL at the end */

/* Appends the record. */
void kinesis_format_add(struct buf *b, enum kinesis_format format, struct pail_str shard,
                        const struct pail_kinesis_record *record);

#endif
