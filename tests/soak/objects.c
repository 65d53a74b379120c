#include "objects.h"

#include "peer/peer.h"

#include <stdio.h>
#include <string.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

/* FNV-1a, so that equal content under two names would show. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    return hash;
}

/* Of a thousand, one of three parts, ten of several reads, ten empty. */
static uint64_t size_of(unsigned number, uint64_t hash)
{
    if (number % 1000 == 7)
        return 20 * MIB + hash % 4096;
    if (number % 100 == 3)
        return 256 * KIB + hash % (768 * KIB);
    if (number % 100 == 5)
        return 0;
    return 1 + hash % (24 * KIB);
}

void directory_name(unsigned number, char ret[OBJECT_NAME_MAX])
{
    (void)snprintf(ret, OBJECT_NAME_MAX, "d%03u", number);
}

struct object object_of(unsigned number)
{
    struct object object;
    (void)snprintf(object.key, sizeof(object.key), "d%03u/f%05u", number / OBJECTS_A_DIR,
                   number);
    object.seed = hash_of(object.key);
    object.size = size_of(number, object.seed >> 8);
    return object;
}

bool object_number(unsigned directory, const char *name, unsigned *ret_number)
{
    unsigned number;
    char again[OBJECT_NAME_MAX];
    if (sscanf(name, "f%5u", &number) != 1 || number / OBJECTS_A_DIR != directory)
        return false;
    (void)snprintf(again, sizeof(again), "f%05u", number);
    *ret_number = number;
    return strcmp(name, again) == 0;
}
