#include "cli/pail_arguments.h"

#include <errno.h>

#define SUMMARY_COLUMN 12

/* The rest of the command's name after "FAMILY "; without a family the whole of a name that is
 * in none. NULL: it is another family's. */
static const char *name_within(const struct pail_command *command,
                               const struct pail_family *family)
{
    size_t len = strcspn(command->name, " ");
    if (!family)
        return command->name[len] ? NULL : command->name;
    bool within = str_eq_c(str_of(command->name, len), family->name) && command->name[len];
    return within ? command->name + len + 1 : NULL;
}

static const struct pail_command *find_command(const struct pail_family *family,
                                               const char *name)
{
    for (size_t i = 0; pail_commands[i]; i++) {
        const char *own = name_within(pail_commands[i], family);
        if (own && str_eq_c(str_c(name), own))
            return pail_commands[i];
    }
    return NULL;
}

static const struct pail_family *find_family(const char *name)
{
    for (const struct pail_family *family = pail_families; family->name; family++) {
        if (str_eq_c(str_c(name), family->name))
            return family;
    }
    return NULL;
}

/* ---- options: the command's own, then those of all ---- */

struct reading {
    struct pail_arguments *arguments;
    int argc;
    char **argv;
    int at; /* the next word */
    struct buf *reason;
};

/* An option as it was found, with where its value goes. */
struct found {
    const struct option_table *table;
    const struct option *option;
    void *target;
};

static struct found find_option(const struct reading *r, struct pail_str name, char letter)
{
    struct pail_arguments *a = r->arguments;
    if (a->command) {
        const struct option_table *own = &a->command->options;
        const struct option *option = letter ? option_find_letter(own, OPTION_PAIL, letter)
                                             : option_find(own, OPTION_PAIL, name);
        if (option)
            return (struct found){own, option, a->settings};
    }
    const struct option *option =
        letter ? option_find_letter(&options_of_pail, OPTION_PAIL, letter)
               : option_find(&options_of_pail, OPTION_PAIL, name);
    return (struct found){&options_of_pail, option, &a->options};
}

/* Sets it to `value`, or where that is absent and one is needed to the next word. */
static int set(struct reading *r, const struct found *found, struct pail_str value)
{
    if (!value.ptr && option_takes_value(found->option) && r->at < r->argc)
        value = str_c(r->argv[r->at++]);
    return option_set(found->table, found->option, found->target, r->arguments->options.arena,
                      value, r->reason);
}

/* "name" or "name=value". */
static int take_long(struct reading *r, struct pail_str word)
{
    struct pail_arguments *a = r->arguments;
    size_t equals = str_find(word, '=', 0);
    struct pail_str name = str_sub(word, 0, equals), value = {0};
    if (equals < word.len)
        value = str_sub(word, equals + 1, word.len);
    if (str_eq_c(word, "help")) {
        a->options.help = true;
        return 0;
    }
    if (str_eq_c(word, "version")) {
        a->options.version = true;
        return 0;
    }
    struct found found = find_option(r, name, '\0');
    if (found.option)
        return set(r, &found, value);
    size_t start = r->reason->len;
    int e = option_unknown(&options_of_pail, name, r->reason);
    if (a->command && option_suggest(&a->command->options, OPTION_PAIL, name, r->reason))
        return e;
    buf_truncate(r->reason, start);
    return options_assign(&a->options, &options_of_pail, OPTION_PAIL, word, r->reason);
}

/* "lh", "n5" or "n" and a word: letters, of which the last may take a value. */
static int take_letters(struct reading *r, struct pail_str letters)
{
    while (letters.len > 0) {
        char letter = letters.ptr[0];
        struct pail_str rest = str_sub(letters, 1, letters.len);
        struct found found = find_option(r, letters, letter);
        int e = 0;
        if (found.option && option_takes_value(found.option) && rest.len > 0)
            return set(r, &found, rest);
        if (found.option)
            e = set(r, &found, (struct pail_str){0});
        else if (letter == 'h')
            r->arguments->options.help = true;
        else if (letter == 'V')
            r->arguments->options.version = true;
        else {
            buf_add_c(r->reason, "unknown option \"-");
            buf_add_escaped(r->reason, str_sub(letters, 0, 1));
            buf_add_byte(r->reason, '"');
            return -EINVAL;
        }
        if (e < 0)
            return e;
        letters = rest;
    }
    return 0;
}

/* ---- words ---- */

static void add_names(const struct pail_family *within, struct buf *b)
{
    const char *separator = " ";
    for (size_t i = 0; pail_commands[i]; i++) {
        const char *name = name_within(pail_commands[i], within);
        if (name)
            buf_addf(b, "%s%s", separator, name);
        separator = name ? ", " : separator;
    }
    for (const struct pail_family *family = pail_families; !within && family->name; family++)
        buf_addf(b, "%s%s", separator, family->name);
}

static int take_command(struct reading *r, const char *text)
{
    struct pail_arguments *a = r->arguments;
    a->command = find_command(a->family, text);
    if (a->command) {
        a->settings = calloc(1, a->command->settings_size + 1);
        return a->settings ? option_set_initial(&a->command->options, OPTION_PAIL, a->settings,
                                                a->options.arena)
                           : -ENOMEM;
    }
    if (!a->family && (a->family = find_family(text)))
        return 0;
    buf_addf(r->reason, "unknown command \"%s%s", a->family ? a->family->name : "",
             a->family ? " " : "");
    buf_add_escaped(r->reason, str_c(text));
    buf_add_c(r->reason, "\"; there are");
    add_names(a->family, r->reason);
    return -EINVAL;
}

