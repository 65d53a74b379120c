#include "aws/words.h"

#include <errno.h>

int words_next(struct pail_str *rest, struct buf *word)
{
    static const char white[] = " \t\r\n";
    size_t i = 0;
    while (i < rest->len && strchr(white, rest->ptr[i]))
        i++;
    if (i == rest->len)
        return 0;
    char quote = 0;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (quote && c == quote) {
            quote = 0;
        } else if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (!quote && strchr(white, c)) {
            break;
        } else if (c == '\\' && quote != '\'') {
            if (++i == rest->len)
                return -EINVAL;
            if (quote && rest->ptr[i] != '"' && rest->ptr[i] != '\\')
                buf_add_byte(word, '\\');
            buf_add_byte(word, rest->ptr[i]);
        } else {
            buf_add_byte(word, c);
        }
    }
    *rest = str_sub(*rest, i, rest->len);
    return quote ? -EINVAL : 1;
}
