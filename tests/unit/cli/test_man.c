/* The man pages tell of every option, and say its default. */
#include "unit/check.h"

#include "cli/pail_output.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_page(const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), PAIL_SOURCE_DIR "/src/cli/%s", name);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s", path);
    char *text = calloc(1, 65536);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_gt(fread(text, 1, 65535, file), 0);
    fclose(file);
    return text;
}

/* The line that starts the option's paragraph: "\n.B name\n", "\n.BI name"; with a letter
 * "\n.BR \-l ", " name". What follows it. */
static const char *find_paragraph(const char *page, const struct option *row,
                                  const struct option_table *table)
{
    bool dashes = table->separator == '-';
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 1024);
    buf_add_c(&b, row->letter ? "\n.BR " : row->argument ? "\n.BI " : "\n.B ");
    if (row->letter)
        buf_addf(&b, "\\-%c \", \" ", row->letter);
    buf_add_c(&b, dashes ? "\\-\\-" : "");
    for (const char *c = row->name; *c; c++) {
        if (dashes && *c == '_')
            buf_add_c(&b, "\\-");
        else
            buf_add_byte(&b, *c);
    }
    if (row->argument && dashes)
        buf_addf(&b, " \" %s\"\n", row->argument);
    else if (row->argument)
        buf_addf(&b, "= %s\n", row->argument);
    else
        buf_add_byte(&b, '\n');
    const char *found = strstr(page, buf_c(&b));
    ck_assert_msg(found != NULL, "the man page has no line%s", buf_c(&b));
    return found + buf_str(&b).len;
}

START_TEST(pailfs_page_has_every_option)
{
    char *page = read_page("pailfs.1");
    const struct option_table *table = &options_of_pailfs;
    for (size_t i = 0; i < table->count; i++) {
        const struct option *row = &table->rows[i];
        if (!row->help || !(row->programs & OPTION_PAILFS))
            continue;
        const char *from = find_paragraph(page, row, table);
        const char *to = strstr(from, "\n.TP");
        const char *said =
            row->initial ? memmem(from, (size_t)(to - from), row->initial, strlen(row->initial))
                         : from;
        ck_assert_msg(said != NULL, "%s: its default %s", row->name, row->initial);
    }
    free(page);
}
END_TEST

START_TEST(pail_page_has_every_option)
{
    char *page = read_page("pail.1");
    const struct option_table *table = &options_of_pail;
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].programs & OPTION_PAIL) && table->rows[i].help)
            find_paragraph(page, &table->rows[i], table);
    }
    free(page);
}
END_TEST

/* The part of the page about the command: as a heap string. */
static char *section_of(const char *page, const char *command)
{
    char heading[64];
    snprintf(heading, sizeof(heading), "\n.SS pail %s\n", command);
    const char *from = strstr(page, heading);
    ck_assert_msg(from != NULL, "the man page has no section%s", heading);
    const char *to = strstr(from + strlen(heading), "\n.S");
    ck_assert_ptr_nonnull(to);
    char *section = strndup(from, (size_t)(to - from) + 1);
    ck_assert_ptr_nonnull(section);
    return section;
}

START_TEST(pail_page_has_every_command)
{
    char *page = read_page("pail.1");
    for (size_t i = 0; pail_commands[i]; i++) {
        const struct option_table *own = &pail_commands[i]->options;
        char *section = section_of(page, pail_commands[i]->name);
        size_t told = 0;
        for (size_t row = 0; row < own->count; row++)
            find_paragraph(section, &own->rows[row], own);
        for (const char *at = section; (at = strstr(at, "\n.TP\n")); at++)
            told++;
        ck_assert_msg(told == own->count, "pail %s: %zu options, the page has %zu",
                      pail_commands[i]->name, own->count, told);
        free(section);
    }
    free(page);
}
END_TEST

/* The page's exit statuses are the program's. */
START_TEST(pail_page_has_every_exit_status)
{
    char *page = read_page("pail.1");
    static const int statuses[] = {EXIT_OK,     EXIT_FAILED,  EXIT_USAGE,   EXIT_MISSING,
                                   EXIT_DENIED, EXIT_NETWORK, EXIT_FUNCTION};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        char line[32];
        snprintf(line, sizeof(line), "\n.TP\n.B %d\n", statuses[i]);
        ck_assert_msg(strstr(page, line) != NULL, "the man page has no line%s", line);
    }
    free(page);
}
END_TEST

SUITE_MAIN("cli/man", tcase_add_test(tc, pailfs_page_has_every_option);
           tcase_add_test(tc, pail_page_has_every_option);
           tcase_add_test(tc, pail_page_has_every_command);
           tcase_add_test(tc, pail_page_has_every_exit_status));
