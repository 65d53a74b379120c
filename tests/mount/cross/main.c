/* cross [PHASE[/FAULT[/OPERATION]]]... [mount[/...]]: drives the cells of cross.table through
 * mounts, in parallel: those of a phase but for the operation mount, or those of that; without
 * a word all. Cells whose fault is one of the whole network have a mount for each fault, the
 * others share one by the dozen. */
#include "mount/cross/cell.h"
#include "mount/cross/network.h"
#include "peer/peer_hole.h"
#include "peer/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORLD_CELLS 10 /* of one errno not more than are logged in a while */
#define WORKERS     6
#define WAIT_MS     30000
#define STOP_MS     20000
#define OPTIONS                                                                                \
    "max_attempts=2,read_timeout=2,connect_timeout=2,operation_timeout=7,metadata_ttl=60,"     \
    "part_size=1M,parallel_parts=1"

/* One peer and the pailfs that it is mounted by. */
struct world {
    struct cell cells[WORLD_CELLS];
    size_t count;
    struct peer_s3 *s3;
    struct peer *peer;
    struct peer_tls *tls;
    struct network *network; /* shared with pailfs; NULL: not preloaded */
    struct peer_hole *hole;
    char network_path[256], endpoint[128], options[512];
    char preload[512], network_variable[320], asan[512];
    const char *environment[4];
    struct harness_mount *mount;
    struct world *next;
};

/* ---- the network ---- */

static bool is(const struct world *w, const char *fault)
{
    return strcmp(w->cells[0].what->fault, fault) == 0;
}

static enum cross_phase phase_of(const struct world *w)
{
    return w->cells[0].what->phase;
}

static void open_network(struct world *w, unsigned number)
{
    const char *asan = getenv("ASAN_OPTIONS");
    (void)snprintf(w->network_path, sizeof(w->network_path), "%s/network-%u", harness_root(),
                   number);
    int fd = open(w->network_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(*w->network)) < 0)
        abort();
    w->network = mmap(NULL, sizeof(*w->network), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (w->network == MAP_FAILED)
        abort();
    w->hole = peer_hole_start();
    w->network->hole = peer_hole_port(w->hole);
    (void)snprintf(w->preload, sizeof(w->preload), "LD_PRELOAD=%s", CROSS_NETWORK_LIBRARY);
    (void)snprintf(w->network_variable, sizeof(w->network_variable), NETWORK_FILE "=%s",
                   w->network_path);
    (void)snprintf(w->asan, sizeof(w->asan), "ASAN_OPTIONS=%s%sverify_asan_link_order=0",
                   asan ? asan : "", asan ? ":" : "");
    w->environment[0] = w->preload;
    w->environment[1] = w->network_variable;
    w->environment[2] = w->asan;
    (void)snprintf(w->endpoint, sizeof(w->endpoint), "http://" NETWORK_HOST ":%u",
                   peer_port(w->peer));
}

static void close_network(struct world *w)
{
    if (!w->network)
        return;
    (void)munmap(w->network, sizeof(*w->network));
    (void)unlink(w->network_path);
    peer_hole_stop(w->hole);
}

