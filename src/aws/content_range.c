#include "aws/content_range.h"

#include "base/num.h"

#include <errno.h>

int content_range_parse(struct pail_str value, struct content_range *ret)
{
    static const struct pail_str unit = {"bytes ", 6};
    struct content_range range = {0};

    value = str_trim(value);
    if (!value.ptr || !str_starts_nocase(value, unit))
        return -EINVAL;
    struct pail_str rest = str_trim(str_sub(value, unit.len, value.len));
    size_t dash = str_find(rest, '-', 0), slash = str_find(rest, '/', 0);
    if (slash == rest.len || dash > slash)
        return -EINVAL;
    struct pail_str total = str_sub(rest, slash + 1, rest.len);
    if (num_u64(str_sub(rest, 0, dash), INT64_MAX - 1, &range.first) < 0 ||
        num_u64(str_sub(rest, dash + 1, slash - dash - 1), INT64_MAX - 1, &range.last) < 0 ||
        range.last < range.first)
        return -EINVAL;
    if (!str_eq_c(total, "*")) {
        if (num_u64(total, INT64_MAX, &range.total) < 0 || range.total <= range.last)
            return -EINVAL;
        range.total_known = true;
    }
    *ret = range;
    return 0;
}
