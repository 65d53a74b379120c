#include "mount/cross/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 128
#define LINES_MAX  512

const char *const cross_phases[PHASES] = {"resolve", "connect", "tls",    "headers",
                                          "early",   "late",    "between"};
const char *const cross_operations[OPERATIONS] = {
    "lookup", "probe", "readdir", "readdir+", "open", "read", "read+", "getxattr", "mount"};

/* An expectation, or with `why` a reason. */
struct cross_line {
    unsigned number;
    unsigned phases, operations; /* bits; operations 0: all that no other line names */
    bool faults[FAULTS_MAX];
    int sys;
    unsigned attempts;
    const char *words, *why;
    bool used;
};

struct reader {
    const char *path;
    unsigned number;
    const char *faults[FAULTS_MAX];
    size_t fault_count;
    struct cross_table *table;
};

__attribute__((noreturn, format(printf, 3, 4))) static void
die(const struct reader *r, unsigned number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "%s:%u: ", r->path, number);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(2);
}

/* The next word, ended by a NUL in the text; of a quoted one the quotes are dropped. NULL:
 * none. */
static char *word(char **at)
{
    char *start = *at + strspn(*at, " \t");
    if (*start == '\0' || *start == '#')
        return NULL;
    bool quoted = *start == '"';
    start += quoted;
    char *end = start + strcspn(start, quoted ? "\"" : " \t");
    *at = *end ? end + 1 : end;
    *end = '\0';
    return start;
}

static char *need(const struct reader *r, char **at, const char *what)
{
    char *found = word(at);
    if (!found)
        die(r, r->number, "there is no %s", what);
    return found;
}

/* "a,b" or "*" as bits. */
static unsigned names(const struct reader *r, char *list, const char *const *all, size_t count)
{
    unsigned bits = 0;
    char *next = NULL;
    for (char *name = strtok_r(list, ",", &next); name; name = strtok_r(NULL, ",", &next)) {
        size_t i = 0;
        while (i < count && strcmp(all[i], name) != 0)
            i++;
        if (i == count)
            die(r, r->number, "what is %s?", name);
        bits |= 1U << i;
    }
    return bits;
}

static void take_faults(const struct reader *r, char *list, bool ret[FAULTS_MAX])
{
    char *next = NULL;
    for (char *name = strtok_r(list, ",", &next); name; name = strtok_r(NULL, ",", &next)) {
        size_t len = strlen(name);
        bool pattern = name[len - 1] == '*', found = false;
        for (size_t i = 0; i < r->fault_count; i++) {
            if (pattern ? strncmp(r->faults[i], name, len - 1) != 0
                        : strcmp(r->faults[i], name) != 0)
                continue;
            ret[i] = found = true;
        }
        if (!found)
            die(r, r->number, "no such fault: %s", name);
    }
}

static int errno_of(const struct reader *r, const char *name)
{
    if (strcmp(name, "ok") == 0)
        return 0;
    if (strcmp(name, "ENOTSUP") == 0)
        return ENOTSUP; /* which is known by another name too */
    for (int sys = 1; sys < 134; sys++) {
        const char *known = strerrorname_np(sys);
        if (known && strcmp(known, name) == 0)
            return sys;
    }
    die(r, r->number, "no such errno: %s", name);
}

static void take_outcome(const struct reader *r, char *outcome, struct cross_line *line)
{
    char *colon = strchr(outcome, ':');
    if (!colon || colon[1] < '0' || colon[1] > '9' || colon[2] != '\0')
        die(r, r->number, "%s is not ERRNO:ATTEMPTS", outcome);
    *colon = '\0';
    line->sys = errno_of(r, outcome);
    line->attempts = (unsigned)(colon[1] - '0');
}

static void check_declaration(const struct reader *r, char *at, const char *const *all,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(need(r, &at, all[i]), all[i]) != 0)
            die(r, r->number, "the program knows them as ... %s ...", all[i]);
}

