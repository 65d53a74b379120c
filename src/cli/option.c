#include "cli/option.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/when.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#define NAME_COMPARED_MAX 40 /* longer names are nobody's slip */
#define HELP_COLUMN       26

/* ---- what is allowed, in words ---- */

static void add_seconds(struct buf *b, uint64_t ms)
{
    buf_addf(b, "%" PRIu64, ms / 1000);
    if (ms % 1000)
        buf_addf(b, ".%03" PRIu64, ms % 1000);
    while (ms % 1000 && !buf_failed(b) && b->data[b->len - 1] == '0')
        buf_truncate(b, b->len - 1);
}

static void add_size(struct buf *b, uint64_t size)
{
    static const char units[] = "KMGT";
    size_t unit = 0;
    while (size > 0 && size % 1024 == 0 && unit < sizeof(units) - 1) {
        size /= 1024;
        unit++;
    }
    buf_addf(b, "%" PRIu64, size);
    if (unit > 0)
        buf_add_byte(b, units[unit - 1]);
}

static void add_choices(const struct option *option, struct buf *b)
{
    for (size_t i = 0; option->choices[i]; i++) {
        if (i > 0)
            buf_add_c(b, option->choices[i + 1] ? ", " : " or ");
        buf_add_c(b, option->choices[i]);
    }
}

/* Appends what a value of the option must be: "seconds, 0 to 60". */
static void add_allowed(const struct option *option, struct buf *b)
{
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_PASS:
    case OPTION_IGNORED:
        buf_add_c(b, "nothing");
        return;
    case OPTION_TEXT:
        buf_add_c(b, "some text");
        return;
    case OPTION_WORDS:
        buf_addf(b, "some text, at most %d times", OPTION_WORDS_MAX);
        return;
    case OPTION_PATH:
        buf_add_c(b, "a path");
        return;
    case OPTION_MOMENT:
        buf_add_c(b, WHEN_FORMS);
        return;
    case OPTION_TIME:
        buf_add_c(b, "seconds, ");
        add_seconds(b, option->min);
        buf_add_c(b, " to ");
        add_seconds(b, option->max);
        if (option->endless)
            buf_addf(b, ", or %s", option->endless);
        return;
    case OPTION_SIZE:
        buf_add_c(b, "bytes, ");
        add_size(b, option->min);
        buf_add_c(b, " to ");
        add_size(b, option->max);
        return;
    case OPTION_NUMBER:
        buf_addf(b, "a number, %" PRIu64 " to %" PRIu64, option->min, option->max);
        return;
    case OPTION_OCTAL:
        buf_addf(b, "octal digits, 0 to %" PRIo64, option->max);
        return;
    case OPTION_CHOICE:
        add_choices(option, b);
        return;
    }
}

/* ---- values ---- */

static int octal(struct pail_str s, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (s.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '7')
            return -EINVAL;
        value = value * 8 + (uint64_t)(s.ptr[i] - '0');
        if (value > max)
            return -ERANGE;
    }
    *ret = value;
    return 0;
}

static int choice(const struct option *option, struct pail_str s, uint64_t *ret)
{
    for (size_t i = 0; option->choices[i]; i++) {
        if (str_eq_c(s, option->choices[i])) {
            *ret = option->min + i;
            return 0;
        }
    }
    return -EINVAL;
}

static int number(const struct option *option, struct pail_str s, uint64_t *ret)
{
    switch (option->kind) {
    case OPTION_TIME:
        if (option->endless && str_eq_c(s, option->endless)) {
            *ret = UINT64_MAX;
            return 0;
        }
        return num_duration_ms(s, option->max, ret);
    case OPTION_SIZE:
        return num_size(s, option->max, ret);
    case OPTION_NUMBER:
        return num_u64(s, option->max, ret);
    case OPTION_OCTAL:
        return octal(s, option->max, ret);
    default:
        return choice(option, s, ret);
    }
}

static void store(const struct option *option, void *target, uint64_t value)
{
    char *field = (char *)target + option->offset;
    uint32_t narrow = (uint32_t)value;
    bool flag = value != 0;
    if (option->width == sizeof(value))
        memcpy(field, &value, sizeof(value));
    else if (option->width == sizeof(narrow))
        memcpy(field, &narrow, sizeof(narrow));
    else
        memcpy(field, &flag, sizeof(flag));
}

static int keep_text(const struct option *option, struct arena *arena, struct pail_str value,
                     const char **ret)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 65536);
    if (option->kind == OPTION_PATH && value.ptr[0] != '/') {
        CLEANUP(heap) char *here = getcwd(NULL, 0);
        if (!here)
            return -errno;
        buf_addf(&b, "%s/", here);
    }
    buf_add_str(&b, value);
    struct pail_str kept = arena_str(arena, buf_str(&b));
    if (buf_failed(&b) || !kept.ptr)
        return -ENOMEM;
    *ret = kept.ptr;
    return 0;
}

static int store_text(const struct option *option, void *target, struct arena *arena,
                      struct pail_str value)
{
    const char *text;
    int r = keep_text(option, arena, value, &text);
    if (r == 0)
        memcpy((char *)target + option->offset, &text, sizeof(text));
    return r;
}

bool option_takes_value(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_PASS &&
           option->kind != OPTION_IGNORED;
}

static void add_name(const struct option_table *table, const struct option *option,
                     struct buf *b)
{
    buf_add_c(b, table->prefix);
    for (const char *c = option->name; *c; c++)
        buf_add_byte(b, *c == '_' ? table->separator : *c);
}

