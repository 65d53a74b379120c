#include "aws/xml.h"

#include "base/buf.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>

struct xml {
    XML_Parser parser;
    const struct xml_handler *handler;
    void *user;
    struct buf text;
    unsigned depth;
    int failed; /* 0 or -errno; sticky */
    char reason[128];
};

struct pail_str xml_local_name(const char *name)
{
    const char *start = name, *c = name;
    for (; *c; c++)
        if (*c == ':')
            start = c + 1;
    return str_of(start, (size_t)(c - start));
}

/* Notes the first failure and stops the parser. */
static void fail(struct xml *x, int error, const char *reason)
{
    if (x->failed)
        return;
    x->failed = error;
    snprintf(x->reason, sizeof(x->reason), "line %lu: %s",
             (unsigned long)XML_GetCurrentLineNumber(x->parser), reason);
    XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct xml *x = user;
    if (x->failed)
        return;
    if (x->depth == XML_DEPTH_MAX) {
        fail(x, -EPROTO, "elements nested too deeply");
        return;
    }
    if (*attributes && XML_GetSpecifiedAttributeCount(x->parser) > 2 * XML_ATTRIBUTES_MAX) {
        fail(x, -EPROTO, "too many attributes");
        return;
    }
    x->depth++;
    buf_reset(&x->text);
    int r = x->handler->start(x->user, xml_local_name(name), (const char *const *)attributes);
    if (r < 0)
        fail(x, r, "an element that is not what the operation says");
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    (void)name;
    struct xml *x = user;
    if (x->failed)
        return;
    x->depth--;
    int r = x->handler->end(x->user, buf_str(&x->text));
    buf_reset(&x->text);
    if (r < 0)
        fail(x, r, "a value that is not what the operation says");
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
    struct xml *x = user;
    if (x->failed)
        return;
    buf_add(&x->text, text, (size_t)len);
    if (buf_failed(&x->text) == -ENOMEM)
        fail(x, -ENOMEM, "out of memory");
    else if (buf_failed(&x->text))
        fail(x, -EPROTO, "text too long");
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    fail(user, -EPROTO, "a document type declaration");
}

struct xml *xml_new(const struct xml_handler *handler, void *user)
{
    CLEANUP(xml) struct xml *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->handler = handler;
    x->user = user;
    buf_init(&x->text, XML_TEXT_MAX);
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser)
        return NULL;
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return STEAL(x);
}

void xml_free(struct xml *x)
{
    if (!x)
        return;
    if (x->parser)
        XML_ParserFree(x->parser);
    buf_done(&x->text);
    free(x);
}

static int parse(struct xml *x, const char *data, size_t len, bool last)
{
    if (x->failed)
        return x->failed;
    if (XML_Parse(x->parser, data, (int)len, last) == XML_STATUS_OK)
        return 0;
    enum XML_Error code = XML_GetErrorCode(x->parser);
    fail(x, code == XML_ERROR_NO_MEMORY ? -ENOMEM : -EPROTO, XML_ErrorString(code));
    return x->failed;
}

int xml_feed(struct xml *x, const char *data, size_t len)
{
    while (len > 0) {
        size_t piece = len < INT_MAX ? len : INT_MAX;
        int r = parse(x, data, piece, false);
        if (r < 0)
            return r;
        data += piece;
        len -= piece;
    }
    return x->failed;
}

int xml_finish(struct xml *x)
{
    return parse(x, "", 0, true);
}

const char *xml_reason(const struct xml *x)
{
    return x->reason;
}
