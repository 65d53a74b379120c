#include "proxy.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SCRATCH    ((size_t)256 * 1024)
#define EVENTS_MAX 64
#define BACKLOG    1024

static const char USAGE[] =
    "peer_proxy [OPTION]... HOST:PORT\n"
    "Forwards connections on the loopback to the server at HOST:PORT (an IPv4 address), counts "
    "the\n"
    "requests, and can make the link slow and bad. The first line of output is the port it "
    "listens on.\n"
    "  --listen PORT        any free one by default\n"
    "  --delay TIME         added to every round trip (20ms), half of it each way\n"
    "  --share BYTES        a second to each connection (32M)\n"
    "  --faults N:KIND,...  spoil one response in N by one of: reset, 503, cut, tear,\n"
    "                       delay, all\n"
    "  --fault-delay TIME   what `delay` adds (1s)\n"
    "  --seed N             of the choice of responses (1)\n"
    "  --slow TEXT:TIME     delay responses to requests whose path holds TEXT\n"
    "  --stats FILE         the counts, in JSON: written on SIGUSR1 and at the end (SIGTERM), "
    "else\n"
    "                       printed; SIGUSR2 sets them to zero\n"
    "  --log FILE           a line a request: when, in milliseconds, how many are in flight, "
    "and what\n"
    "  --die-with-parent    end when the process that started it does\n";

void proxy_die(const char *what)
{
    perror(what);
    exit(1);
}

int64_t proxy_now_ns(void)
{
    return clock_now_ns(&clock_system);
}

static bool parse_delay(const char *text, int64_t *ret_ns)
{
    uint64_t ms;
    if (num_duration_ms(str_c(text), 3600 * 1000, &ms) < 0)
        return false;
    *ret_ns = (int64_t)ms * NS_PER_MS;
    return true;
}

/* "N:KIND,KIND" */
static bool parse_faults(const char *text, struct proxy_options *options)
{
    static const char *const names[] = {"reset", "503", "cut", "tear", "delay"};
    struct pail_str rest = str_c(text);
    struct pail_str token;
    uint64_t every;
    if (!str_next(&rest, ':', &token) || num_u64(token, 1000000000, &every) < 0)
        return false;
    options->fault_every = (unsigned)every;
    while (str_next(&rest, ',', &token)) {
        bool known = str_eq_c(token, "all");
        for (size_t i = 0; i < PROXY_FAULTS; i++) {
            if (str_eq_c(token, "all") || str_eq_c(token, names[i]))
                known = options->faults[i] = true;
        }
        if (!known)
            return false;
    }
    return true;
}

static bool parse_slow(char *text, struct proxy_options *options)
{
    char *colon = strrchr(text, ':');
    if (!colon)
        return false;
    *colon = '\0';
    options->slow = text;
    return parse_delay(colon + 1, &options->slow_ns);
}

static bool parse_port(struct pail_str text, struct sockaddr_in *address)
{
    uint64_t port;
    if (num_u64(text, 65535, &port) < 0)
        return false;
    address->sin_port = htons((uint16_t)port);
    return true;
}

static bool parse_server(const char *text, struct sockaddr_in *address)
{
    char host[64];
    struct pail_str all = str_c(text);
    size_t colon = str_rfind(all, ':');
    return str_copy(host, sizeof(host), str_sub(all, 0, colon)) &&
           inet_pton(AF_INET, host, &address->sin_addr) == 1 &&
           parse_port(str_sub(all, colon + 1, all.len), address);
}

