/* fs/kinesis_source_internal.h: what the files of the source of Kinesis share. */
#ifndef FS_KINESIS_SOURCE_INTERNAL_H
#define FS_KINESIS_SOURCE_INTERNAL_H

#include "fs/kinesis_source.h"
#include "fs/source_pace.h"
#include "fs/source_reader.h"
#include "services/kinesis_records.h"

#define KINESIS_NAME_MAX 128 /* bytes of a stream's or a shard's name */

enum kinesis_kind {
    KINESIS_LIST_CALL,
    KINESIS_DESCRIBE_CALL,
    KINESIS_SHARDS_CALL,
    KINESIS_KINDS
};

struct shard_pace;
struct known_stream;

/* fs thread. */
struct kinesis_source {
    struct client_source base;
    struct source_pace paces[KINESIS_KINDS];
    TAILQ_HEAD(shard_paces, shard_pace) shards; /* of those that are read, or were just now */
    TAILQ_HEAD(known_streams, known_stream) streams; /* when they were made */
    int64_t operation_timeout_ms;
    struct pail_int since, until; /* milliseconds since 1970 */
    enum kinesis_format format;
    struct {
        uint64_t lookups, lists, pages, records, renewed;
    } stats;
    size_t stream_len;
    char stream[KINESIS_NAME_MAX]; /* the mount's root, if it is one stream */
};

/* Where a path is. */
struct kinesis_place {
    size_t stream_len, shard_len; /* 0: above it */
    char stream[KINESIS_NAME_MAX], shard[KINESIS_NAME_MAX];
};

static inline struct kinesis_source *kinesis_source_of(struct source *source)
{
    return CONTAINER_OF(source, struct kinesis_source, base.source);
}
static inline struct pail_str kinesis_stream(const struct kinesis_place *place)
{
    return str_of(place->stream, place->stream_len);
}
static inline struct pail_str kinesis_shard(const struct kinesis_place *place)
{
    return str_of(place->shard, place->shard_len);
}

/* 0, or -ENOENT: nothing can have that path. */
int kinesis_place_of(const struct kinesis_source *kinesis, struct pail_str path,
                     struct kinesis_place *ret);

/* ---- the operations ---- */

void kinesis_lookup(struct source *source, struct source_lookup *lookup);
void kinesis_list(struct source *source, struct source_list *list);
int kinesis_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                        struct source_reader **ret);
void kinesis_more(struct source *source, struct source_more *more);
void kinesis_reader_close(struct source *source, struct source_reader *reader);
/* No reader is open. */
void kinesis_paces_done(struct kinesis_source *kinesis);
void kinesis_streams_done(struct kinesis_source *kinesis);

#endif
