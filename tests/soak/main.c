/* soak_load: fills a bucket with known objects; reads them all through a mount, from many
 * threads at once, and says what is not right. scripts/soak drives it. */
#include "soak.h"

#include "bench/wire.h"
#include "peer/peer.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOOK_MS         200
#define TICK_MS         1000
#define STACK_BYTES     ((size_t)128 * 1024)
#define WALKERS         4
#define MISSING         16
#define CONNECTIONS_MAX 128
#define NUMBER_BITS                                                                            \
    32 /* of a put's offset: an object's number above, an offset in it below                   \
        */

static const char USAGE[] =
    "soak_load fill CONNECTIONS BUCKET        make the bucket and its objects\n"
    "soak_load run DIR READERS SEED SECONDS   wait on stdin for: pass (read every file once), "
    "load, quiet;\n"
    "                                         SECONDS: what no system call may take\n";

_Noreturn static void die(const char *what)
{
    (void)fprintf(stderr, "soak_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t number(const char *text, uint64_t max)
{
    uint64_t value;
    if (num_u64(str_c(text), max, &value) == 0)
        return value;
    (void)fprintf(stderr, "soak_load: %s: not a number up to %llu\n", text,
                  (unsigned long long)max);
    exit(2);
}

/* ---- fill ---- */

struct filling {
    const char *bucket;
    unsigned next;
    bool bucket_made;
};

static bool next_put(void *user, struct wire_job *job)
{
    struct filling *filling = user;
    if (filling->next == OBJECTS)
        return false;
    struct object object = object_of(filling->next);
    (void)snprintf(job->target, sizeof(job->target), "/%s/%s", filling->bucket, object.key);
    job->put = true;
    job->len = object.size;
    job->offset = (uint64_t)filling->next++ << NUMBER_BITS;
    return true;
}

static bool next_bucket(void *user, struct wire_job *job)
{
    struct filling *filling = user;
    if (filling->bucket_made)
        return false;
    filling->bucket_made = true;
    (void)snprintf(job->target, sizeof(job->target), "/%s", filling->bucket);
    job->put = true;
    return true;
}

static void fill_content(void *user, uint64_t offset, char *data, size_t len)
{
    (void)user;
    struct object object = object_of((unsigned)(offset >> NUMBER_BITS));
    peer_fill(object.seed, offset & UINT32_MAX, data, len);
}

static int run_fill(char **args)
{
    struct filling filling = {.bucket = args[1]};
    struct wire *wire = wire_new((unsigned)number(args[0], CONNECTIONS_MAX));
    wire_run(wire,
             &(struct wire_calls){.next = next_bucket, .fill = fill_content, .user = &filling});
    wire_run(wire,
             &(struct wire_calls){.next = next_put, .fill = fill_content, .user = &filling});
    (void)printf("{\"objects\": %u, \"bytes\": %llu}\n", OBJECTS,
                 (unsigned long long)wire_bytes(wire));
    wire_free(wire);
    return 0;
}

/* ---- run: the threads ---- */

static void take_pass(struct soaker *s)
{
    unsigned next;
    while ((next = atomic_fetch_add(&s->soak->pass_at, 1)) < OBJECTS &&
           !atomic_load(&s->soak->interrupted))
        soak_read_whole(s, next);
}

/* The order that was taken last is carried out: wait for another. */
static enum soak_order next_turn(struct soaker *s)
{
    struct soak *soak = s->soak;
    (void)pthread_mutex_lock(&soak->mutex);
    if (s->turn == soak->turn)
        soak->finished++;
    while (s->turn == soak->turn)
        (void)pthread_cond_wait(&soak->changed, &soak->mutex);
    s->turn = soak->turn;
    enum soak_order order = soak->order;
    (void)pthread_mutex_unlock(&soak->mutex);
    return order;
}

static void *soaker_main(void *arg)
{
    struct soaker *s = arg;
    enum soak_order order;
    while ((order = next_turn(s)) != SOAK_END) {
        if (order == SOAK_PASS)
            take_pass(s);
        while (order == SOAK_LOAD && !atomic_load(&s->soak->interrupted))
            soak_round(s);
    }
    return NULL;
}

static enum soak_kind kind_of(unsigned number, unsigned readers)
{
    if (number >= readers)
        return number - readers < WALKERS ? SOAK_WALK : SOAK_MISSING;
    static const enum soak_kind mix[] = {SOAK_WHOLE, SOAK_WHOLE,  SOAK_WHOLE, SOAK_RUN,
                                         SOAK_WHOLE, SOAK_RANDOM, SOAK_RUN,   SOAK_RANDOM,
                                         SOAK_WHOLE, SOAK_RANDOM};
    return mix[number % ARRAY_LEN(mix)];
}

static void start_threads(struct soak *soak, unsigned readers, uint64_t seed)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0)
        die("threads");
    soak->count = readers + WALKERS + MISSING;
    soak->soakers = calloc(soak->count, sizeof(*soak->soakers));
    if (!soak->soakers)
        die("memory");
    for (unsigned i = 0; i < soak->count; i++) {
        struct soaker *s = &soak->soakers[i];
        s->soak = soak;
        s->kind = kind_of(i, readers);
        s->number = i / 10;
        random_seed(&s->random, seed * 1000003 + i);
        (void)pthread_mutex_init(&s->telling, NULL);
        s->buffer = aligned_alloc(4096, READ_BYTES);
        if (!s->buffer || pthread_create(&s->thread, &attributes, soaker_main, s) != 0)
            die("threads");
    }
    (void)pthread_attr_destroy(&attributes);
}

