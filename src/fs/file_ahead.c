/* fs/file_ahead.c: content of files fetched before they are opened. */
#include "fs/file_internal.h"

/* More of what is being fetched ahead already, if that is worth a GET. */
static bool fetch_more(struct file *file, uint64_t bytes)
{
    struct fs *fs = file->fs;
    uint64_t part_size = file_part_size(file), more = bytes - file->ahead_bytes;
    if (more < part_size && bytes < file->node->size)
        return true;
    if (fs->ahead_bytes + more > fs->pages->limit / 4)
        return false;
    file->ahead_bytes += more;
    fs->ahead_bytes += more;
    file_fetch(file, 0, 0, bytes, 0);
    return true;
}

bool file_fetch_ahead(struct fs *fs, struct node *node, uint64_t bytes)
{
    struct file *file = node->file;
    if (bytes > node->size || node->size <= FILE_WHOLE_MAX)
        bytes = node->size;
    if (file)
        return !file->ahead || bytes <= file->ahead_bytes || fetch_more(file, bytes);
    if (fs->ahead_bytes + bytes > fs->pages->limit / 4)
        return false;
    file = file_of(fs, node);
    if (!file)
        return false;
    file->ahead = true;
    file->ahead_bytes = bytes;
    fs->ahead_bytes += bytes;
    timer_set(&fs->timers, &file->linger,
              clock_after_ms(clock_now_ns(fs->clock), FILE_AHEAD_MS));
    file_fetch(file, 0, 0, bytes, 0);
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
        file->fs->ahead_bytes -= file->ahead_bytes;
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
