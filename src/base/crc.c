#include "base/crc.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>

/* The generator polynomials, bits reversed. */
#define CRC_32C_POLY    UINT32_C(0x82f63b78)
#define CRC_64NVME_POLY UINT64_C(0x9a6c9329ac4bc9b5)

#define SLICES 8 /* bytes a step */

/* table[s][b]: what byte b adds to the remainder when s more bytes follow it in the step. */
static uint32_t table_32c[SLICES][256];
static uint64_t table_64nvme[SLICES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill_tables(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t low = byte;
        uint64_t high = byte;
        for (int bit = 0; bit < 8; bit++) {
            low = low >> 1 ^ (low & 1 ? CRC_32C_POLY : 0);
            high = high >> 1 ^ (high & 1 ? CRC_64NVME_POLY : 0);
        }
        table_32c[0][byte] = low;
        table_64nvme[0][byte] = high;
    }
    for (unsigned slice = 1; slice < SLICES; slice++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint32_t low = table_32c[slice - 1][byte];
            uint64_t high = table_64nvme[slice - 1][byte];
            table_32c[slice][byte] = low >> 8 ^ table_32c[0][low & 255];
            table_64nvme[slice][byte] = high >> 8 ^ table_64nvme[0][high & 255];
        }
    }
}

static uint64_t load_8(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

uint32_t crc_32c(uint32_t crc, const void *data, size_t len)
{
    pthread_once(&tables_once, fill_tables);
    const unsigned char *at = data;
    crc = ~crc;
    for (; len >= SLICES; len -= SLICES, at += SLICES) {
        uint64_t word = load_8(at) ^ crc;
        crc = 0;
        for (unsigned i = 0; i < SLICES; i++)
            crc ^= table_32c[SLICES - 1 - i][word >> (8 * i) & 255];
    }
    for (; len > 0; len--)
        crc = crc >> 8 ^ table_32c[0][(crc ^ *at++) & 255];
    return ~crc;
}

uint64_t crc_64nvme(uint64_t crc, const void *data, size_t len)
{
    pthread_once(&tables_once, fill_tables);
    const unsigned char *at = data;
    crc = ~crc;
    for (; len >= SLICES; len -= SLICES, at += SLICES) {
        uint64_t word = load_8(at) ^ crc;
        crc = 0;
        for (unsigned i = 0; i < SLICES; i++)
            crc ^= table_64nvme[SLICES - 1 - i][word >> (8 * i) & 255];
    }
    for (; len > 0; len--)
        crc = crc >> 8 ^ table_64nvme[0][(crc ^ *at++) & 255];
    return ~crc;
}
