/* Any bytes, encoded and decoded: percent, base64, hex; as a number; as text for people. */
#include "fuzz/fuzz.h"

#include "base/encode.h"
#include "base/num.h"

#include <stdlib.h>

#define TEXT_MAX (64 * 1024 * 1024)

static void percent(struct pail_str text)
{
    CLEANUP_DONE(buf) struct buf encoded, decoded;
    buf_init(&encoded, TEXT_MAX);
    buf_init(&decoded, TEXT_MAX);
    for (int plus = 0; plus < 2; plus++) {
        buf_reset(&encoded);
        buf_reset(&decoded);
        buf_add_encoded(&encoded, text, plus ? KEEP_SLASH : ENCODE_ALL);
        buf_add_decoded(&decoded, buf_str(&encoded), plus);
        if (!str_eq(str_of(buf_c(&decoded), decoded.len), str_of(text.ptr, text.len)))
            abort();
        /* As it is: no longer, and the same in place. */
        buf_reset(&decoded);
        buf_add_decoded(&decoded, text, plus);
        buf_reset(&encoded);
        buf_add_str(&encoded, text);
        size_t len = percent_decode(encoded.data, encoded.len, plus);
        if (len > text.len || len != decoded.len ||
            (len > 0 && memcmp(encoded.data, decoded.data, len) != 0))
            abort();
    }
}

static void base64(struct pail_str text)
{
    CLEANUP_DONE(buf) struct buf encoded, decoded;
    buf_init(&encoded, TEXT_MAX);
    buf_init(&decoded, TEXT_MAX);
    buf_add_base64(&encoded, text.ptr, text.len);
    if (buf_add_base64_decoded(&decoded, buf_str(&encoded)) < 0 || decoded.len != text.len ||
        (text.len > 0 && memcmp(decoded.data, text.ptr, text.len) != 0))
        abort();
    buf_reset(&decoded);
    if (buf_add_base64_decoded(&decoded, text) == 0 && decoded.len > text.len / 4 * 3)
        abort();
}

static void numbers(struct pail_str text)
{
    uint64_t u;
    int64_t i;
    double d;
    if (num_u64(text, 1000, &u) == 0 && u > 1000)
        abort();
    bool unsigned_too = num_u64(text, INT64_MAX, &u) == 0;
    if (unsigned_too && (num_i64(text, &i) < 0 || (uint64_t)i != u))
        abort();
    if (unsigned_too && (num_size(text, INT64_MAX, &u) < 0 || num_double(text, &d) < 0))
        abort();
    (void)num_size(text, UINT64_MAX, &u);
    if (num_duration_ms(text, 5000, &u) == 0 && u > 5000)
        abort();
    (void)num_double(text, &d);
    (void)num_config_bool(text);
}

static void escape(struct pail_str text)
{
    size_t len = escape_text(NULL, 0, text, ESCAPE_ALL);
    char *whole = malloc(len + 1), cut[16];
    if (!whole || escape_text(whole, len + 1, text, ESCAPE_ALL) != len)
        abort();
    if (strlen(whole) != len || !str_is_utf8(str_c(whole)) || strpbrk(whole, "\n\r\t\033"))
        abort();
    (void)escape_text(cut, sizeof(cut), text, ESCAPE_ALL);
    if (!str_starts(str_c(whole), str_c(cut)))
        abort();
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pail_str text = str_of(size ? (const char *)data : "", size);
    percent(text);
    base64(text);
    numbers(text);
    escape(text);
    return 0;
}
