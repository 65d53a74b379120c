#include "base/random.h"

#include "base/clock.h"

#include <stddef.h>
#include <sys/random.h>
#include <unistd.h>

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

void random_seed(struct random *r, uint64_t seed)
{
    /* splitmix64, which never leaves the four words all zero. */
    for (size_t i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r->state[i] = z ^ z >> 31;
    }
}

void random_init(struct random *r)
{
    /* So few bytes come whole or not at all; not at all means a kernel without the call. */
    ssize_t n = getrandom(r->state, sizeof(r->state), 0);
    if (n == (ssize_t)sizeof(r->state) &&
        (r->state[0] | r->state[1] | r->state[2] | r->state[3]))
        return;
    random_seed(r, (uint64_t)clock_now_ns(&clock_system) ^
                       (uint64_t)clock_realtime_s(&clock_system) << 32 ^
                       (uint64_t)getpid() << 16);
}

uint64_t random_u64(struct random *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double random_unit(struct random *r)
{
    return (double)(random_u64(r) >> 11) * 0x1p-53;
}

void random_uuid4(struct random *r, char out[37])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t high = random_u64(r), low = random_u64(r);
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);   /* version 4 */
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62; /* RFC 9562's variant */
    char *at = out;
    for (unsigned i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *at++ = '-';
        uint64_t word = i < 16 ? high : low;
        *at++ = digits[word >> (60 - 4 * (i % 16)) & 15];
    }
    *at = '\0';
}
