#include "samples.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

int64_t samples_now_ns(void)
{
    return clock_now_ns(&clock_system);
}

void samples_add(struct samples *s, int64_t ns)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 1024;
        int64_t *grown = reallocarray(s->ns, room, sizeof(*grown));
        if (!grown) {
            perror("samples");
            exit(1);
        }
        s->ns = grown;
        s->room = room;
    }
    s->ns[s->count++] = ns;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double at_ms(const struct samples *s, size_t percent)
{
    return (double)s->ns[(s->count - 1) * percent / 100] / (double)NS_PER_MS;
}

void samples_print(struct samples *s)
{
    (void)printf("\"count\": %zu", s->count);
    if (s->count == 0)
        return;
    qsort(s->ns, s->count, sizeof(*s->ns), compare);
    (void)printf(", \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f", at_ms(s, 50),
                 at_ms(s, 99), at_ms(s, 100));
}

void samples_done(struct samples *s)
{
    free(s->ns);
    *s = (struct samples){0};
}
