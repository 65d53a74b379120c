/* aws/xml.h: XML as a stream of elements, within limits. The only user of expat.
 *
 * Fed in pieces of any size as they arrive. Names lose their namespace prefix. A document type
 * declaration is refused, and with it every entity but the five predefined ones. One thread at
 * a time. */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "base/cleanup.h"
#include "base/str.h"

#define XML_DEPTH_MAX      64            /* elements inside each other */
#define XML_TEXT_MAX       (1024 * 1024) /* bytes of text between two tags */
#define XML_ATTRIBUTES_MAX 16            /* of one element */

struct xml;

/* What happens to the elements. Both return 0, or -errno: feeding then stops with it. */
struct xml_handler {
    /* `attributes`: name, value, name, value... and NULL; names with their prefix. Borrowed for
     * the call, as is `name`, which has a NUL after it. */
    int (*start)(void *user, struct pail_str name, const char *const *attributes);
    /* `text`: the characters since the last tag, present even when empty: all of an element
     * that holds no others. */
    int (*end)(void *user, struct pail_str text);
};

/* `handler` must stay. NULL on ENOMEM. */
struct xml *xml_new(const struct xml_handler *handler, void *user);
void xml_free(struct xml *x);

/* 0; -EPROTO (not well-formed, or past a limit), -ENOMEM, or what the handler returned. After a
 * failure the same again. */
int xml_feed(struct xml *x, const char *data, size_t len);
/* Nothing more comes: -EPROTO unless the document is whole. */
int xml_finish(struct xml *x);
/* What was wrong, in words with the line; "" if nothing was. Borrowed. */
const char *xml_reason(const struct xml *x);

/* The name after its namespace prefix. */
struct pail_str xml_local_name(const char *name);

DEFINE_CLEANUP(xml, struct xml *, xml_free);

#endif
