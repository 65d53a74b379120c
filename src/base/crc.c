#include "base/crc.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>

/* The generator polynomials, bits reversed. */
#define CRC_32C_POLY    UINT32_C(0x82f63b78)
#define CRC_64NVME_POLY UINT64_C(0x9a6c9329ac4bc9b5)

#define SLICES 8 /* bytes a step */

/* table[s][b]: what byte b adds to the remainder when s more bytes follow it in the step. */
static uint64_t table_32c[SLICES][256], table_64nvme[SLICES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void fill(uint64_t table[SLICES][256], uint64_t polynomial)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
        table[0][byte] = crc;
    }
    for (unsigned slice = 1; slice < SLICES; slice++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint64_t crc = table[slice - 1][byte];
            table[slice][byte] = crc >> 8 ^ table[0][crc & 255];
        }
    }
}

static void fill_tables(void)
{
    fill(table_32c, CRC_32C_POLY);
    fill(table_64nvme, CRC_64NVME_POLY);
}

static uint64_t load_8(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

/* A remainder of fewer than 64 bits is in the low ones: none above it is ever set. */
static uint64_t go_on(const uint64_t table[SLICES][256], uint64_t crc, const void *data,
                      size_t len)
{
    const unsigned char *at = data;
    for (; len >= SLICES; len -= SLICES, at += SLICES) {
        uint64_t word = load_8(at) ^ crc;
        crc = 0;
        for (unsigned i = 0; i < SLICES; i++)
            crc ^= table[SLICES - 1 - i][word >> (8 * i) & 255];
    }
    for (; len > 0; len--)
        crc = crc >> 8 ^ table[0][(crc ^ *at++) & 255];
    return crc;
}

uint32_t crc_32c(uint32_t crc, const void *data, size_t len)
{
    pthread_once(&tables_once, fill_tables);
    return ~(uint32_t)go_on(table_32c, ~crc, data, len);
}

uint64_t crc_64nvme(uint64_t crc, const void *data, size_t len)
{
    pthread_once(&tables_once, fill_tables);
    return ~go_on(table_64nvme, ~crc, data, len);
}
