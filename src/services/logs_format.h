/* services/logs_format.h: an event of a log as a line of text. Pure; any thread. */
#ifndef SERVICES_LOGS_FORMAT_H
#define SERVICES_LOGS_FORMAT_H

#include "base/buf.h"

#include <pail/logs.h>

enum logs_format {
    LOGS_MESSAGE,   /* the message */
    LOGS_TIMESTAMP, /* RFC 3339 time, the stream where `stream` is said, the message */
    LOGS_JSON,      /* an object of what is known, times in RFC 3339 */
};
extern const char *const logs_formats[]; /* their names in that order, NULL at the end */

/* What is known of an event; absent members are left out. */
struct logs_event {
    struct pail_int timestamp, ingestion_time; /* milliseconds since 1970 */
    struct pail_str message;
    struct pail_str group, stream, id;
};

/* Appends the event and a newline. A newline that ends a message is the line's; others inside
 * it are followed by a tab (so that what belongs together is seen, and a line without a tab
 * begins an event), or escaped in JSON. */
void logs_format_add(struct buf *b, enum logs_format format, const struct logs_event *event);

/* As GetLogEvents, FilterLogEvents and StartLiveTail have it. */
struct logs_event logs_event_of(const struct pail_logs_log_event *event);
struct logs_event logs_event_of_filtered(const struct pail_logs_filtered_log_event *event);
struct logs_event logs_event_of_live(const struct pail_logs_live_tail_log_event *event);

#endif
