/* Any bytes as a stream of messages. */
#include "fuzz/fuzz.h"

#include "fuzz/frame.h"

#include <errno.h>
#include <stdlib.h>

static void use(struct pail_str message)
{
    static struct event_frame frame;
    int r = event_frame_parse(message, &frame);
    if (r < 0) {
        if (r != -EBADMSG && r != -EPROTO)
            abort();
        return;
    }
    const char *end = message.ptr + message.len - 4;
    if (frame.payload.ptr + frame.payload.len != end)
        abort();
    for (size_t i = 0; i < frame.header_count; i++) {
        const struct event_header *header = &frame.headers[i];
        struct pail_str bytes = header->bytes;
        if (header->name.ptr < message.ptr || (bytes.ptr && bytes.ptr + bytes.len > end))
            abort();
        if (bytes.ptr && header->type < EVENT_BYTES)
            abort();
    }
}

static void use_mended(struct pail_str message)
{
    char *mended = frame_mend(message);
    if (mended)
        use(str_of(mended, message.len));
    free(mended);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_frame_reader reader = {.data = NULL};
    struct pail_str rest = str_of((const char *)data, size);
    use(rest);
    use_mended(rest);
    while (rest.len > 0) {
        size_t room_size;
        char *room = event_frame_room(&reader, &room_size);
        struct pail_str piece = str_sub(rest, 0, room_size);
        memcpy(room, piece.ptr, piece.len);
        rest = str_sub(rest, piece.len, rest.len);
        int r = event_frame_filled(&reader, piece.len);
        if (r < 0)
            break;
        if (r == 0)
            continue;
        use(event_frame_message(&reader));
        event_frame_next(&reader);
    }
    event_frame_reader_done(&reader);
    return 0;
}
