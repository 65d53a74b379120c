#include "unit/fs/logs_rig.h"

void logs_rig_setup(void)
{
    rig_setup();
    rig_make("logs://");
}

void logs_play_groups(const char *names, const char *next)
{
    char text[1024], body[8192], *rest = text;
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"logGroups\":[");
    (void)snprintf(text, sizeof(text), "%s", names);
    for (char *name; names[0] && (name = strsep(&rest, " "));)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%s{\"logGroupName\":\"%s\",\"creationTime\":" MADE_MS "}",
                                body[len - 1] == '[' ? "" : ",", name);
    (void)snprintf(body + len, sizeof(body) - len, next ? "],\"nextToken\":\"%s\"}" : "]%.0s}",
                   next ? next : "");
    rig_play(GROUPS, body);
}

void logs_play_streams(const char *names, const char *next)
{
    char text[1024], body[8192], *rest = text;
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"logStreams\":[");
    (void)snprintf(text, sizeof(text), "%s", names);
    for (char *name; names[0] && (name = strsep(&rest, " "));)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%s{\"logStreamName\":\"%s\",\"creationTime\":" MADE_MS
                                ",\"lastEventTimestamp\":1795302000999}",
                                body[len - 1] == '[' ? "" : ",", name);
    (void)snprintf(body + len, sizeof(body) - len, next ? "],\"nextToken\":\"%s\"}" : "]%.0s}",
                   next ? next : "");
    rig_play(STREAMS, body);
}

static void check_page(const char *path, const char *names, bool last)
{
    struct source_list list;
    ck_assert_msg(rig_list(&list, path) == 0, "%s", list.request.error.message);
    ck_assert_str_eq(rig_names(&list), names);
    if (last)
        check_absent(list.next);
    rig_release(&list.request);
}

void logs_check_names(const char *path, const char *names)
{
    check_page(path, names, false);
}

void logs_check_list(const char *path, const char *names)
{
    check_page(path, names, true);
}

void logs_check_lookup(const char *path, int status)
{
    struct source_lookup look;
    int r = rig_lookup(&look, path);
    ck_assert_msg(r == status, "%s: %d, %s", path, r, look.request.error.message);
    rig_release(&look.request);
}
