#include "base/digest.h"

#include "base/crc.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#define SHA256_BLOCK 64 /* bytes: HMAC hashes longer keys first */

struct digest {
    enum digest_algorithm algorithm;
    EVP_MD_CTX *context; /* NULL for the CRCs */
    uint64_t crc;
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
    case DIGEST_CRC32:
    case DIGEST_CRC32C:
    case DIGEST_CRC64NVME:
        break;
    }
    return NULL;
}

static bool is_crc(enum digest_algorithm algorithm)
{
    return algorithm == DIGEST_CRC32 || algorithm == DIGEST_CRC32C ||
           algorithm == DIGEST_CRC64NVME;
}

struct digest *digest_new(enum digest_algorithm algorithm)
{
    CLEANUP(digest) struct digest *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->algorithm = algorithm;
    if (!is_crc(algorithm)) {
        const EVP_MD *md = evp_md(algorithm);
        d->context = EVP_MD_CTX_new();
        if (!md || !d->context || EVP_DigestInit_ex(d->context, md, NULL) != 1)
            return NULL;
    }
    return STEAL(d);
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->context);
    free(d);
}

void digest_update(struct digest *d, const void *data, size_t len)
{
    if (len == 0)
        return;
    if (d->algorithm == DIGEST_CRC32)
        d->crc = digest_crc32((uint32_t)d->crc, data, len);
    else if (d->algorithm == DIGEST_CRC32C)
        d->crc = crc_32c((uint32_t)d->crc, data, len);
    else if (d->algorithm == DIGEST_CRC64NVME)
        d->crc = crc_64nvme(d->crc, data, len);
    else if (EVP_DigestUpdate(d->context, data, len) != 1)
        d->failed = true;
}

static size_t crc_final(struct digest *d, unsigned char out[DIGEST_MAX])
{
    size_t len = d->algorithm == DIGEST_CRC64NVME ? 8 : 4;
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)(d->crc >> (8 * (len - 1 - i)));
    d->crc = 0;
    return len;
}

size_t digest_final(struct digest *d, unsigned char out[DIGEST_MAX])
{
    if (is_crc(d->algorithm))
        return crc_final(d, out);
    unsigned len = 0;
    if (EVP_DigestFinal_ex(d->context, out, &len) != 1 || d->failed)
        len = 0;
    d->failed = EVP_DigestInit_ex(d->context, evp_md(d->algorithm), NULL) != 1;
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
