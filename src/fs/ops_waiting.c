/* fs/ops_waiting.c: the operations that wait, told in the log. */
#include "base/log.h"
#include "fs/caller.h"
#include "fs/failure.h"
#include "fs/ops_internal.h"
#include "fs/pages.h"

#include <inttypes.h>

static int64_t ms_since(const struct fs *fs, int64_t since_ns)
{
    return (clock_now_ns(fs->clock) - since_ns) / NS_PER_MS;
}

static void log_summary(const struct fs *fs)
{
    size_t requests = 0;
    int64_t oldest_ms = 0;
    for (const struct source_request *r = fs->under_way; r; r = r->next) {
        int64_t age_ms = ms_since(fs, r->started_ns);
        oldest_ms = age_ms > oldest_ms ? age_ms : oldest_ms;
        requests++;
    }
    log_notice("waiting: %zu operations, the oldest for %" PRId64
               " ms; %zu requests of the service under way, the oldest for %" PRId64
               " ms; %" PRIu64 " bytes of contents held",
               fs->parking.count, parking_oldest_ms(&fs->parking), requests, oldest_ms,
               fs->pages->used);
}

static void log_one(struct fs *fs, struct op *op)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 2 * LOG_LINE_MAX);
    char program[CALLER_NAME_SIZE];
    buf_addf(&b, "waiting: %s ", op->parked.what);
    failure_add_place(fs, op->node, op->name, &b);
    buf_addf(&b, ") for %" PRId64 " ms, asked by ", ms_since(fs, op->parked.since_ns));
    caller_name(op->parked.caller, program);
    buf_add_escaped(&b, str_c(program));
    if (op->parked.caller > 0)
        buf_addf(&b, "%sthread %d", program[0] ? ", " : "", (int)op->parked.caller);
    else
        buf_add_c(&b, "a process of another namespace");
    buf_add_c(&b, ": ");
    op->waits_for(op, &b);
    if (!buf_failed(&b))
        log_notice("%s", buf_c(&b));
}

void ops_log_waiting(struct fs *fs)
{
    log_summary(fs);
    size_t shown = 0;
    for (struct parked *p = fs->parking.oldest; p && shown < OPS_WAITING_SHOWN;
         p = p->newer, shown++)
        log_one(fs, CONTAINER_OF(p, struct op, parked));
    if (fs->parking.count > shown)
        log_notice("waiting: %zu younger operations are not shown", fs->parking.count - shown);
}
