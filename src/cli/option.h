/* cli/option.h: options as rows of a table, which drives parsing and help alike. Any thread. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "base/arena.h"
#include "base/buf.h"

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *, never empty */
    OPTION_PATH,    /* const char *, made absolute */
    OPTION_TIME,    /* int64_t, milliseconds from seconds */
    OPTION_SIZE,    /* uint64_t, bytes from a number with K, M, G or T */
    OPTION_NUMBER,  /* an unsigned integer of any width */
    OPTION_OCTAL,   /* mode_t */
    OPTION_CHOICE,  /* an enum: `min` is the value of the first choice */
    OPTION_WORDS,   /* struct option_words: it may be given several times */
    OPTION_MOMENT,  /* struct pail_int, milliseconds since 1970: base/when.h */
    OPTION_PASS,    /* a word handed on to the kernel */
    OPTION_IGNORED, /* a word of mount(8) and fstab that means nothing here */
};

#define OPTION_WORDS_MAX 16
struct option_words {
    const char *items[OPTION_WORDS_MAX]; /* never empty */
    size_t count;
};

/* Which program has it. */
#define OPTION_PAILFS 1U
#define OPTION_PAIL   2U

struct option {
    const char *name;
    char letter; /* 'R': -R means the same; 0: none */
    enum option_kind kind;
    unsigned programs;
    size_t offset, width;        /* of the field in the struct that is filled */
    uint64_t min, max;           /* in the field's unit */
    const char *const *choices;  /* NULL-terminated */
    const char *endless;         /* OPTION_TIME: a word that means -1 */
    const char *initial;         /* the default, parsed like a value; NULL: zero. Of a row that
                                    both programs have: pailfs's */
    const char *argument, *help; /* in --help; a row without help is not shown */
};

struct option_table {
    const struct option *rows;
    size_t count;
    char separator;     /* shown and taken in names for '_' */
    const char *prefix; /* shown before names: "--" or "" */
};

/* The row of that name that `program` has, or NULL. */
const struct option *option_find(const struct option_table *table, unsigned program,
                                 struct pail_str name);
const struct option *option_find_letter(const struct option_table *table, unsigned program,
                                        char letter);
/* True if a value must follow the name. */
bool option_takes_value(const struct option *option);
/* Sets the row's field in `target`; `value` absent: none was given. Strings live in `arena`. 0;
 * -EINVAL with one line in `reason` that names the option, the value and what is allowed;
 * -ENOMEM. */
int option_set(const struct option_table *table, const struct option *option, void *target,
               struct arena *arena, struct pail_str value, struct buf *reason);
/* Sets the fields of the rows that `program` has to their defaults, in a target that is all
 * zero. 0 or -ENOMEM. */
int option_set_initial(const struct option_table *table, unsigned program, void *target,
                       struct arena *arena);
/* Appends `unknown option "x"`. -EINVAL. */
int option_unknown(const struct option_table *table, struct pail_str name, struct buf *reason);
/* Appends "; did you mean y?" if the table has a name much like it; else false. */
bool option_suggest(const struct option_table *table, unsigned program, struct pail_str name,
                    struct buf *reason);
/* Appends a line for each row with help. */
void option_add_help(const struct option_table *table, unsigned program, struct buf *b);

#endif
