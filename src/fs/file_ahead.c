/* fs/file_ahead.c: content of small files fetched before they are opened. */
#include "fs/file_internal.h"

bool file_fetch_ahead(struct fs *fs, struct node *node)
{
    uint64_t size = node->size;
    if (node->file)
        return true;
    if (fs->ahead_bytes + size > fs->pages->limit / 4)
        return false;
    struct file *file = file_of(fs, node);
    if (!file)
        return false;
    file->ahead = true;
    fs->ahead_bytes += size;
    timer_set(&fs->timers, &file->linger,
              clock_after_ms(clock_now_ns(fs->clock), FILE_AHEAD_MS));
    file_fetch(file, 0, 0, size, 0);
    if (file->running > 0) {
        fs->stats.ahead++;
        return true;
    }
    timer_cancel(&fs->timers, &file->linger);
    file_settle(file);
    return false;
}

bool file_end_ahead(struct file *file)
{
    bool ahead = file->ahead;
    if (ahead) {
        file->ahead = false;
        file->fs->ahead_bytes -= file->node->size;
    }
    return ahead;
}

bool file_drop_ahead(struct node *node)
{
    struct file *file = node->type == ENTRY_FILE ? node->file : NULL;
    if (!file || !file->ahead)
        return false;
    timer_cancel(&file->fs->timers, &file->linger);
    file_settle(file);
    return true;
}
