/* unit/fs/memory_rig.h: a source over a client that this thread drives, so that nothing else
 * allocates meanwhile, and its requests with every allocation failing in turn. */
#ifndef UNIT_FS_MEMORY_RIG_H
#define UNIT_FS_MEMORY_RIG_H

#include "unit/check.h"

#include "fs/sources.h"
#include "unit/scripted_transport.h"

extern struct source *memory_source;

/* A source of the URL, whose requests `respond` answers. */
void memory_rig_setup(const char *url,
                      void (*respond)(void *user, const struct scripted_request *request,
                                      struct scripted_response *ret));
void memory_rig_teardown(void);

/* Starts a request with its `done` filled in; looks at what it brought. */
struct memory_operation {
    void (*start)(source_done *done);
    void (*check)(void);
    struct source_request *request;
};

/* Without memory after the first, second... allocation, until there is enough: each time it is
 * done once, with -ENOMEM, and in the end with success. */
void memory_rig_run(const struct memory_operation *operation);
/* Once, with all the memory that it wants: its status. It is not released. */
int memory_rig_once(const struct memory_operation *operation);

#endif