/* ---- run: orders ---- */

/* Every thread has done what was ordered last. */
static bool all_finished(struct soak *soak)
{
    (void)pthread_mutex_lock(&soak->mutex);
    bool finished = soak->finished == soak->count;
    (void)pthread_mutex_unlock(&soak->mutex);
    return finished;
}

static void give(struct soak *soak, enum soak_order order)
{
    (void)pthread_mutex_lock(&soak->mutex);
    atomic_store(&soak->interrupted, order == SOAK_QUIET || order == SOAK_END);
    atomic_store(&soak->pass_at, 0);
    soak->order = order;
    soak->turn++;
    soak->finished = 0;
    (void)pthread_cond_broadcast(&soak->changed);
    (void)pthread_mutex_unlock(&soak->mutex);
}

/* The order on stdin, SOAK_END at its end; false if there is none yet. */
static bool next_order(enum soak_order *ret)
{
    static const char *const names[] = {"quiet", "pass", "load"};
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[16];
    if (poll(&input, 1, LOOK_MS) <= 0)
        return false;
    *ret = SOAK_END;
    if (!fgets(line, sizeof(line), stdin))
        return true;
    line[strcspn(line, "\n")] = '\0';
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(line, names[i]) == 0)
            *ret = (enum soak_order)i;
    return true;
}

/* Carry out orders until there are no more. Each but "load" is answered by a "quiet" when it
 * is done; it must be waited for before the next. */
static void follow(struct soak *soak)
{
    enum soak_order order = SOAK_QUIET;
    int64_t told_ms = 0;
    bool answered = true;
    do {
        if (next_order(&order)) {
            give(soak, order);
            answered = order == SOAK_LOAD;
        }
        soak_look(soak);
        if (soak_now_ms() - told_ms >= TICK_MS) {
            soak_tell_counts(soak, "tick");
            told_ms = soak_now_ms();
        }
        if (!answered && order != SOAK_END && all_finished(soak)) {
            soak_tell_counts(soak, "quiet");
            answered = true;
        }
    } while (order != SOAK_END);
}

static void allow_files(unsigned count)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max < count || setrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("too few descriptors are allowed");
}

static int run_soak(char **args)
{
    static struct soak soak = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                               .changed = PTHREAD_COND_INITIALIZER};
    unsigned readers = (unsigned)number(args[1], 100000);
    soak.top = args[0];
    soak.stuck_ms = (int64_t)number(args[3], 86400) * 1000;
    if (strlen(soak.top) > SOAK_PATH / 2) {
        (void)fprintf(stderr, "soak_load: %s: too long\n", soak.top);
        return 2;
    }
    /* What is in the way of an end are threads in system calls that do not come back. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    allow_files(readers + 100);
    start_threads(&soak, readers, number(args[2], UINT32_MAX));
    follow(&soak);
    for (unsigned i = 0; i < soak.count; i++) {
        (void)pthread_join(soak.soakers[i].thread, NULL);
        (void)pthread_mutex_destroy(&soak.soakers[i].telling);
        free(soak.soakers[i].buffer);
    }
    free(soak.soakers);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "fill") == 0)
        return run_fill(argv + 2);
    if (argc == 6 && strcmp(argv[1], "run") == 0)
        return run_soak(argv + 2);
    (void)fputs(USAGE, stderr);
    return 2;
}
