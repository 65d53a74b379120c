/* Any text as an endpoint: what is accepted can be written down and read again. */
#include "fuzz/fuzz.h"

#include "http/url.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct url url, again;
    const char *reason = NULL;
    if (url_parse(str_of((const char *)data, size), &url, &reason) < 0) {
        if (!reason || !reason[0])
            abort();
        return 0;
    }
    struct buf text;
    buf_init(&text, URL_MAX);
    buf_addf(&text, "%s://", url.tls ? "https" : "http");
    buf_add_authority(&text, &url);
    buf_add_c(&text, url.path);
    if (buf_failed(&text) || url_parse(buf_str(&text), &again, NULL) < 0 ||
        strcmp(url.host, again.host) != 0 || strcmp(url.path, again.path) != 0 ||
        url.port != again.port || url.tls != again.tls)
        abort();
    url_done(&again);
    url_done(&url);
    buf_done(&text);
    return 0;
}
