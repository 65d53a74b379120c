#include "mount/services.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 120000
#define OUTPUT  (4 * 1024 * 1024)

char scratch[256];

/* ---- real servers ---- */

void make_scratch(void)
{
    (void)snprintf(scratch, sizeof(scratch), "%s/scratch", harness_root());
    ck_assert_int_eq(mkdir(scratch, 0700), 0);
}

const char *server_url(const char *server)
{
    const char *url =
        getenv(strcmp(server, "moto") == 0 ? "PAIL_MOTO_URL" : "PAIL_MINISTACK_URL");
    ck_assert_msg(url != NULL, "no AWS servers: scripts/test starts them");
    return url;
}

void mount_server(const char *server, const char *source, const char *options)
{
    fixture_mount_config(&(struct harness_mount_config){
        .source = source, .endpoint = server_url(server), .options = options});
    ck_assert_msg(harness_mount_state(mount) == 0, "%s", harness_mount_log(mount));
}

const char *shell(const char *dir, const char *format, ...)
{
    static char outputs[2][OUTPUT];
    static unsigned turn;
    char *output = outputs[turn++ % 2], command[8192];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    int r = harness_shell(dir, WAIT_MS, output, OUTPUT, "%s", command);
    ck_assert_msg(r == 0, "%s: %d: %.2000s", command, r, output);
    return output;
}

const char *unique(const char *name)
{
    static char text[128];
    (void)snprintf(text, sizeof(text), "%s-%d-%ld", name, getpid(), (long)harness_now_ms());
    return text;
}

/* ---- the scripted peer ---- */

const struct peer_match *of(const char *target)
{
    static struct peer_match match;
    match =
        (struct peer_match){.method = "POST", .header = "X-Amz-Target", .header_value = target};
    return &match;
}

void play_all(const char *target, const struct peer_response *responses, size_t count)
{
    (void)peer_rule_add(peer, &(struct peer_rule){.match = *of(target),
                                                  .responses = responses,
                                                  .response_count = count});
}

void play(const char *target, const char *body)
{
    play_all(target, PEER_RESPONSE(.body = body), 1);
}

void play_error(const char *target, int status, const char *code)
{
    char body[256];
    (void)snprintf(body, sizeof(body), "{\"__type\":\"%s\",\"message\":\"played\"}", code);
    play_all(target, PEER_RESPONSE(.status = status, .body = body), 1);
}

size_t asked(const char *target)
{
    return peer_count(peer, of(target));
}

const char *content(const char *name)
{
    static char text[65536];
    size_t len = 0;
    ssize_t n = 0;
    int fd = open(at("%s", name), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return strerrorname_np(errno);
    while (len < sizeof(text) - 64 && (n = read(fd, text + len, sizeof(text) - 64 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    if (n < 0)
        (void)snprintf(text + len, 64, " %s", strerrorname_np(errno));
    (void)close(fd);
    return text;
}