static int take(struct reading *r, const char *text, bool only_words)
{
    struct pail_arguments *a = r->arguments;
    if (!only_words && text[0] == '-' && text[1] == '-')
        return take_long(r, str_c(text + 2));
    if (!only_words && text[0] == '-' && text[1])
        return take_letters(r, str_c(text + 1));
    if (!a->command)
        return take_command(r, text);
    a->words[a->word_count++] = text;
    return 0;
}

/* ---- the whole ---- */

void pail_arguments_usage(const struct pail_command *command, struct buf *b)
{
    buf_addf(b, "usage: " PAIL_PROGRAM " %s [OPTION]...%s%s", command->name,
             command->usage[0] ? " " : "", command->usage);
}

static int settle(struct pail_arguments *a, struct buf *reason)
{
    const struct pail_command *command = a->command;
    if (!command) {
        buf_addf(reason, "what is to be done? " PAIL_PROGRAM " %s%s--help",
                 a->family ? a->family->name : "", a->family ? " " : "");
        return -EINVAL;
    }
    size_t most = command->words_max == 0               ? SIZE_MAX
                  : command->words_max == PAIL_NO_WORDS ? 0
                                                        : command->words_max;
    if (a->word_count < command->words_min || a->word_count > most) {
        pail_arguments_usage(command, reason);
        return -EINVAL;
    }
    int r = command->settle ? command->settle(a->settings, reason) : 0;
    return r < 0 ? r : options_settle(&a->options, reason);
}

int pail_arguments_parse(struct pail_arguments *arguments, int argc, char **argv,
                         struct buf *reason)
{
    *arguments = (struct pail_arguments){0};
    int r = options_init(&arguments->options, OPTION_PAIL);
    arguments->words = calloc((size_t)argc + 1, sizeof(*arguments->words));
    if (r < 0 || !arguments->words)
        return -ENOMEM;
    struct reading reading = {arguments, argc, argv, 1, reason};
    bool only_words = false;
    while (r == 0 && reading.at < argc) {
        const char *text = argv[reading.at++];
        if (!only_words && str_eq_c(str_c(text), "--"))
            only_words = true;
        else
            r = take(&reading, text, only_words);
    }
    if (r < 0 || arguments->options.help || arguments->options.version)
        return r;
    return settle(arguments, reason);
}

void pail_arguments_done(struct pail_arguments *arguments)
{
    options_done(&arguments->options);
    free(STEAL(arguments->words));
    free(STEAL(arguments->settings));
}

int pail_arguments_url(const char *url, struct pail_str *ret_bucket, struct pail_str *ret_key,
                       struct buf *reason)
{
    struct pail_str scheme = PAIL_STR("s3://");
    struct pail_str rest = str_sub(str_c(url), scheme.len, strlen(url));
    if (!str_starts(str_c(url), scheme) || (rest.len > 0 && rest.ptr[0] == '/')) {
        buf_add_escaped(reason, str_c(url));
        buf_add_c(reason, ": is not s3://BUCKET/KEY");
        return -EINVAL;
    }
    size_t slash = str_find(rest, '/', 0);
    *ret_bucket = str_sub(rest, 0, slash);
    *ret_key = str_sub(rest, slash + (slash < rest.len), rest.len);
    return 0;
}

static void command_help(const struct pail_command *command, struct buf *b)
{
    pail_arguments_usage(command, b);
    buf_addf(b, "\n\n%s.\n", command->summary);
    if (command->about)
        buf_add_c(b, command->about);
    buf_add_byte(b, '\n');
    option_add_help(&command->options, OPTION_PAIL, b);
    buf_add_c(b, command->options.count ? "\n" : "");
    buf_add_c(b, "Options of every command:\n");
    option_add_help(&options_of_pail, OPTION_PAIL, b);
}

static void add_summary(const char *name, const char *summary, struct buf *b)
{
    buf_addf(b, "  %-*s%s\n", SUMMARY_COLUMN - 2, name, summary);
}

static void family_help(const struct pail_family *family, struct buf *b)
{
    buf_addf(b, "usage: " PAIL_PROGRAM " %s COMMAND [OPTION]... WORD...\n\n", family->name);
    for (size_t i = 0; pail_commands[i]; i++) {
        const char *name = name_within(pail_commands[i], family);
        if (name)
            add_summary(name, pail_commands[i]->summary, b);
    }
    buf_addf(b, "\n" PAIL_PROGRAM " %s COMMAND --help says more.\n", family->name);
}

static void program_help(struct buf *b)
{
    buf_add_c(b, "usage: " PAIL_PROGRAM " COMMAND [OPTION]... WORD...\n\n");
    for (size_t i = 0; pail_commands[i]; i++) {
        if (name_within(pail_commands[i], NULL))
            add_summary(pail_commands[i]->name, pail_commands[i]->summary, b);
    }
    for (const struct pail_family *family = pail_families; family->name; family++)
        add_summary(family->name, family->summary, b);
    buf_add_c(b, "\n" PAIL_PROGRAM " COMMAND --help says more; " PAIL_PROGRAM
                 "(1) explains all, and the exit status.\n"
                 "Options of every command:\n");
    option_add_help(&options_of_pail, OPTION_PAIL, b);
}

void pail_arguments_help(const struct pail_arguments *arguments, struct buf *b)
{
    if (arguments->command)
        command_help(arguments->command, b);
    else if (arguments->family)
        family_help(arguments->family, b);
    else
        program_help(b);
}
