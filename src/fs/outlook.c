#include "fs/outlook.h"

#include "base/num.h"

/* ---- alphabets ---- */

enum kind {
    DIGIT = 1,
    HEX_LOWER = 2,
    LOWER = 4,
    HEX_UPPER = 8,
    UPPER = 16,
};

static unsigned kind_of(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return DIGIT;
    if (c >= 'a' && c <= 'z')
        return c <= 'f' ? HEX_LOWER : LOWER;
    if (c >= 'A' && c <= 'Z')
        return c <= 'F' ? HEX_UPPER : UPPER;
    return 0;
}

/* The smallest alphabet with the kinds, in bytewise order; NULL: they are no digits. */
static const char *alphabet_of(unsigned kinds)
{
    static const struct {
        unsigned kinds;
        const char *alphabet;
    } rows[] = {
        {DIGIT, "0123456789"},
        {DIGIT | HEX_LOWER, "0123456789abcdef"},
        {DIGIT | HEX_UPPER, "0123456789ABCDEF"},
        {HEX_LOWER | LOWER, "abcdefghijklmnopqrstuvwxyz"},
        {HEX_UPPER | UPPER, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {DIGIT | HEX_LOWER | LOWER, "0123456789abcdefghijklmnopqrstuvwxyz"},
        {DIGIT | HEX_UPPER | UPPER, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {DIGIT | HEX_LOWER | LOWER | HEX_UPPER | UPPER,
         "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
    };
    for (size_t i = 0; kinds && i < ARRAY_LEN(rows); i++) {
        if ((kinds & ~rows[i].kinds) == 0)
            return rows[i].alphabet;
    }
    return NULL;
}

static int byte_at(struct pail_str name, size_t at)
{
    return at < name.len ? (unsigned char)name.ptr[at] : -1;
}

static unsigned kinds_at(struct pail_str name, size_t at)
{
    return at < name.len ? kind_of((unsigned char)name.ptr[at]) : 0;
}

/* A byte that is none of its position's digits, or none at all, counts as the least. */
static size_t digit_of(const struct outlook_digit *d, struct pail_str name)
{
    const char *found =
        d->at < name.len && name.ptr[d->at] ? strchr(d->alphabet, name.ptr[d->at]) : NULL;
    return found ? (size_t)(found - d->alphabet) : 0;
}

static size_t radix(const struct outlook_digit *d)
{
    return strlen(d->alphabet);
}

/* ---- learning ---- */

static size_t common_len(struct pail_str a, struct pail_str b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

static void add_digit(struct outlook *o, size_t at, const char *alphabet)
{
    o->digits[o->count++] = (struct outlook_digit){.at = at, .alphabet = alphabet};
}

/* The digits to the left of the first that differs, from `at` down, as far as a carry can go:
 * on over a hyphen or the like to the digits of a date. */
static void add_carries(struct outlook *o, struct pail_str last, size_t at, unsigned kinds)
{
    struct outlook_digit found[OUTLOOK_CARRY];
    size_t count = 0;
    bool gap = false;
    while (at-- > 0 && count < OUTLOOK_CARRY) {
        unsigned kind = kinds_at(last, at);
        if (kind == 0) {
            gap = true;
            continue;
        }
        if (gap ? kind != DIGIT : (kind & kinds) == 0)
            break;
        kinds = gap ? DIGIT : kinds;
        gap = false;
        found[count++] = (struct outlook_digit){.at = at, .alphabet = alphabet_of(kinds)};
    }
    o->carries = count;
    while (count > 0)
        o->digits[o->count++] = found[--count];
}

static size_t number_of(const struct outlook *o, struct pail_str name)
{
    size_t n = 0;
    for (size_t i = o->carries; i < o->count; i++)
        n = n * radix(&o->digits[i]) + digit_of(&o->digits[i], name);
    return n;
}

void outlook_learn(struct outlook *o, const struct source_entry *entries, size_t count)
{
    buf_reset(&o->last);
    o->count = o->carries = 0;
    if (count < 2)
        return;
    struct pail_str first = entries[0].name, last = entries[count - 1].name;
    size_t differs = common_len(first, last);
    unsigned kinds[OUTLOOK_DIGITS + 1] = {0};
    bool varies[OUTLOOK_DIGITS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            kinds[k] |= kinds_at(entries[i].name, differs + k);
            varies[k] |= byte_at(entries[i].name, differs + k) != byte_at(last, differs + k);
        }
    if (kinds_at(last, differs) == 0)
        return;
    /* A stretch shows few of the first one's digits; those after it come in all. */
    kinds[0] |= kinds[1];
    add_carries(o, last, differs, kinds[0]);
    for (size_t k = 0; k < OUTLOOK_DIGITS; k++) {
        size_t at = differs + k;
        const char *alphabet = varies[k] ? alphabet_of(kinds[k]) : NULL;
        if (alphabet ? at < last.len && kinds_at(last, at) == 0 : at >= last.len)
            break;
        if (alphabet)
            add_digit(o, at, alphabet);
    }
    size_t low = number_of(o, first), high = number_of(o, last);
    if (high <= low)
        return;
    o->step = high - low;
    o->names = count - 1;
    buf_add_str(&o->last, last);
}

/* ---- guessing ---- */

/* The last name's digit `i`, increased by `more`, into `name`; what is to be carried. */
static size_t increase(const struct outlook *o, size_t i, size_t more, char *name)
{
    const struct outlook_digit *d = &o->digits[i];
    size_t sum = digit_of(d, buf_str(&o->last)) + more;
    name[d->at] = d->alphabet[sum % radix(d)];
    return sum / radix(d);
}

bool outlook_name(const struct outlook *o, size_t ahead, struct buf *ret)
{
    size_t more;
    struct pail_str last = buf_str(&o->last);
    buf_reset(ret);
    if (last.len == 0 || mul_overflow(o->step, ahead, &more))
        return false;
    more /= o->names;
    size_t len = o->digits[o->count - 1].at + 1;
    buf_add_str(ret, str_sub(last, 0, len));
    while (ret->len < len && !buf_failed(ret))
        buf_add_byte(ret, '0');
    if (buf_failed(ret))
        return false;
    for (size_t i = o->count; i-- > 0;)
        more = increase(o, i, more, ret->data);
    return more == 0 && str_cmp(buf_str(ret), last) > 0;
}

void outlook_init(struct outlook *o)
{
    *o = (struct outlook){0};
    buf_init(&o->last, SOURCE_NAME_MAX);
}

void outlook_done(struct outlook *o)
{
    buf_done(&o->last);
}
