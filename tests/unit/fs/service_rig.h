/* unit/fs/service_rig.h: a source over a client whose answers are played, on a clock that the
 * test moves: one thread, no sockets. What suites of sources over JSON services share. */
#ifndef UNIT_FS_SERVICE_RIG_H
#define UNIT_FS_SERVICE_RIG_H

#include "unit/check.h"

#include "base/str.h"
#include "fs/source_reader.h"
#include "fs/sources.h"
#include "unit/scripted_transport.h"

#include <errno.h>
#include <stdio.h>

struct rig {
    struct transport *transport;
    struct pail_client *client;
    struct mailbox *mailbox;
    struct timers timers;
    const struct clock *clock;
    struct source_config config; /* changed before rig_make */
    struct source *source;
};
extern struct rig rig;

/* A checked fixture: a client, no source yet. */
void rig_setup(void);
void rig_teardown(void);
/* Makes the source of a URL, in place of the one before. */
void rig_make(const char *url);

/* What the next request for this operation, that has none yet, is answered with: 200, or an
 * error {"__type": CODE}. The last one played for an operation is given again and again. An
 * operation without any: 500. */
void rig_play(const char *operation, const char *body);
void rig_play_bytes(const char *operation, const char *headers, struct pail_str body);
void rig_play_error(const char *operation, int status, const char *code);
/* What was played for the operation is forgotten. */
void rig_forget(const char *operation);

/* How often the operation was asked for; the body of the i-th such request; that of the last.
 */
size_t rig_asked(const char *operation);
const char *rig_body(const char *operation, size_t i);
const char *rig_last(const char *operation);
/* When the i-th was asked for, in milliseconds since the start. */
int64_t rig_asked_ms(const char *operation, size_t i);

/* Delivers, fires timers and plays what is due now, until nothing is left to do. */
void rig_settle(void);
/* Moves the clock too, event by event; then it stands `ms` later. */
void rig_run_for(int64_t ms);
/* Until nothing is under way, wherever that moves the clock. */
void rig_run(void);

/* ---- requests; each is released by rig_release ---- */

extern size_t rig_dones; /* how often done came */

void rig_lookup_start(struct source_lookup *lookup, const char *path);
void rig_list_start(struct source_list *list, const char *path, struct pail_str cursor);
void rig_more_start(struct source_more *more, struct source_reader *reader);
void rig_cancel(struct source_request *request);
void rig_release(struct source_request *request);
/* The same and run: the status. */
int rig_lookup(struct source_lookup *lookup, const char *path);
int rig_list(struct source_list *list, const char *path);
int rig_more(struct source_more *more, struct source_reader *reader);
struct source_reader *rig_open(const char *path);
/* What the reader brings next is this text ("": none), and then there is more to come, or that
 * is the end for now or for ever; or it fails. */
enum { MORE, END, FINISHED };
void rig_check_more(struct source_more *more, struct source_reader *reader, const char *text,
                    int how);
void rig_check_fails(struct source_more *more, struct source_reader *reader, int status);
void rig_close(struct source_reader *reader);

/* "a b/ (c)" of a page: hidden ones in brackets. In a static buffer. */
const char *rig_names(const struct source_list *list);
/* A whole listing page by page: its names, or the status in words. */
const char *rig_list_all(const char *path);

#endif
