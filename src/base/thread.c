#include "base/thread.h"

#include "base/str.h"

#include <signal.h>

#define THREAD_NAME_SIZE 16 /* the kernel's, with the NUL */

int thread_start(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg)
{
    /* A blocked fault would end the process without its handler (a crash reporter's, a
     * sanitizer's). */
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&blocked, faults[i]);

    /* A new thread inherits the mask; setting it in there would leave a gap. */
    int error = pthread_sigmask(SIG_SETMASK, &blocked, &before);
    if (error)
        return -error;
    pthread_t thread;
    error = pthread_create(&thread, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return -error;

    char cut[THREAD_NAME_SIZE];
    str_copy(cut, sizeof(cut), str_c(name));
    pthread_setname_np(thread, cut);
    *ret = thread;
    return 0;
}
