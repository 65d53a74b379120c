/* aws/words.h: a line as words, as a POSIX shell splits it: quotes and backslashes, no
 * expansions. Pure. */
#ifndef AWS_WORDS_H
#define AWS_WORDS_H

#include "base/buf.h"

/* Takes the next word off `*rest` and appends it to `word`, unquoted. 1; 0 at the end of the
 * line; -EINVAL for an open quote or a backslash at the end. Failures of `word` are sticky. */
int words_next(struct pail_str *rest, struct buf *word);

#endif
