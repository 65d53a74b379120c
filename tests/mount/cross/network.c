/* network.c: preloaded into a program: its names and connections, as a test wants them. */
#include "mount/cross/network.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct network *network;

__attribute__((constructor)) static void attach(void)
{
    const char *path = getenv(NETWORK_FILE);
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *memory =
        fd < 0 ? MAP_FAILED
               : mmap(NULL, sizeof(struct network), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED)
        network = memory;
    if (fd >= 0)
        (void)close(fd);
}

/* What the program would have called. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    if (!network || !node || strcmp(node, NETWORK_HOST) != 0)
        return REAL(getaddrinfo)(node, service, hints, ret);
    while (network->names == NETWORK_SILENT)
        (void)syscall(SYS_futex, &network->names, FUTEX_WAIT, NETWORK_SILENT, NULL, NULL, 0);
    if (network->names == NETWORK_NO_SUCH_NAME)
        return EAI_NONAME;
    if (network->names == NETWORK_NO_SERVER)
        return EAI_AGAIN;
    return REAL(getaddrinfo)("127.0.0.1", service, hints, ret);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    struct sockaddr_in to;
    if (!network || network->connections == NETWORK_CONNECTS || address->sa_family != AF_INET ||
        len < sizeof(to))
        return REAL(connect)(fd, address, len);
    if (network->connections == NETWORK_UNREACHABLE) {
        errno = EHOSTUNREACH;
        return -1;
    }
    memcpy(&to, address, sizeof(to));
    to.sin_port = htons((unsigned short)network->hole);
    return REAL(connect)(fd, (const struct sockaddr *)&to, sizeof(to));
}

/* Every kind of argument is passed as a pointer is. */
#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list args;
    va_start(args, option);
    void *value = va_arg(args, void *);
    va_end(args);
    if (network && option == CURLOPT_DNS_CACHE_TIMEOUT)
        return REAL(curl_easy_setopt)(easy, option, 0L);
    return REAL(curl_easy_setopt)(easy, option, value);
}