static void lose_names(struct world *w)
{
    w->network->names = is(w, "refused")       ? NETWORK_NO_SUCH_NAME
                        : is(w, "unreachable") ? NETWORK_NO_SERVER
                                               : NETWORK_SILENT;
    (void)syscall(SYS_futex, &w->network->names, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void lose_connections(struct world *w)
{
    if (is(w, "refused"))
        peer_listen(w->peer, false);
    else if (is(w, "unreachable"))
        w->network->connections = NETWORK_UNREACHABLE;
    else if (is(w, "stall"))
        w->network->connections = NETWORK_LOST;
    else
        peer_set_accept(w->peer, is(w, "reset") ? PEER_ACCEPT_RESET : PEER_ACCEPT_CLOSE, 0);
}

static void lose_handshakes(struct world *w)
{
    static const struct {
        const char *fault;
        enum peer_tls_handshake how;
        struct peer_certificate certificate;
    } all[] = {
        {.fault = "reset", .how = PEER_TLS_RESET},
        {.fault = "closed", .how = PEER_TLS_CLOSE},
        {.fault = "stall", .how = PEER_TLS_STALL},
        {.fault = "trickle", .how = PEER_TLS_TRICKLE},
        {.fault = "garbage", .how = PEER_TLS_GARBAGE},
        {.fault = "cut", .how = PEER_TLS_CUT},
        {.fault = "stranger", .certificate = {.self_signed = true}},
        {.fault = "other-host", .certificate = {.names = "DNS:other.example"}},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!is(w, all[i].fault))
            continue;
        peer_tls_certify(w->tls, &all[i].certificate);
        peer_tls_set(w->tls, all[i].how);
    }
    peer_tls_drop(w->tls);
}

/* From now on there is what the fault says in place of a new connection; those there were are
 * gone. */
static void lose_network(struct world *w)
{
    if (phase_of(w) == RESOLVE)
        lose_names(w);
    else if (phase_of(w) == TLS)
        lose_handshakes(w);
    else
        lose_connections(w);
    peer_drop(w->peer, false, false);
    if (!peer_wait_connections(w->peer, 0, WAIT_MS))
        cell_complain(&w->cells[0], "connections stay");
}

static bool of_network(const struct cross_cell *what)
{
    return what->phase < HEADERS || cross_loses_network(what);
}

/* ---- a world ---- */

static void set_up(struct world *w)
{
    static atomic_uint numbers;
    unsigned number = numbers++;
    w->s3 = peer_s3_start();
    w->peer = peer_s3_peer(w->s3);
    peer_s3_bucket(w->s3, "bkt");
    peer_s3_set_page_size(w->s3, 2);
    (void)snprintf(w->endpoint, sizeof(w->endpoint), "%s", peer_s3_url(w->s3));
    (void)snprintf(w->options, sizeof(w->options), "%s", OPTIONS);
    if (phase_of(w) == TLS) {
        w->tls = peer_tls_start(peer_port(w->peer), NULL);
        (void)snprintf(w->endpoint, sizeof(w->endpoint), "%s", peer_tls_url(w->tls));
        (void)snprintf(w->options, sizeof(w->options), OPTIONS ",ca_bundle=%s",
                       peer_tls_authority(w->tls));
    } else if (of_network(w->cells[0].what)) {
        open_network(w, number);
    }
    for (size_t i = 0; i < w->count; i++) {
        w->cells[i].s3 = w->s3;
        w->cells[i].number = (unsigned)i + 1;
        cell_put(&w->cells[i]);
    }
}

static void start(struct world *w)
{
    w->mount = harness_mount_start(&(struct harness_mount_config){
        .source = "s3://bkt",
        .endpoint = w->endpoint,
        .options = w->options,
        .environment = w->environment,
    });
    for (size_t i = 0; i < w->count; i++)
        w->cells[i].mount = w->mount;
}

static bool reported(const char *log)
{
    return strstr(log, "Sanitizer") || strstr(log, "runtime error:") ||
           strstr(log, "Assertion");
}

static void take_down(struct world *w)
{
    bool mounted = harness_mount_state(w->mount) == 0;
    if (mounted)
        (void)kill(harness_mount_pid(w->mount), SIGTERM);
    int status = harness_mount_exit_status(w->mount, STOP_MS);
    const char *log = harness_mount_log(w->mount);
    if (reported(log) || (mounted && status != 0))
        cell_complain(&w->cells[0], "pailfs ended with %d", status);
    bool wrong = false;
    for (size_t i = 0; i < w->count; i++)
        wrong |= w->cells[i].wrong;
    if (wrong)
        (void)fprintf(stderr, "pailfs wrote:\n%s\n", log);
    (void)harness_mount_stop(w->mount);
    peer_tls_stop(w->tls);
    peer_s3_stop(w->s3);
    close_network(w);
}

/* Some cells in one mount. */
static void run_cells(struct world *w)
{
    bool network = of_network(w->cells[0].what), held = network && phase_of(w) >= HEADERS;
    size_t started = 0;
    for (size_t i = 0; i < w->count; i++)
        cell_prepare(&w->cells[i]);
    peer_clear(w->peer);
    for (size_t i = 0; i < w->count && (!network || held); i++)
        cell_lay(&w->cells[i]);
    if (network && !held)
        lose_network(w);
    for (size_t i = 0; i < w->count; i++) {
        cell_start(&w->cells[i]);
        started += w->cells[i].running;
    }
    if (held) {
        if (!peer_wait_stalled(w->peer, started, WAIT_MS))
            cell_complain(&w->cells[0], "%zu of %zu requests came", peer_stalled(w->peer),
                          started);
        lose_network(w);
    }
    for (size_t i = 0; i < w->count; i++)
        cell_join(&w->cells[i]);
    for (size_t i = 0; i < w->count; i++)
        cell_check(&w->cells[i]);
}

static void *start_it(void *arg)
{
    start(arg);
    return NULL;
}

/* The one cell is of mounting. */
static void run_mount(struct world *w)
{
    bool network = of_network(w->cells[0].what), held = network && phase_of(w) >= HEADERS;
    if (network && !held) {
        lose_network(w);
        start(w);
        return;
    }
    cell_lay(&w->cells[0]);
    if (!held) {
        start(w);
        return;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, start_it, w) != 0)
        abort();
    if (!peer_wait_stalled(w->peer, 1, WAIT_MS))
        cell_complain(&w->cells[0], "no request came");
    lose_network(w);
    (void)pthread_join(thread, NULL);
}

