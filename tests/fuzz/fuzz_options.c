/* Any lines as the words of a command line: pailfs's and pail's. A refusal says why. */
#include "fuzz/fuzz.h"

#include "cli/pail_arguments.h"

#include <errno.h>
#include <stdlib.h>

#define WORDS_MAX  64
#define REASON_MAX (64 * 1024 * 1024)

static void check(int r, const struct buf *reason)
{
    if (r != 0 && (r != -EINVAL || reason->len == 0 || memchr(reason->data, '\n', reason->len)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS_MAX + 1] = {NULL};
    int count = 0;
    struct pail_str rest = str_of((const char *)data, size), word;
    struct buf reason;
    buf_init(&reason, REASON_MAX);
    if (size == 0)
        return 0;
    while (count < WORDS_MAX && str_next(&rest, '\n', &word)) {
        words[count] = str_dup(word);
        if (!words[count++])
            abort();
    }
    struct pail_arguments arguments;
    check(pail_arguments_parse(&arguments, count, words, &reason), &reason);
    pail_arguments_done(&arguments);
    buf_reset(&reason);

    struct options options;
    if (options_init(&options, OPTION_PAILFS) < 0)
        abort();
    check(options_parse(&options, count, words, &reason), &reason);
    options_done(&options);
    buf_done(&reason);
    for (int i = 0; i < count; i++)
        free(words[i]);
    return 0;
}
