#include "cli/pail_arguments.h"

#include "base/num.h"

#include <errno.h>

static const struct pail_command *const commands[] = {
    &pail_command_ls,
    &pail_command_cat,
    &pail_command_head,
};

static const struct pail_command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_eq_c(str_c(name), commands[i]->name))
            return commands[i];
    }
    return NULL;
}

/* ---- the command's own switches ---- */

/* "a-b", "a-" or "-n", as in a Range. */
static bool is_range(struct pail_str text)
{
    size_t dash = str_find(text, '-', 0);
    struct pail_str from = str_sub(text, 0, dash), to = str_sub(text, dash + 1, text.len);
    uint64_t first = 0, last = UINT64_MAX;
    if (dash == text.len || from.len + to.len == 0)
        return false;
    if (from.len > 0 && num_u64(from, INT64_MAX, &first) < 0)
        return false;
    if (to.len > 0 && num_u64(to, INT64_MAX, &last) < 0)
        return false;
    return from.len == 0 || first <= last;
}

struct reading {
    struct pail_arguments *arguments;
    int argc;
    char **argv;
    int at; /* the next word */
    struct buf *reason;
};

/* The value that follows "--name=" or in the next word. */
static int take_value(struct reading *r, struct pail_str word, struct pail_str *ret)
{
    size_t equals = str_find(word, '=', 0);
    if (equals < word.len) {
        *ret = str_sub(word, equals + 1, word.len);
    } else if (r->at < r->argc) {
        *ret = str_c(r->argv[r->at++]);
    } else {
        buf_addf(r->reason, "option --%.*s needs a value", (int)word.len, word.ptr);
        return -EINVAL;
    }
    return 0;
}

/* 1: it was one; 0: it is not; -EINVAL. */
static int take_switch(struct reading *r, struct pail_str word)
{
    struct pail_arguments *a = r->arguments;
    unsigned has = a->command ? a->command->switches : 0;
    struct pail_str name = str_sub(word, 0, str_find(word, '=', 0));
    if (str_eq_c(word, "help"))
        a->options.help = true;
    else if (str_eq_c(word, "version"))
        a->options.version = true;
    else if ((has & TAKES_RECURSIVE) && str_eq_c(word, "recursive"))
        a->recursive = true;
    else if ((has & TAKES_JSON) && str_eq_c(word, "json"))
        a->json = true;
    else if ((has & TAKES_RANGE) && str_eq_c(name, "range")) {
        int e = take_value(r, word, &a->range);
        if (e < 0)
            return e;
        if (!is_range(a->range)) {
            buf_add_c(r->reason, "option --range: \"");
            buf_add_escaped(r->reason, a->range);
            buf_add_c(r->reason, "\" is not allowed; it takes FIRST-LAST, FIRST- or -COUNT");
            return -EINVAL;
        }
    } else
        return 0;
    return 1;
}

static int take_option(struct reading *r, const char *text)
{
    struct pail_arguments *a = r->arguments;
    if (str_eq_c(str_c(text), "-R"))
        text = "--recursive";
    if (str_eq_c(str_c(text), "-h"))
        text = "--help";
    if (str_eq_c(str_c(text), "-V"))
        text = "--version";
    struct pail_str word = str_c(text + (text[1] == '-' ? 2 : 1));
    int taken = text[1] == '-' ? take_switch(r, word) : 0;
    if (taken != 0)
        return taken < 0 ? taken : 0;
    struct pail_str name = str_sub(word, 0, str_find(word, '=', 0));
    const struct option *option =
        text[1] == '-' ? option_find(&options_of_pail, OPTION_PAIL, name) : NULL;
    struct pail_str value;
    if (!option || option->kind == OPTION_FLAG)
        return options_assign(&a->options, &options_of_pail, OPTION_PAIL, word, r->reason);
    int e = take_value(r, word, &value);
    return e < 0 ? e : option_set(option, &a->options, a->options.arena, value, r->reason);
}

static int take_word(struct reading *r, const char *text)
{
    struct pail_arguments *a = r->arguments;
    if (a->command) {
        a->urls[a->url_count++] = text;
        return 0;
    }
    a->command = find_command(text);
    if (a->command)
        return 0;
    buf_add_c(r->reason, "unknown command \"");
    buf_add_escaped(r->reason, str_c(text));
    buf_add_c(r->reason, "\"; there are");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        buf_addf(r->reason, "%s %s", i ? "," : "", commands[i]->name);
    return -EINVAL;
}

/* ---- the whole ---- */

int pail_arguments_parse(struct pail_arguments *arguments, int argc, char **argv,
                         struct buf *reason)
{
    *arguments = (struct pail_arguments){0};
    int r = options_init(&arguments->options, OPTION_PAIL);
    arguments->urls = calloc((size_t)argc + 1, sizeof(*arguments->urls));
    if (r < 0 || !arguments->urls)
        return -ENOMEM;
    struct reading reading = {arguments, argc, argv, 1, reason};
    bool only_words = false;
    while (r == 0 && reading.at < argc) {
        const char *text = argv[reading.at++];
        if (!only_words && str_eq_c(str_c(text), "--"))
            only_words = true;
        else if (!only_words && text[0] == '-' && text[1])
            r = take_option(&reading, text);
        else
            r = take_word(&reading, text);
    }
    if (r < 0 || arguments->options.help || arguments->options.version)
        return r;
    if (!arguments->command) {
        buf_add_c(reason, "what is to be done? " PAIL_PROGRAM " --help");
        return -EINVAL;
    }
    if (arguments->url_count == 0) {
        buf_addf(reason, "usage: " PAIL_PROGRAM " %s %s", arguments->command->name,
                 arguments->command->usage);
        return -EINVAL;
    }
    return options_settle(&arguments->options, reason);
}

void pail_arguments_done(struct pail_arguments *arguments)
{
    options_done(&arguments->options);
    free(STEAL(arguments->urls));
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

void pail_arguments_help(struct buf *b)
{
    buf_add_c(b, "usage: " PAIL_PROGRAM " COMMAND [OPTION]... s3://[BUCKET[/KEY]]...\n\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        buf_addf(b, "  %s %s\n      %s\n", commands[i]->name, commands[i]->usage,
                 commands[i]->help);
    buf_add_c(b, "\nOptions; pail(1) explains them and the exit status:\n");
    option_add_help(&options_of_pail, OPTION_PAIL, "--", b);
}
