/* cli/pail_logs.h: what the commands of CloudWatch Logs share. Main thread. */
#ifndef CLI_PAIL_LOGS_H
#define CLI_PAIL_LOGS_H

#include "base/rate.h"
#include "base/when.h"
#include "cli/pail_follow.h"
#include "services/logs_format.h"

/* Which events of a group are shown, and how. */
struct logs_shown {
    struct pail_int since, until;
    enum logs_format format;
    bool follow;
};

/* The rows that say it, of settings that have `shown`. */
#define LOGS_SHOWN_ROWS(settings_)                                                             \
    PAIL_ROW(settings_, "since", OPTION_MOMENT, shown.since, .argument = "WHEN",               \
             .help = "from " WHEN_FORMS_BRIEF),                                                \
        PAIL_ROW(settings_, "until", OPTION_MOMENT, shown.until, .argument = "WHEN",           \
                 .help = "up to then, said alike"),                                            \
        PAIL_ROW(settings_, "format", OPTION_CHOICE, shown.format, .argument = "HOW",          \
                 .choices = logs_formats, .min = LOGS_MESSAGE,                                 \
                 .help = "message, timestamp or json"),                                        \
        PAIL_ROW(settings_, "follow", OPTION_FLAG, shown.follow, .letter = 'f',                \
                 .help = "go on as events come, until interrupted")

/* 0, or -EINVAL with words in `reason`: nothing lies between the bounds. */
int logs_shown_settle(const struct logs_shown *shown, struct buf *reason);
/* The bounds, INT64_MIN and INT64_MAX where they are not said. */
int64_t logs_shown_since(const struct logs_shown *shown);
int64_t logs_shown_until(const struct logs_shown *shown);
/* Prints page after page, and where `shown` says so what comes then. `print_page` prints one
 * and says whether there are more at hand. The exit status. */
int logs_print(const struct logs_shown *shown, void *reading,
               int (*print_page)(void *reading, bool *ret_more));

/* A group is named by its name or its ARN; of both inputs' members one is set. */
void logs_name_group(const char *word, struct pail_str *ret_name, struct pail_str *ret_arn);

#endif