static bool parse(int argc, char **argv, struct proxy_options *options)
{
    static const struct option longs[] = {
        {"listen", required_argument, NULL, 'l'},
        {"delay", required_argument, NULL, 'd'},
        {"share", required_argument, NULL, 'S'},
        {"faults", required_argument, NULL, 'f'},
        {"fault-delay", required_argument, NULL, 'F'},
        {"seed", required_argument, NULL, 's'},
        {"slow", required_argument, NULL, 'w'},
        {"stats", required_argument, NULL, 'o'},
        {"log", required_argument, NULL, 'L'},
        {"die-with-parent", no_argument, NULL, 'p'},
        {0},
    };
    bool good = true;
    int c;
    while (good && (c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
        switch (c) {
        case 'l':
            good = parse_port(str_c(optarg), &options->listen);
            break;
        case 'd':
            good = parse_delay(optarg, &options->delay_ns);
            break;
        case 'S':
            good = num_size(str_c(optarg), UINT32_MAX, &options->share) == 0;
            break;
        case 'f':
            good = parse_faults(optarg, options);
            break;
        case 'F':
            good = parse_delay(optarg, &options->fault_delay_ns);
            break;
        case 's':
            good = num_u64(str_c(optarg), UINT64_MAX, &options->seed) == 0;
            break;
        case 'w':
            good = parse_slow(optarg, options);
            break;
        case 'o':
            options->stats = optarg;
            break;
        case 'L':
            good = (options->log = fopen(optarg, "we"));
            break;
        case 'p':
            (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
            break;
        default:
            return false;
        }
        if (!good)
            (void)fprintf(stderr, "peer_proxy: %s: not understood\n", optarg);
    }
    return good && optind == argc - 1 && parse_server(argv[optind], &options->server);
}

static void watch(struct proxy *p, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        proxy_die("epoll_ctl");
}

static void open_all(struct proxy *p)
{
    struct sockaddr_in *address = &p->options.listen;
    socklen_t len = sizeof(*address);
    int on = 1;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->listener < 0 ||
        setsockopt(p->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(p->listener, (struct sockaddr *)address, len) < 0 ||
        listen(p->listener, BACKLOG) < 0 ||
        getsockname(p->listener, (struct sockaddr *)address, &len) < 0)
        proxy_die("listen");
    sigset_t set;
    (void)sigemptyset(&set);
    static const int caught[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(caught); i++)
        (void)sigaddset(&set, caught[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    p->epoll = epoll_create1(EPOLL_CLOEXEC);
    p->scratch = malloc(SCRATCH);
    if (p->signals < 0 || p->epoll < 0 || !p->scratch)
        proxy_die("start");
    watch(p, p->listener, &p->listener);
    watch(p, p->signals, &p->signals);
    (void)printf("%u\n", ntohs(address->sin_port));
    (void)fflush(stdout);
}

static void accept_some(struct proxy *p)
{
    int fd;
    while ((fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        proxy_pair_new(p, fd);
}

/* False: end. */
static bool take_signal(struct proxy *p)
{
    struct signalfd_siginfo info;
    if (read(p->signals, &info, sizeof(info)) != sizeof(info))
        return true;
    if (info.ssi_signo == SIGUSR2) {
        p->counts = (struct proxy_counts){.open = p->counts.open,
                                          .open_peak = p->counts.open,
                                          .in_flight = p->counts.in_flight,
                                          .in_flight_peak = p->counts.in_flight};
        return true;
    }
    proxy_report(p);
    return info.ssi_signo == SIGUSR1;
}

static bool run_once(struct proxy *p)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t wait_ns = p->soonest_ns - proxy_now_ns();
    wait_ns = wait_ns > 0 ? wait_ns : 0;
    struct timespec wait = {.tv_sec = wait_ns / NS_PER_SEC, .tv_nsec = wait_ns % NS_PER_SEC};
    int n = epoll_pwait2(p->epoll, events, EVENTS_MAX,
                         p->soonest_ns == INT64_MAX ? NULL : &wait, NULL);
    if (n < 0 && errno != EINTR)
        proxy_die("epoll_wait");
    p->now_ns = proxy_now_ns();
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == &p->listener)
            accept_some(p);
        else if (events[i].data.ptr != &p->signals)
            proxy_pair_event(events[i].data.ptr, events[i].events);
        else if (!take_signal(p))
            return false;
    }
    proxy_pairs_run(p);
    return true;
}

int main(int argc, char **argv)
{
    static struct proxy proxy = {
        .options = {.listen = {.sin_family = AF_INET},
                    .server = {.sin_family = AF_INET},
                    .fault_delay_ns = NS_PER_SEC,
                    .seed = 1},
        .soonest_ns = INT64_MAX,
    };
    proxy.options.listen.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!parse(argc, argv, &proxy.options)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    random_seed(&proxy.random, proxy.options.seed);
    open_all(&proxy);
    while (run_once(&proxy))
        ;
    return 0;
}
