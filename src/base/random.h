/* base/random.h: randomness for jitter and invocation ids (not for keys). */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* A generator (xoshiro256**) owned by whoever holds it; seeded, it repeats, which is what tests
 * want. */
struct random {
    uint64_t state[4];
};

/* Seeds from the system (getrandom). */
void random_init(struct random *r);
/* Seeds from a number. */
void random_seed(struct random *r, uint64_t seed);
uint64_t random_u64(struct random *r);
/* Uniform in [0, 1). */
double random_unit(struct random *r);
/* A version 4 UUID in lower case. */
void random_uuid4(struct random *r, char out[37]);

#endif
