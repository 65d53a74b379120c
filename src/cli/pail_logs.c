#include "cli/pail_logs.h"

#include "base/clock.h"

int logs_shown_settle(const struct logs_shown *shown, struct buf *reason)
{
    static const char *const names[] = {"--since", "--until"};
    return when_check_bounds(shown->since, shown->until, names, reason);
}

int64_t logs_shown_since(const struct logs_shown *shown)
{
    return shown->since.present ? shown->since.value : INT64_MIN;
}

int64_t logs_shown_until(const struct logs_shown *shown)
{
    return shown->until.present ? shown->until.value : INT64_MAX;
}

/* After all that is there now was shown. */
static bool goes_on(const struct logs_shown *shown)
{
    return shown->follow && logs_shown_until(shown) / 1000 > clock_realtime_s(&clock_system);
}

int logs_print(const struct logs_shown *shown, void *reading,
               int (*print_page)(void *reading, bool *ret_more))
{
    for (;;) {
        bool more = true;
        int status = print_page(reading, &more);
        if (status == EXIT_OK && !more) {
            if (!goes_on(shown))
                return EXIT_OK;
            status = pail_follow_idle();
        }
        if (status != EXIT_OK)
            return status;
    }
}

void logs_name_group(const char *word, struct pail_str *ret_name, struct pail_str *ret_arn)
{
    struct pail_str name = str_c(word);
    *(str_starts(name, PAIL_STR("arn:")) ? ret_arn : ret_name) = name;
}
