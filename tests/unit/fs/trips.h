/* unit/fs/trips.h: walks over keys by a source whose answers take a known time, and what they
 * cost. */
#ifndef UNIT_FS_TRIPS_H
#define UNIT_FS_TRIPS_H

#include "unit/fs/keys.h"

#define TRIP_MS 20 /* from a request to its answer, however many there are */

/* Walks; returns how many trips one after another it took. */
int64_t walk(struct walker *w, struct fixture *f, const struct keys *keys, struct node *dir);
/* The directory "t", looked up. */
struct node *keys_top(const struct keys *keys, struct fixture *f);
/* Listings asked for. */
size_t asked(const struct fixture *f, bool flat);
/* Reads a directory to its end and closes it, answering whatever is asked for. */
void keys_read(const struct keys *keys, struct fixture *f, struct node *dir);

#endif
