/* base/num.h: numbers from text, strictly, and arithmetic that cannot wrap. All pure; any
 * thread. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <pail/types.h>

/* *ret = a + b (a * b). True, with *ret untouched, when it would wrap. */
#define add_overflow(a, b, ret) num_add_((a), (b), (ret))
#define mul_overflow(a, b, ret) num_mul_((a), (b), (ret))
static inline bool num_add_(size_t a, size_t b, size_t *ret)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return true;
    *ret = sum;
    return false;
}
static inline bool num_mul_(size_t a, size_t b, size_t *ret)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return true;
    *ret = product;
    return false;
}
static inline bool add_overflow_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
    uint64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return true;
    *ret = sum;
    return false;
}

/* Decimal digits only, the whole of `s`, at most `max`. 0, -EINVAL (not a number), -ERANGE
 * (over max). */
int num_u64(struct pail_str s, uint64_t max, uint64_t *ret);
/* The same with an optional sign. */
int num_i64(struct pail_str s, int64_t *ret);
/* A decimal fraction with an optional exponent, the whole of `s`, independent of the locale. 0,
 * -EINVAL. */
int num_double(struct pail_str s, double *ret);
/* Bytes: digits and an optional K, M, G or T (powers of 1,024; either case). 0, -EINVAL,
 * -ERANGE. */
int num_size(struct pail_str s, uint64_t max, uint64_t *ret);
/* Milliseconds from seconds with up to three decimals ("2.5") and an optional unit s, m, h, d,
 * ms. 0, -EINVAL, -ERANGE. */
int num_duration_ms(struct pail_str s, uint64_t max_ms, uint64_t *ret);
/* "true" in any case is true, anything else false: botocore's rule for configuration. */
bool num_config_bool(struct pail_str s);

#endif