static int refuse(const struct option_table *table, const struct option *option,
                  struct pail_str value, struct buf *reason)
{
    buf_add_c(reason, "option ");
    add_name(table, option, reason);
    if (!option_takes_value(option)) {
        buf_add_c(reason, " takes no value");
        return -EINVAL;
    }
    if (value.ptr) {
        buf_add_c(reason, ": \"");
        buf_add_escaped(reason, value);
        buf_add_c(reason, "\" is not allowed; it takes ");
    } else {
        buf_add_c(reason, " needs a value: ");
    }
    add_allowed(option, reason);
    return -EINVAL;
}

static bool set_moment(const struct option *option, void *target, struct pail_str value)
{
    struct pail_int moment = {.present = true};
    int64_t now_ms = clock_realtime_s(&clock_system) * 1000;
    if (!value.ptr || when_parse(value, now_ms, &moment.value) < 0)
        return false;
    memcpy((char *)target + option->offset, &moment, sizeof(moment));
    return true;
}

int option_set(const struct option_table *table, const struct option *option, void *target,
               struct arena *arena, struct pail_str value, struct buf *reason)
{
    uint64_t parsed;
    switch (option->kind) {
    case OPTION_IGNORED:
        return 0;
    case OPTION_FLAG:
        if (value.ptr)
            return refuse(table, option, value, reason);
        store(option, target, 1);
        return 0;
    case OPTION_PASS: {
        if (value.ptr)
            return refuse(table, option, value, reason);
        char *words = (char *)target + option->offset;
        size_t len = strlen(words);
        if (len + strlen(option->name) + 2 > option->width)
            return 0; /* said a dozen times */
        snprintf(words + len, option->width - len, ",%s", option->name);
        return 0;
    }
    case OPTION_TEXT:
    case OPTION_PATH:
        if (!value.ptr || value.len == 0)
            return refuse(table, option, value, reason);
        return store_text(option, target, arena, value);
    case OPTION_WORDS: {
        struct option_words *words = (void *)((char *)target + option->offset);
        if (!value.ptr || value.len == 0 || words->count == OPTION_WORDS_MAX)
            return refuse(table, option, value, reason);
        int r = keep_text(option, arena, value, &words->items[words->count]);
        words->count += r == 0;
        return r;
    }
    case OPTION_MOMENT:
        return set_moment(option, target, value) ? 0 : refuse(table, option, value, reason);
    default:
        if (!value.ptr || number(option, value, &parsed) < 0 || parsed < option->min)
            return refuse(table, option, value, reason);
        store(option, target, parsed);
        return 0;
    }
}

int option_set_initial(const struct option_table *table, unsigned program, void *target,
                       struct arena *arena)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->rows[i];
        bool has = option->programs == program ||
                   (program == OPTION_PAILFS && option->programs & OPTION_PAILFS);
        if (!option->initial || !has)
            continue;
        CLEANUP_DONE(buf) struct buf reason;
        buf_init(&reason, 1024);
        int r = option_set(table, option, target, arena, str_c(option->initial), &reason);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- names ---- */

static bool named(const struct option_table *table, const struct option *option,
                  struct pail_str name)
{
    if (strlen(option->name) != name.len)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char wanted = option->name[i] == '_' ? table->separator : option->name[i];
        if (name.ptr[i] != wanted)
            return false;
    }
    return true;
}

const struct option *option_find(const struct option_table *table, unsigned program,
                                 struct pail_str name)
{
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].programs & program) && named(table, &table->rows[i], name))
            return &table->rows[i];
    }
    return NULL;
}

const struct option *option_find_letter(const struct option_table *table, unsigned program,
                                        char letter)
{
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].programs & program) && letter && table->rows[i].letter == letter)
            return &table->rows[i];
    }
    return NULL;
}

/* The least number of letters to add, drop or change. */
static size_t distance(struct pail_str a, struct pail_str b)
{
    size_t row[NAME_COMPARED_MAX + 1];
    if (a.len > NAME_COMPARED_MAX || b.len > NAME_COMPARED_MAX)
        return NAME_COMPARED_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b.len];
}

static const struct option *nearest(const struct option_table *table, unsigned program,
                                    struct pail_str name)
{
    const struct option *best = NULL;
    size_t least = name.len / 3 + 2;
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->rows[i];
        if (!(option->programs & program) || !option->help)
            continue;
        size_t far = distance(name, str_c(option->name));
        if (far < least) {
            least = far;
            best = option;
        }
    }
    return best;
}

int option_unknown(const struct option_table *table, struct pail_str name, struct buf *reason)
{
    buf_addf(reason, "unknown option \"%s", table->prefix);
    buf_add_escaped(reason, name);
    buf_add_byte(reason, '"');
    return -EINVAL;
}

bool option_suggest(const struct option_table *table, unsigned program, struct pail_str name,
                    struct buf *reason)
{
    const struct option *meant = nearest(table, program, name);
    if (!meant)
        return false;
    buf_add_c(reason, "; did you mean ");
    add_name(table, meant, reason);
    buf_add_byte(reason, '?');
    return true;
}

/* ---- help ---- */

void option_add_help(const struct option_table *table, unsigned program, struct buf *b)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->rows[i];
        if (!(option->programs & program) || !option->help)
            continue;
        size_t start = b->len;
        if (option->letter)
            buf_addf(b, "  -%c, ", option->letter);
        else
            buf_add_c(b, "  ");
        add_name(table, option, b);
        if (option->argument)
            buf_addf(b, "%c%s", program == OPTION_PAIL ? ' ' : '=', option->argument);
        do
            buf_add_byte(b, ' ');
        while (!buf_failed(b) && b->len - start < HELP_COLUMN);
        buf_add_c(b, option->help);
        if (option->initial && program == OPTION_PAILFS)
            buf_addf(b, " [%s]", option->initial);
        buf_add_byte(b, '\n');
    }
}