static void run_world(struct world *w)
{
    set_up(w);
    if (w->cells[0].what->operation == MOUNT) {
        run_mount(w);
        cell_check_mount(&w->cells[0]);
    } else {
        start(w);
        if (harness_mount_state(w->mount) == 0)
            run_cells(w);
        else
            cell_complain(&w->cells[0], "no mount");
    }
    take_down(w);
}

/* ---- all of them ---- */

struct queue {
    pthread_mutex_t lock;
    struct world *first;
};

static void *work(void *arg)
{
    struct queue *queue = arg;
    for (;;) {
        (void)pthread_mutex_lock(&queue->lock);
        struct world *w = queue->first;
        queue->first = w ? w->next : NULL;
        (void)pthread_mutex_unlock(&queue->lock);
        if (!w)
            return NULL;
        run_world(w);
        free(w);
    }
}

static bool wanted(const struct cross_cell *what, const char *word)
{
    const char *names[] = {cross_phases[what->phase], what->fault,
                           cross_operations[what->operation]};
    bool mount = what->operation == MOUNT;
    if (strcmp(word, "mount") == 0)
        return mount;
    size_t count = 0;
    for (const char *at = word; count < 3; count++) {
        size_t len = strcspn(at, "/");
        if (strlen(names[count]) != len || strncmp(names[count], at, len) != 0)
            return false;
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    return count == 2 || !mount;
}

/* Bytes that come too late may be taken for the answer of whose request was already sent on the
 * same connection. */
static bool spoils(const struct cross_cell *what)
{
    return strcmp(what->fault, "longer") == 0;
}

/* Whether the cell can share the mount. */
static bool belongs(const struct world *w, const struct cross_cell *what)
{
    const struct cross_cell *first = w->cells[0].what;
    if (w->count == WORLD_CELLS || what->operation == MOUNT || first->operation == MOUNT ||
        what->phase != first->phase)
        return false;
    bool same = strcmp(what->fault, first->fault) == 0;
    if (of_network(what) || of_network(first))
        return same;
    return same || (!spoils(what) && !spoils(first));
}

int main(int argc, char **argv)
{
    struct cross_table table;
    struct queue queue = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct world **last = &queue.first, *open_world = NULL;
    size_t count = 0, worlds = 0;
    pthread_t workers[WORKERS];
    cross_table_read(CROSS_TABLE, &table);
    harness_begin();
    const char *why_not = harness_cannot_mount();
    if (why_not) {
        (void)fprintf(stderr, "%s\n", why_not);
        return 1;
    }
    for (size_t i = 0; i < table.count; i++) {
        bool run = argc == 1;
        for (int word = 1; word < argc; word++)
            run |= wanted(&table.cells[i], argv[word]);
        if (!run)
            continue;
        if (!open_world || !belongs(open_world, &table.cells[i])) {
            open_world = calloc(1, sizeof(*open_world));
            if (!open_world)
                return 1;
            *last = open_world;
            last = &open_world->next;
            worlds++;
        }
        open_world->cells[open_world->count++].what = &table.cells[i];
        count++;
    }
    for (size_t i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, work, &queue) != 0)
            return 1;
    for (size_t i = 0; i < WORKERS; i++)
        (void)pthread_join(workers[i], NULL);
    (void)fprintf(stderr, "%zu cells in %zu mounts, %u complaints\n", count, worlds,
                  cell_complaints());
    cross_table_done(&table);
    return count == 0 || cell_complaints() > 0;
}
