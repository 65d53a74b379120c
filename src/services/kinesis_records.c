#include "services/kinesis_records.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "base/when.h"

#include <errno.h>

void kinesis_records_init(struct kinesis_records *records, enum kinesis_start start,
                          int64_t since_ms)
{
    *records = (struct kinesis_records){.start = start, .since_ms = since_ms};
}

void kinesis_records_done(struct kinesis_records *records)
{
    free(STEAL(records->iterator));
    free(STEAL(records->sequence));
}

enum kinesis_need kinesis_records_need(const struct kinesis_records *records)
{
    if (records->closed)
        return KINESIS_CLOSED;
    return records->iterator ? KINESIS_NEED_RECORDS : KINESIS_NEED_ITERATOR;
}

void kinesis_records_ask_iterator(const struct kinesis_records *records,
                                  struct pail_kinesis_get_shard_iterator_input *in)
{
    static const struct pail_str types[] = {
        [KINESIS_TRIM_HORIZON] = PAIL_STR("TRIM_HORIZON"),
        [KINESIS_AT_TIMESTAMP] = PAIL_STR("AT_TIMESTAMP"),
        [KINESIS_LATEST] = PAIL_STR("LATEST"),
    };
    in->shard_iterator_type = types[records->start];
    in->starting_sequence_number = str_c(records->sequence);
    in->timestamp = (struct pail_time){.present = false};
    if (records->sequence)
        in->shard_iterator_type = PAIL_STR("AFTER_SEQUENCE_NUMBER");
    else if (records->start == KINESIS_AT_TIMESTAMP)
        in->timestamp = when_time(records->since_ms);
}

void kinesis_records_ask(const struct kinesis_records *records,
                         struct pail_kinesis_get_records_input *in)
{
    in->shard_iterator = str_c(records->iterator);
}

static int replace(char **slot, struct pail_str text)
{
    char *copy = str_dup(text);
    if (!copy)
        return -ENOMEM;
    free(*slot);
    *slot = copy;
    return 0;
}

int kinesis_records_take_iterator(struct kinesis_records *records, int64_t now_ms,
                                  const struct pail_kinesis_get_shard_iterator_output *out)
{
    if (out->shard_iterator.len == 0)
        return -EPROTO;
    int r = replace(&records->iterator, out->shard_iterator);
    if (r == 0 && records->start == KINESIS_LATEST) {
        /* Should it expire unused, another one for the latest would leave out what came since.
         */
        records->start = KINESIS_AT_TIMESTAMP;
        records->since_ms = now_ms;
    }
    return r;
}

/* Without MillisBehindLatest, which every answer should have, only an empty one tells. */
static bool is_behind(const struct pail_kinesis_get_records_output *out)
{
    if (out->millis_behind_latest.present)
        return out->millis_behind_latest.value > 0;
    return out->records.count > 0;
}

int kinesis_records_take(struct kinesis_records *records,
                         const struct pail_kinesis_get_records_output *out)
{
    CLEANUP(heap) char *iterator = NULL;
    struct pail_str next = out->next_shard_iterator;
    /* An object without anything is not the end of a shard. */
    if (!next.ptr && !out->records.items && !out->millis_behind_latest.present)
        return -EPROTO;
    if (next.len > 0 && !(iterator = str_dup(next)))
        return -ENOMEM;
    if (out->records.count > 0) {
        struct pail_str last = out->records.items[out->records.count - 1].sequence_number;
        int r = last.len > 0 ? replace(&records->sequence, last) : -EPROTO;
        if (r < 0)
            return r;
    }
    free(records->iterator);
    records->iterator = STEAL(iterator);
    records->closed = !records->iterator;
    records->renewed = 0;
    return !records->closed && is_behind(out);
}

bool kinesis_records_renew(struct kinesis_records *records, const struct pail_error *error)
{
    if (!records->iterator || !str_eq_c(str_c(error->code), "ExpiredIteratorException"))
        return false;
    if (records->renewed == KINESIS_RENEWALS) {
        records->renewed = 0;
        return false;
    }
    records->renewed++;
    free(STEAL(records->iterator));
    return true;
}
