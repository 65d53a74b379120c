#include "services/logs_pages.h"

#include "base/crc.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>

void logs_pages_init(struct logs_pages *pages, int64_t since_ms, int64_t until_ms)
{
    *pages =
        (struct logs_pages){.from_ms = since_ms, .until_ms = until_ms, .last_ms = INT64_MIN};
}

void logs_pages_done(struct logs_pages *pages)
{
    free(pages->token);
    pages->token = NULL;
}

void logs_pages_ask(const struct logs_pages *pages, struct pail_logs_get_log_events_input *in)
{
    in->next_token = str_c(pages->token);
    in->start_from_head = PAIL_BOOL(true);
    if (pages->from_ms > INT64_MIN)
        in->start_time = PAIL_INT(pages->from_ms);
    if (pages->until_ms < INT64_MAX)
        in->end_time = PAIL_INT(pages->until_ms);
}

static uint64_t mark(const struct pail_logs_log_event *event)
{
    uint64_t sum = crc_64nvme(0, &event->timestamp.value, sizeof(event->timestamp.value));
    return crc_64nvme(sum, event->message.ptr, event->message.len);
}

static struct pail_logs_log_events skip(struct pail_logs_log_events events, size_t count)
{
    if (count > 0)
        events = (struct pail_logs_log_events){events.items + count, events.count - count};
    return events;
}

/* How many events the page begins with that came with its token the last time. */
static size_t count_given(const struct logs_pages *pages, struct pail_logs_log_events events)
{
    size_t given = pages->given;
    bool same = given > 0 && given <= events.count &&
                mark(&events.items[given - 1]) == pages->given_mark;
    return same ? given : 0;
}

/* How many events it begins with that were given before the token was refused. */
static size_t count_again(struct logs_pages *pages, struct pail_logs_log_events events)
{
    size_t count = 0;
    while (count < events.count && count < pages->again &&
           events.items[count].timestamp.value == pages->last_ms)
        count++;
    /* The others no longer come, if one that is newer has. */
    pages->again = count < events.count ? 0 : pages->again - count;
    return count;
}

static void remember(struct logs_pages *pages, struct pail_logs_log_events fresh)
{
    for (size_t i = 0; i < fresh.count; i++) {
        const struct pail_int *time = &fresh.items[i].timestamp;
        if (time->present && time->value == pages->last_ms) {
            pages->last_count++;
        } else if (time->present && time->value > pages->last_ms) {
            pages->last_ms = time->value;
            pages->last_count = 1;
        }
    }
    if (fresh.count > 0)
        pages->renewed = false;
}

int logs_pages_take(struct logs_pages *pages, const struct pail_logs_get_log_events_output *out,
                    struct pail_logs_log_events *ret, const char **ret_reason)
{
    struct pail_str next = out->next_forward_token;
    struct pail_logs_log_events events = out->events;
    bool more = !str_eq(next, str_c(pages->token));
    if (!events.items || next.len == 0) {
        *ret_reason = events.items ? "the answer does not say where it goes on"
                                   : "the answer is not a list of events";
        return -EPROTO;
    }
    if (more) {
        char *token = str_dup(next);
        if (!token)
            return -ENOMEM;
        free(pages->token);
        pages->token = token;
    }
    struct pail_logs_log_events fresh = skip(events, count_given(pages, events));
    pages->given = more ? 0 : events.count;
    if (pages->given > 0)
        pages->given_mark = mark(&events.items[events.count - 1]);
    if (pages->again > 0)
        fresh = skip(fresh, count_again(pages, fresh));
    remember(pages, fresh);
    *ret = fresh;
    return more;
}

bool logs_pages_renew(struct logs_pages *pages, const struct pail_error *error)
{
    /* Other faults have this code too; they come again without a token. */
    if (!pages->token || pages->renewed ||
        !str_eq_c(str_c(error->code), "InvalidParameterException"))
        return false;
    free(pages->token);
    pages->token = NULL;
    pages->given = 0;
    pages->renewed = true;
    pages->again = pages->last_count;
    if (pages->last_ms > INT64_MIN)
        pages->from_ms = pages->last_ms;
    return true;
}