static void take_line(struct reader *r, char *at)
{
    struct cross_table *table = r->table;
    char *first = word(&at), *name;
    if (!first)
        return;
    if (strcmp(first, "phases") == 0) {
        check_declaration(r, at, cross_phases, PHASES);
        return;
    }
    if (strcmp(first, "operations") == 0) {
        check_declaration(r, at, cross_operations, OPERATIONS);
        return;
    }
    if (strcmp(first, "faults") == 0) {
        while ((name = word(&at)) && r->fault_count < FAULTS_MAX)
            r->faults[r->fault_count++] = name;
        return;
    }
    if (table->line_count == LINES_MAX)
        die(r, r->number, "too many lines");
    struct cross_line *line = &table->lines[table->line_count++];
    bool never = strcmp(first, "never") == 0;
    line->number = r->number;
    line->phases = names(r, never ? need(r, &at, "phase") : first, cross_phases, PHASES);
    char *faults = need(r, &at, "fault"), *operations = need(r, &at, "operation");
    take_faults(r, faults, line->faults);
    if (strcmp(operations, "*") != 0)
        line->operations = names(r, operations, cross_operations, OPERATIONS);
    if (never) {
        line->why = need(r, &at, "reason");
    } else {
        take_outcome(r, need(r, &at, "outcome"), line);
        line->words = word(&at);
    }
    if (word(&at))
        die(r, r->number, "there is more on the line");
}

static bool meets(const struct cross_line *line, size_t phase, size_t fault)
{
    return line->phases & 1U << phase && line->faults[fault];
}

/* What the lines say of one place of the cross. */
static void settle(struct reader *r, size_t phase, size_t fault, size_t operation)
{
    struct cross_table *table = r->table;
    struct cross_line *named = NULL, *rest = NULL;
    bool excused = false;
    for (size_t i = 0; i < table->line_count; i++) {
        struct cross_line *line = &table->lines[i];
        bool names_it = line->operations & 1U << operation;
        if (!meets(line, phase, fault) || (line->operations && !names_it))
            continue;
        if (line->why) {
            excused = line->used = true;
            continue;
        }
        struct cross_line **found = names_it ? &named : &rest;
        if (*found)
            die(r, line->number, "%s, %s, %s: line %u says it too", cross_phases[phase],
                r->faults[fault], cross_operations[operation], (*found)->number);
        *found = line;
    }
    const struct cross_line *line = named ? named : rest;
    if (excused && named)
        die(r, named->number, "%s, %s, %s: another line says it never is", cross_phases[phase],
            r->faults[fault], cross_operations[operation]);
    if (excused) {
        table->never++;
        return;
    }
    if (!line)
        die(r, 0, "%s, %s, %s: nothing is said of it", cross_phases[phase], r->faults[fault],
            cross_operations[operation]);
    *(named ? &named->used : &rest->used) = true;
    table->cells[table->count++] = (struct cross_cell){
        .phase = (enum cross_phase)phase,
        .fault = r->faults[fault],
        .operation = (enum cross_operation)operation,
        .sys = line->sys,
        .attempts = line->attempts,
        .words = line->words,
        .line = line->number,
    };
}

static char *read_text(const struct reader *r)
{
    FILE *file = fopen(r->path, "re");
    long size;
    if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) < 0)
        die(r, 0, "%s", strerror(errno));
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        die(r, 0, "cannot be read");
    (void)fclose(file);
    return text;
}

void cross_table_read(const char *path, struct cross_table *ret)
{
    struct reader r = {.path = path, .table = ret};
    *ret = (struct cross_table){
        .text = read_text(&r),
        .lines = calloc(LINES_MAX, sizeof(struct cross_line)),
    };
    if (!ret->lines)
        die(&r, 0, "out of memory");
    char *next = ret->text;
    for (char *line; (line = strsep(&next, "\n"));) {
        r.number++;
        take_line(&r, line);
    }
    ret->cells = calloc(PHASES * r.fault_count * OPERATIONS + 1, sizeof(struct cross_cell));
    if (!ret->cells)
        die(&r, 0, "out of memory");
    for (size_t phase = 0; phase < PHASES; phase++)
        for (size_t fault = 0; fault < r.fault_count; fault++)
            for (size_t operation = 0; operation < OPERATIONS; operation++)
                settle(&r, phase, fault, operation);
    for (size_t i = 0; i < ret->line_count; i++)
        if (!ret->lines[i].used)
            die(&r, ret->lines[i].number, "this line is never used");
}

void cross_table_done(struct cross_table *table)
{
    free(table->cells);
    free(table->lines);
    free(table->text);
    *table = (struct cross_table){0};
}
