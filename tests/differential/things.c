/* Operations of a service that is not, in every protocol, with a member of every kind: what
 * cases_things.py has for botocore as models. */
#include "driver.h"

#include "unit/aws/shapes.h"

#define SERVICE(protocol_, version_)                                                           \
    {                                                                                          \
        .id = "Things", .endpoint_prefix = "things", .signing_name = "things",                 \
        .protocol = (protocol_), .api_version = "2020-01-01", .target_prefix = "Things_1",     \
        .json_version = (version_), .xml_namespace = "http://things/",                         \
    }
#define OPERATION(service_, wrapper_)                                                          \
    {                                                                                          \
        .name = "DoThing", .service = &(service_), .method = "POST", .uri = "/",               \
        .input = &thing_shape, .output = &thing_shape, .result_wrapper = (wrapper_),           \
    }

static const struct pail_service rest_xml = SERVICE(PAIL_REST_XML, NULL);
static const struct pail_service rest_json = SERVICE(PAIL_REST_JSON, NULL);
static const struct pail_service json = SERVICE(PAIL_JSON, "1.1");
static const struct pail_service query = SERVICE(PAIL_QUERY, NULL);

const struct pail_operation things_rest_xml = OPERATION(rest_xml, NULL);
const struct pail_operation things_rest_json = OPERATION(rest_json, NULL);
const struct pail_operation things_json = OPERATION(json, NULL);
const struct pail_operation things_query = OPERATION(query, "DoThingResult");
