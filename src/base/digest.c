#include "base/digest.h"

#include "base/crc.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>
#include <zlib.h>

#define SHA256_BLOCK 64 /* bytes: HMAC hashes longer keys first */

/* Which library computes it. */
enum engine { ENGINE_OPENSSL, ENGINE_CRC, ENGINE_XXH64, ENGINE_XXH3 };

struct digest {
    enum digest_algorithm algorithm;
    enum engine engine;
    union {
        EVP_MD_CTX *openssl;
        uint64_t crc;
        XXH64_state_t *xxh64;
        XXH3_state_t *xxh3;
    };
    bool failed;
};

static const EVP_MD *evp_md(enum digest_algorithm algorithm)
{
    switch (algorithm) {
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA1:
        return EVP_sha1();
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA512:
        return EVP_sha512();
    default:
        return NULL;
    }
}

static enum engine engine_of(enum digest_algorithm algorithm)
{
    switch (algorithm) {
    case DIGEST_CRC32:
    case DIGEST_CRC32C:
    case DIGEST_CRC64NVME:
        return ENGINE_CRC;
    case DIGEST_XXHASH64:
        return ENGINE_XXH64;
    case DIGEST_XXHASH3:
    case DIGEST_XXHASH128:
        return ENGINE_XXH3;
    default:
        return ENGINE_OPENSSL;
    }
}

/* Makes the state of its engine anew; false if that cannot be. */
static bool begin(struct digest *d)
{
    switch (d->engine) {
    case ENGINE_OPENSSL: {
        const EVP_MD *md = evp_md(d->algorithm);
        return d->openssl && md && EVP_DigestInit_ex(d->openssl, md, NULL) == 1;
    }
    case ENGINE_XXH64:
        return d->xxh64 && XXH64_reset(d->xxh64, 0) == XXH_OK;
    case ENGINE_XXH3:
        return d->xxh3 &&
               (d->algorithm == DIGEST_XXHASH3 ? XXH3_64bits_reset(d->xxh3)
                                               : XXH3_128bits_reset(d->xxh3)) == XXH_OK;
    case ENGINE_CRC:
        d->crc = 0;
    }
    return true;
}

struct digest *digest_new(enum digest_algorithm algorithm)
{
    CLEANUP(digest) struct digest *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->algorithm = algorithm;
    d->engine = engine_of(algorithm);
    if (d->engine == ENGINE_OPENSSL)
        d->openssl = EVP_MD_CTX_new();
    else if (d->engine == ENGINE_XXH64)
        d->xxh64 = XXH64_createState();
    else if (d->engine == ENGINE_XXH3)
        d->xxh3 = XXH3_createState();
    return begin(d) ? STEAL(d) : NULL;
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    if (d->engine == ENGINE_OPENSSL)
        EVP_MD_CTX_free(d->openssl);
    else if (d->engine == ENGINE_XXH64)
        XXH64_freeState(d->xxh64);
    else if (d->engine == ENGINE_XXH3)
        XXH3_freeState(d->xxh3);
    free(d);
}

static uint64_t crc_update(const struct digest *d, const void *data, size_t len)
{
    if (d->algorithm == DIGEST_CRC32)
        return digest_crc32((uint32_t)d->crc, data, len);
    if (d->algorithm == DIGEST_CRC32C)
        return crc_32c((uint32_t)d->crc, data, len);
    return crc_64nvme(d->crc, data, len);
}

void digest_update(struct digest *d, const void *data, size_t len)
{
    bool done = true;
    if (len == 0)
        return;
    switch (d->engine) {
    case ENGINE_CRC:
        d->crc = crc_update(d, data, len);
        break;
    case ENGINE_OPENSSL:
        done = EVP_DigestUpdate(d->openssl, data, len) == 1;
        break;
    case ENGINE_XXH64:
        done = XXH64_update(d->xxh64, data, len) == XXH_OK;
        break;
    case ENGINE_XXH3:
        done = (d->algorithm == DIGEST_XXHASH3
                    ? XXH3_64bits_update(d->xxh3, data, len)
                    : XXH3_128bits_update(d->xxh3, data, len)) == XXH_OK;
    }
    d->failed |= !done;
}

/* The low `len` bytes of a number, big-endian. */
static size_t put_number(unsigned char *out, uint64_t number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)(number >> (8 * (len - 1 - i)));
    return len;
}

/* The result without the digest starting anew; 0 if the library failed. */
static size_t finish(struct digest *d, unsigned char out[DIGEST_MAX])
{
    switch (d->engine) {
    case ENGINE_CRC:
        return put_number(out, d->crc, d->algorithm == DIGEST_CRC64NVME ? 8 : 4);
    case ENGINE_XXH64:
        return put_number(out, XXH64_digest(d->xxh64), 8);
    case ENGINE_XXH3: {
        if (d->algorithm == DIGEST_XXHASH3)
            return put_number(out, XXH3_64bits_digest(d->xxh3), 8);
        XXH128_hash_t hash = XXH3_128bits_digest(d->xxh3);
        return put_number(out, hash.high64, 8) + put_number(out + 8, hash.low64, 8);
    }
    case ENGINE_OPENSSL:
        break;
    }
    unsigned len = 0;
    return EVP_DigestFinal_ex(d->openssl, out, &len) == 1 ? len : 0;
}

size_t digest_final(struct digest *d, unsigned char out[DIGEST_MAX])
{
    size_t len = finish(d, out);
    if (d->failed)
        len = 0;
    d->failed = !begin(d);
    return len;
}

static int digest_once(const EVP_MD *md, struct pail_str data, unsigned char *out)
{
    return EVP_Digest(data.len ? data.ptr : "", data.len, out, NULL, md, NULL) == 1 ? 0
                                                                                    : -ENOMEM;
}

int digest_sha256(struct pail_str data, unsigned char out[32])
{
    return digest_once(EVP_sha256(), data, out);
}

int digest_sha1(struct pail_str data, unsigned char out[20])
{
    return digest_once(EVP_sha1(), data, out);
}

int digest_hmac_sha256(struct pail_str key, struct pail_str data, unsigned char out[32])
{
    unsigned char short_key[32];
    if (key.len > SHA256_BLOCK) {
        int r = digest_sha256(key, short_key);
        if (r < 0)
            return r;
        key = str_of((const char *)short_key, sizeof(short_key));
    }
    const unsigned char *bytes = (const unsigned char *)(data.len ? data.ptr : "");
    const char *key_bytes = key.len ? key.ptr : "";
    bool done = HMAC(EVP_sha256(), key_bytes, (int)key.len, bytes, data.len, out, NULL);
    if (key.ptr == (const char *)short_key)
        OPENSSL_cleanse(short_key, sizeof(short_key));
    return done ? 0 : -ENOMEM;
}

uint32_t digest_crc32(uint32_t crc, const void *data, size_t len)
{
    return len ? (uint32_t)crc32_z(crc, data, len) : crc;
}
