/* base/crc.h: the two checksums of S3 that neither OpenSSL nor zlib has. Pure; any thread. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli), continued from `crc` (0 to start). */
uint32_t crc_32c(uint32_t crc, const void *data, size_t len);
/* CRC-64/NVME, continued from `crc` (0 to start). */
uint64_t crc_64nvme(uint64_t crc, const void *data, size_t len);

#endif
