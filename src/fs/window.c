#include "fs/window.h"

uint64_t window_read(struct window *w, uint64_t offset, uint64_t len, uint64_t max)
{
    bool follows =
        w->streak > 0 && offset + WINDOW_SLACK >= w->next && offset <= w->next + WINDOW_SLACK;
    if (!follows)
        *w = (struct window){.next = offset, .before = w->streak == 0 ? w->before : 0};
    uint64_t end = offset + len;
    if (end > w->next) {
        w->consumed += end - w->next;
        w->next = end;
    }
    w->streak += w->streak < UINT16_MAX;
    if (!window_sequential(w))
        return 0;
    uint64_t read = w->before + w->consumed;
    uint64_t ahead = read < max / WINDOW_GAIN ? read * WINDOW_GAIN : max;
    if (ahead < WINDOW_MIN)
        ahead = WINDOW_MIN;
    return ahead < max ? ahead : max;
}
