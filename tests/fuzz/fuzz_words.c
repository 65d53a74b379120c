/* Any line as words: they survive being quoted and split again. */
#include "fuzz/fuzz.h"

#include "aws/words.h"

#include <errno.h>
#include <stdlib.h>

#define WORD_MAX (64 * 1024 * 1024)

/* As a shell would take it back: 'it'\''s'. */
static void quote(struct buf *b, struct pail_str word)
{
    buf_add_c(b, " '");
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'')
            buf_add_c(b, "'\\''");
        else
            buf_add_byte(b, word.ptr[i]);
    }
    buf_add_byte(b, '\'');
}

/* Each word of the line, with a NUL behind it; what words_next returned last. */
static int split(struct pail_str line, struct buf *words, struct buf *quoted)
{
    CLEANUP_DONE(buf) struct buf word;
    buf_init(&word, WORD_MAX);
    int r;
    while ((r = words_next(&line, &word)) > 0) {
        buf_add_str(words, buf_str(&word));
        buf_add_byte(words, '\0');
        quote(quoted, buf_str(&word));
        buf_reset(&word);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf words, quoted, again, ignored;
    buf_init(&words, WORD_MAX);
    buf_init(&quoted, WORD_MAX);
    buf_init(&again, WORD_MAX);
    buf_init(&ignored, WORD_MAX);
    int r = split(str_of((const char *)data, size), &words, &quoted);
    if (r != 0 && r != -EINVAL)
        abort();
    if (split(buf_str(&quoted), &again, &ignored) != 0 || words.len != again.len ||
        (words.len > 0 && memcmp(words.data, again.data, words.len) != 0))
        abort();
    buf_done(&words);
    buf_done(&quoted);
    buf_done(&again);
    buf_done(&ignored);
    return 0;
}
