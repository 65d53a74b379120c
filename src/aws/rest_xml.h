/* aws/rest_xml.h: an XML body as an operation's output, or as an error: rest-xml and query. Fed
 * in pieces; one thread at a time. Behaviour: botocore parsers.py, RestXMLParser and
 * QueryParser. */
#ifndef AWS_REST_XML_H
#define AWS_REST_XML_H

#include "aws/facts.h"
#include "base/arena.h"

#include <pail/model.h>

struct rest_xml;

/* Parses into `out`'s body members, all zero before; `out` NULL: errors only, everything else
 * is skipped. Where the output shape has a name, the root must bear it. Unknown elements are
 * skipped; of a scalar that comes twice the last counts. `arena` and `out` must stay. NULL on
 * ENOMEM. */
struct rest_xml *rest_xml_new(const struct pail_operation *op, struct arena *arena, void *out);
void rest_xml_free(struct rest_xml *p);

/* As xml_feed: -EPROTO also for a value that does not parse, a required member that is missing,
 * a root of another name. */
int rest_xml_feed(struct rest_xml *p, const char *data, size_t len);
/* As xml_finish; then undoes encoding-type=url. */
int rest_xml_finish(struct rest_xml *p);
/* What was wrong, in words. Borrowed. */
const char *rest_xml_reason(const struct rest_xml *p);
/* Complete after rest_xml_finish. Borrowed. */
const struct body_facts *rest_xml_facts(const struct rest_xml *p);

DEFINE_CLEANUP(rest_xml, struct rest_xml *, rest_xml_free);

#endif
