/* objects.h: the bucket of a soak: what its objects are called and hold follows from their
 * number, so that whoever reads one knows what must come. All pure; any thread. */
#ifndef SOAK_OBJECTS_H
#define SOAK_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OBJECTS         10000U
#define OBJECTS_A_DIR   100U
#define DIRECTORIES     (OBJECTS / OBJECTS_A_DIR)
#define OBJECT_NAME_MAX 48

struct object {
    char key[OBJECT_NAME_MAX]; /* "d042/f04217" */
    uint64_t size;             /* most are of a few KiB; some empty, some of many parts */
    uint64_t seed;             /* of its content: peer_fill's stream */
};

/* `number` is below OBJECTS. */
struct object object_of(unsigned number);
/* The name of a directory of the bucket, below DIRECTORIES. */
void directory_name(unsigned number, char ret[OBJECT_NAME_MAX]);
/* The object that a directory's entry is; false if it has none of that name. */
bool object_number(unsigned directory, const char *name, unsigned *ret_number);

#endif
