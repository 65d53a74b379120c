#include "cli/pail_listing.h"

#include "aws/json_write.h"
#include "aws/value.h"
#include "base/date.h"
#include "base/when.h"

#include <errno.h>
#include <inttypes.h>

#define PAGE_TEXT_MAX ((size_t)64 * 1024 * 1024)
#define DATE_COLUMN   20
#define SIZE_COLUMN   13

static const struct pail_member *member_of(const struct pail_listing *listing)
{
    const struct pail_shape *shape = listing->form->operation->output;
    for (size_t i = 0; i < shape->member_count; i++) {
        if (str_eq_c(str_c(shape->members[i].name), listing->member))
            return &shape->members[i];
    }
    return NULL;
}

/* False: what is to be shown of the items is not there. */
static bool add_items(struct buf *b, const struct pail_listing *listing, const void *settings)
{
    const struct pail_member *member = member_of(listing);
    struct value_list list = value_list_get(value_member_const(member, listing->out));
    size_t size = value_element_size(member->shape);
    for (size_t i = 0; i < list.count && !buf_failed(b); i++) {
        const char *item = (const char *)list.items + i * size;
        if (listing->json)
            json_write(b, JSON_PRINT, member->shape->element, item);
        else
            listing->add(b, item, settings);
        buf_add_byte(b, '\n');
    }
    return list.count > 0 || listing->form->read(listing->out).count == 0;
}

static int list_page(struct pail_run *run, struct pail_listing *listing,
                     struct list_pages *pages, bool *ret_more)
{
    const struct pail_operation *operation = listing->form->operation;
    const char *reason = NULL;
    const struct pail_call_options limits = pail_limits(run);
    CLEANUP_DONE(buf) struct buf text;
    struct pail_error error = {0};
    buf_init(&text, PAGE_TEXT_MAX);
    int r = pail_call(run->client, operation, listing->in, listing->out, &limits, &error);
    if (r == 0) {
        bool whole = add_items(&text, listing, run->arguments->settings);
        r = list_pages_take(pages, listing->form, listing->out, &reason);
        if (r >= 0 && !whole) {
            reason = "the answer has the names only";
            r = -EPROTO;
        }
        *ret_more = r > 0;
    }
    if (r > 0)
        listing->turn(listing->in, listing->out, str_c(pages->token));
    pail_output_free(operation, listing->out);
    if (error.sys != 0)
        return pail_fail_at(run, listing->subject, &error);
    if (buf_failed(&text) || r == -ENOMEM)
        return pail_fail_memory(run);
    int status = pail_print(run, buf_str(&text));
    if (status == EXIT_OK && r == -EPROTO)
        return pail_fail_malformed(run, listing->subject, reason);
    return status;
}

int pail_list(struct pail_run *run, struct pail_listing *listing)
{
    CLEANUP_DONE(list_pages) struct list_pages pages = {0};
    bool more;
    int status;
    do {
        more = false;
        status = list_page(run, listing, &pages, &more);
    } while (status == EXIT_OK && more);
    return status;
}

void pail_add_second(struct buf *b, struct pail_time time)
{
    time.nanoseconds = 0;
    if (time.present)
        buf_add_iso8601(b, time);
    else
        buf_addf(b, "%*s", -DATE_COLUMN, "-");
    buf_add_byte(b, ' ');
}

void pail_add_second_of(struct buf *b, struct pail_int ms)
{
    pail_add_second(b, ms.present ? when_time(ms.value) : (struct pail_time){.present = false});
}

void pail_add_bytes(struct buf *b, struct pail_int bytes)
{
    if (bytes.present)
        buf_addf(b, "%*" PRId64 " ", SIZE_COLUMN, bytes.value);
    else
        buf_addf(b, "%*s ", SIZE_COLUMN, "-");
}
