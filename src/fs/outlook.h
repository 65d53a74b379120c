/* fs/outlook.h: how a directory's names go on, guessed from a stretch of them. Counters, dates
 * and hashes, which is what most long directories hold, are numbers: the names' letters and
 * digits, from the first that differs on, are read as digits, and what lies between the first
 * and the last of the stretch is added to the last. Pure; any thread. */
#ifndef FS_OUTLOOK_H
#define FS_OUTLOOK_H

#include "base/buf.h"
#include "fs/source_entry.h"

#define OUTLOOK_DIGITS 6  /* that are read at most, from the first that differs on */
#define OUTLOOK_CARRY  16 /* and before it, for what is carried over */

struct outlook {
    struct buf last; /* the stretch's last name; empty: nothing is known */
    size_t names;    /* from the first to the last */
    size_t step;     /* from the first to the last, as a number */
    struct outlook_digit {
        size_t at; /* byte of the name */
        const char *alphabet;
    } digits[OUTLOOK_CARRY + OUTLOOK_DIGITS]; /* the most significant first */
    size_t count;
    size_t carries; /* of them, those before the first that differs */
};

void outlook_init(struct outlook *o);
void outlook_done(struct outlook *o);

/* Learns from names in order, what was known is forgotten. From fewer than two, from names that
 * are no numbers, or without memory, nothing is learned. */
void outlook_learn(struct outlook *o, const struct source_entry *entries, size_t count);

/* Sets `ret` to about where the name stands that comes `ahead` names after the last: a name
 * after the last in bytewise order, from which it differs only in ASCII letters and digits.
 * False: there is no telling. */
bool outlook_name(const struct outlook *o, size_t ahead, struct buf *ret);

#endif
