/* table.h: cross.table: what becomes of every failure, in every phase, for every operation.
 *
 * The table is whole or the program ends with what is wrong with its line: every phase, fault
 * and operation it declares is met by exactly one expectation, or by `never` lines that say why
 * it cannot be. A fault may end in '*' for all that begin so. Test code: running out of memory
 * ends the process. */
#ifndef CROSS_TABLE_H
#define CROSS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum cross_phase { RESOLVE, CONNECT, TLS, HEADERS, EARLY, LATE, BETWEEN, PHASES };

enum cross_operation {
    LOOKUP,
    PROBE,
    READDIR,
    READDIR_LATER,
    OPEN,
    READ,
    READ_LATER,
    GETXATTR,
    MOUNT,
    OPERATIONS
};

/* One phase, fault and operation, and what it must come to. */
struct cross_cell {
    enum cross_phase phase;
    const char *fault;
    enum cross_operation operation;
    int sys; /* errno; 0: success */
    unsigned attempts;
    const char *words; /* in the log line; NULL: those of the fault's status */
    unsigned line;     /* of the table */
};

struct cross_table {
    struct cross_cell *cells;
    size_t count;
    size_t never; /* how many cannot be */
    /* The reader's: */
    char *text;
    struct cross_line *lines;
    size_t line_count;
};

extern const char *const cross_phases[PHASES];
extern const char *const cross_operations[OPERATIONS];

void cross_table_read(const char *path, struct cross_table *ret);
void cross_table_done(struct cross_table *table);

#endif
