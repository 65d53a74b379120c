#include "services/logs_format.h"

#include "aws/json_write.h"
#include "base/date.h"
#include "base/when.h"

const char *const logs_formats[] = {"message", "timestamp", "json", NULL};

/* To the millisecond always, so that what is written below another stays aligned. */
static void add_time(struct buf *b, int64_t ms)
{
    struct pail_time time = when_time(ms);
    uint32_t rest_ms = time.nanoseconds / 1000000;
    time.nanoseconds = 0;
    size_t start = b->len;
    buf_add_iso8601(b, time);
    if (buf_failed(b) || b->len == start)
        return;
    buf_truncate(b, b->len - 1);
    buf_addf(b, ".%03uZ", rest_ms);
}

/* Without the newline that ends it, and with a tab after each inside it. */
static void add_message(struct buf *b, struct pail_str message)
{
    if (str_ends(message, PAIL_STR("\r\n")))
        message.len -= 2;
    else if (str_ends(message, PAIL_STR("\n")))
        message.len--;
    struct pail_str line;
    for (bool first = true; str_next(&message, '\n', &line); first = false) {
        buf_add_c(b, first ? "" : "\n\t");
        buf_add_str(b, line);
    }
}

static void add_moment(struct json_object *object, const char *name, struct pail_int ms)
{
    if (!ms.present)
        return;
    json_object_name(object, name);
    buf_add_byte(object->b, '"');
    add_time(object->b, ms.value);
    buf_add_byte(object->b, '"');
}

static void add_json(struct buf *b, const struct logs_event *event)
{
    struct json_object object = {.b = b};
    add_moment(&object, "timestamp", event->timestamp);
    add_moment(&object, "ingestionTime", event->ingestion_time);
    json_object_string(&object, "logGroupIdentifier", event->group);
    json_object_string(&object, "logStreamName", event->stream);
    json_object_string(&object, "eventId", event->id);
    json_object_string(&object, "message", event->message);
    json_object_end(&object);
    buf_add_byte(b, '\n');
}

void logs_format_add(struct buf *b, enum logs_format format, const struct logs_event *event)
{
    if (format == LOGS_JSON) {
        add_json(b, event);
        return;
    }
    if (format == LOGS_TIMESTAMP) {
        if (event->timestamp.present)
            add_time(b, event->timestamp.value);
        else
            buf_add_byte(b, '-');
        buf_add_c(b, event->stream.ptr ? " " : "");
        buf_add_str(b, event->stream);
        buf_add_byte(b, ' ');
    }
    add_message(b, event->message);
    buf_add_byte(b, '\n');
}

struct logs_event logs_event_of(const struct pail_logs_log_event *event)
{
    return (struct logs_event){.timestamp = event->timestamp,
                               .ingestion_time = event->ingestion_time,
                               .message = event->message};
}

struct logs_event logs_event_of_filtered(const struct pail_logs_filtered_log_event *event)
{
    return (struct logs_event){.timestamp = event->timestamp,
                               .ingestion_time = event->ingestion_time,
                               .message = event->message,
                               .stream = event->log_stream_name,
                               .id = event->event_id};
}

struct logs_event logs_event_of_live(const struct pail_logs_live_tail_log_event *event)
{
    return (struct logs_event){.timestamp = event->timestamp,
                               .ingestion_time = event->ingestion_time,
                               .message = event->message,
                               .group = event->log_group_identifier,
                               .stream = event->log_stream_name};
}
