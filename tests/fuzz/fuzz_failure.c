/* Any names and anything that a service says of a failure: what the log and user.pail.error
 * tell of it is one line of text, whole, whatever was in them. The lines of the input are names
 * from the root down to an empty one, then code, message, request id, host id, and a name more.
 */
#include "fuzz/fuzz.h"

#include "base/log.h"
#include "fs/failure.h"
#include "fs/fs.h"
#include "fs/tree.h"

#include <errno.h>
#include <stdlib.h>

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void uri(struct source *source, struct pail_str path, struct buf *b)
{
    (void)source;
    buf_add_c(b, "s3://bucket/");
    buf_add_str(b, path);
}

static const struct source_ops ops = {.uri = uri};

static struct pail_str next(struct pail_str *rest)
{
    struct pail_str line = PAIL_STR("");
    (void)str_next(rest, '\n', &line);
    return line;
}

static void check_line(const char *text, int status)
{
    require(strlen(text) < LOG_LINE_MAX + sizeof("2026-01-02T03:04:05Z "));
    require(str_is_utf8(str_c(text)));
    for (const char *at = text; *at; at++)
        require((unsigned char)*at >= ' ' && *at != 0x7f &&
                !((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0));
    require(strstr(text, pail_errno_name(-status)) != NULL);
}

static void tell(struct fs *fs, struct node *node, struct pail_str name,
                 struct source_request *request)
{
    failure_note_name(fs, node, name, "lookup", request->status, request);
    check_line(node->extra->failure, request->status);
    failure_note(fs, node, "read", request->status, request);
    check_line(node->extra->failure, request->status);
    failure_note_deadline(fs, node, name, "lookup", 1000, name);
    check_line(node->extra->failure, -ETIMEDOUT);
    failure_unreachable(fs, node, 1, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {.ops = &ops};
    struct fs fs;
    struct mailbox *mailbox = mailbox_new();
    const struct fs_options options = {.top = "/mnt", .memory_limit = 1 << 20};
    require(mailbox && fs_init(&fs, &options, &source, mailbox, &clock_system) == 0);
    struct pail_str rest = str_of((const char *)data, size), name = next(&rest);
    struct node *node = node_ref(fs.tree->root);
    for (int depth = 0; depth < 6 && name.len > 0; depth++, name = next(&rest)) {
        struct pail_str cut = str_sub(name, 0, SOURCE_NAME_MAX);
        const struct source_entry entry = {.name = cut, .type = ENTRY_DIRECTORY};
        struct node *below =
            memchr(cut.ptr, '\0', cut.len) ? NULL : node_new(&fs, node, &entry, 0);
        if (!below)
            break;
        node_unref(&fs, node);
        node = below;
    }
    struct source_request request = {
        .status = -EIO, .first = size, .last = size * 2, .error = {.sys = EIO, .attempts = 3}};
    struct pail_error *error = &request.error;
    str_copy(error->code, sizeof(error->code), next(&rest));
    str_copy(error->message, sizeof(error->message), next(&rest));
    str_copy(error->operation, sizeof(error->operation), PAIL_STR("GetObject"));
    str_copy(error->request_id, sizeof(error->request_id), next(&rest));
    str_copy(error->host_id, sizeof(error->host_id), next(&rest));
    tell(&fs, node, str_sub(rest, 0, SOURCE_NAME_MAX), &request);
    node_unref(&fs, node);
    fs_done(&fs);
    mailbox_free(mailbox);
    return 0;
}
