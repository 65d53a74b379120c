/* services/kinesis_records.h: one shard of a stream, read by GetRecords from a place on to its
 * end or as it grows: what to ask for next, and what an answer means. Pure: the caller makes
 * the calls, one at a time, and keeps to the service's rate (KINESIS_CALLS_PER_SECOND a shard;
 * base/rate.h). One thread at a time.
 *
 * Every record is given once, in order: an iterator that has expired (they live five minutes)
 * is replaced by one after the last record given; before the first, by one at the place where
 * reading began. */
#ifndef SERVICES_KINESIS_RECORDS_H
#define SERVICES_KINESIS_RECORDS_H

#include <pail/kinesis.h>

#define KINESIS_CALLS_PER_SECOND 5
#define KINESIS_RENEWALS         3 /* in a row: a reader may be stopped while it has a new one */

enum kinesis_start {
    KINESIS_TRIM_HORIZON, /* the oldest record kept */
    KINESIS_AT_TIMESTAMP, /* the first record that arrived at since_ms or later */
    KINESIS_LATEST,       /* what arrives from now on */
};

enum kinesis_need {
    KINESIS_NEED_ITERATOR, /* GetShardIterator */
    KINESIS_NEED_RECORDS,  /* GetRecords */
    KINESIS_CLOSED,        /* nothing: the shard is closed and was read to its end */
};

struct kinesis_records {
    enum kinesis_start start;
    int64_t since_ms; /* KINESIS_LATEST: when its first iterator came */
    char *iterator;   /* to send; NULL: none */
    char *sequence;   /* of the last record given; NULL: none */
    unsigned renewed; /* iterators dropped since the last answer */
    bool closed;
};

void kinesis_records_init(struct kinesis_records *records, enum kinesis_start start,
                          int64_t since_ms);
void kinesis_records_done(struct kinesis_records *records);

enum kinesis_need kinesis_records_need(const struct kinesis_records *records);

/* The next request: sets what depends on the reading; the names of stream and shard, and the
 * limit, are the caller's. Borrowed until the next call that changes `records`. */
void kinesis_records_ask_iterator(const struct kinesis_records *records,
                                  struct pail_kinesis_get_shard_iterator_input *in);
void kinesis_records_ask(const struct kinesis_records *records,
                         struct pail_kinesis_get_records_input *in);

/* Takes the iterator that was asked for at `now_ms`. 0; -EPROTO: there is none; -ENOMEM. */
int kinesis_records_take_iterator(struct kinesis_records *records, int64_t now_ms,
                                  const struct pail_kinesis_get_shard_iterator_output *out);
/* Takes the answer; every record in it is new. 1: there is more, ask again; 0: that is all for
 * now, or for good (the need is KINESIS_CLOSED); -EPROTO: no answer that GetRecords gives;
 * -ENOMEM: after either nothing has changed. */
int kinesis_records_take(struct kinesis_records *records,
                         const struct pail_kinesis_get_records_output *out);

/* The call for records failed. True: its iterator had expired and has been dropped; ask again.
 * False also where new ones expire at once. */
bool kinesis_records_renew(struct kinesis_records *records, const struct pail_error *error);

#endif
