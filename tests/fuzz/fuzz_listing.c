/* Any bytes as the answer to ListObjectsV2, down to the entries of a directory: names that are
 * shown are components, in order. */
#include "fuzz/fuzz.h"

#include "fs/s3_page.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pail_http_response response = {
        .status = 200,
        .reason = PAIL_STR("OK"),
        .body = str_of((const char *)data, size),
    };
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_error error;
    int r = pail_get_response(&pail_s3_list_objects_v2_operation, &response, &out, &error);
    if (r < 0 && error.sys != -r)
        abort();
    for (int flat = 0; r == 0 && flat < 2; flat++) {
        const struct s3_page_query query = {.prefix = PAIL_STR(""), .flat = flat == 1};
        struct s3_page page;
        const char *reason;
        if (s3_page_of_objects(&out, &query, &page, &reason) < 0)
            continue;
        for (size_t i = 0; i < page.count; i++) {
            struct pail_str name = page.entries[i].name;
            if (name.len == 0 || memchr(name.ptr, 0, name.len) ||
                (!flat && memchr(name.ptr, '/', name.len)) || str_eq_c(name, ".") ||
                str_eq_c(name, ".."))
                abort();
        }
        free(page.entries);
    }
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    return 0;
}
