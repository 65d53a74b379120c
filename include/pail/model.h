/* pail/model.h: operations as data. A descriptor says how a C struct becomes a request and a
 * response becomes a C struct; one serializer and one parser a protocol serve every operation.
 * Descriptors are constant data: anyone may write more. */
#ifndef PAIL_MODEL_H
#define PAIL_MODEL_H

#include <pail/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pail_protocol {
    PAIL_REST_XML,
    PAIL_REST_JSON,
    PAIL_JSON,
    PAIL_QUERY,
};

/* What a shape is, and the C type of a member of that shape. An absent member is all zero. */
enum pail_type {
    PAIL_STRING,    /* struct pail_str */
    PAIL_BLOB,      /* struct pail_str, decoded */
    PAIL_INTEGER,   /* struct pail_int, within int32 */
    PAIL_LONG,      /* struct pail_int */
    PAIL_DOUBLE,    /* struct pail_double */
    PAIL_BOOLEAN,   /* struct pail_bool */
    PAIL_TIMESTAMP, /* struct pail_time */
    PAIL_STRUCTURE, /* const struct x *, NULL when absent */
    PAIL_LIST,      /* struct { const element *items; size_t count; }, items NULL when absent */
    PAIL_MAP,       /* the same over struct { struct pail_str key; value value; } */
    PAIL_STREAM,    /* struct pail_body *: a payload read as it arrives (output), or struct
                       pail_str (input) */
    PAIL_EVENT_STREAM, /* struct pail_event_stream *: a payload of events (output only). The
                        * shape's members are the kinds of events, structures all, with their
                        * places in a C struct of which one member is present at a time */
};

enum pail_location {
    PAIL_IN_BODY = 0,
    PAIL_IN_URI, /* a {label} of the URI; {Label+} keeps '/' */
    PAIL_IN_QUERY,
    PAIL_IN_HEADER,
    PAIL_IN_HEADER_PREFIX, /* a map of strings: every header that starts with the wire name */
    PAIL_IN_STATUS,        /* the HTTP status, an integer */
    PAIL_IN_PAYLOAD,       /* the whole body */
    PAIL_IN_EVENT_HEADER,  /* members of an event: a header of its message; */
    PAIL_IN_EVENT_PAYLOAD, /* its whole payload: a blob or string as it is, or a structure.
                            * Those in the body: of the document that the payload is where none
                            * is PAIL_IN_EVENT_PAYLOAD */
};

enum pail_timestamp_format {
    PAIL_TIME_DEFAULT = 0, /* the protocol's and location's own */
    PAIL_TIME_ISO8601,
    PAIL_TIME_HTTP_DATE,
    PAIL_TIME_EPOCH,
};

/* Flags of a member. */
#define PAIL_REQUIRED                                                                          \
    (1U << 0) /* input, of any structure in it: its absence is -EINVAL before anything is      \
               * sent; output, in the body: -EPROTO */
#define PAIL_FLATTENED (1U << 1) /* list or map without its own element around the members */
#define PAIL_ATTRIBUTE (1U << 2) /* XML: an attribute of the parent element */
#define PAIL_URL_ENCODED                                                                       \
    (1U << 3) /* output: unquote-plus it where PAIL_ENCODING_TYPE says so (S3 listings) */
#define PAIL_LENIENT                                                                           \
    (1U << 4) /* output: a value that does not parse leaves the member absent instead of       \
                 failing */
#define PAIL_HOST_LABEL                                                                        \
    (1U << 5) /* input: also fills the {label} of the operation's host prefix */
#define PAIL_IDEMPOTENCY_TOKEN (1U << 6) /* input: a random UUID when absent */
#define PAIL_ENCODING_TYPE                                                                     \
    (1U << 7) /* output: its value `url` says that the PAIL_URL_ENCODED members are */
#define PAIL_KEY_AND_MD5                                                                       \
    (1U << 8) /* input header: raw bytes, sent as base64, and their MD5 as base64 in the       \
               * header NAME-MD5; sent as it is where the member of that header is present */
#define PAIL_EXCEPTION                                                                         \
    (1U << 9) /* of an event stream: not an event but an error, which ends it; the structure's \
               * string `message` is the error's. It has no place in the C struct */
#define PAIL_LAST_EVENT                                                                        \
    (1U << 10) /* of an event stream: one that ends without this event was cut off */

/* Flags of a structure shape. */
#define PAIL_UNION                                                                             \
    (1U                                                                                        \
     << 8) /* exactly one member is present: else an input is -EINVAL. In an output more than  \
            * one are -EPROTO; none is where the response has one that is not known here */

struct pail_shape;

struct pail_member {
    const char *name; /* the model's name, "ETag": what the generic printer shows */
    const char *wire; /* name on the wire; NULL: the same */
    const struct pail_shape *shape;
    enum pail_location location;
    unsigned flags;
    size_t offset; /* in the C struct */
    const char
        *fallback; /* input, a string: sent where the member is absent; NULL: nothing is */
};

struct pail_shape {
    enum pail_type type;
    const char *name; /* structures: the XML element when it is the payload or the whole body,
                         in outputs checked; NULL: any */
    size_t size;      /* structures, event streams: sizeof the C struct; others 0 */
    unsigned flags;
    enum pail_timestamp_format timestamp_format;
    /* PAIL_STRUCTURE, PAIL_EVENT_STREAM */
    const struct pail_member *members;
    size_t member_count;
    const char *xml_namespace; /* put on the element when serialized; NULL: none */
    /* PAIL_LIST, PAIL_MAP */
    const struct pail_shape *element; /* list element, map value */
    const char *element_name;         /* XML; NULL: "member" (list), "value" (map) */
    const char *key_name;             /* XML map; NULL: "key" */
    const char *entry_name;           /* XML map; NULL: "entry" */
};

struct pail_service {
    const char
        *id; /* "S3", "CloudWatch Logs": names AWS_ENDPOINT_URL_<ID> and the services section */
    const char *endpoint_prefix; /* "s3", "logs": first label of AWS's host name */
    const char *signing_name;    /* "s3", "logs" */
    enum pail_protocol protocol;
    const char *api_version;   /* "2006-03-01" */
    const char *target_prefix; /* JSON: "Logs_20140328" */
    const char *json_version;  /* JSON: "1.1" */
    const char *xml_namespace; /* rest-xml: default of payload elements */
    const char
        *default_region; /* used where none is configured; NULL: a region must be configured */
};

/* Flags of an operation. */
#define PAIL_OP_UNSIGNED (1U << 0) /* sent without a signature */
#define PAIL_OP_ERROR_IN_200                                                                   \
    (1U << 1) /* a 200 may hold an error, or be cut: an error root, bad XML or an empty body   \
               * is one. An error in a 200 is reported, and retried, as a 500 */
#define PAIL_OP_PATH_STYLE (1U << 2) /* S3: always path style (GetBucketLocation) */
#define PAIL_OP_CHECKSUM                                                                       \
    (1U << 3) /* the response may carry checksums of its payload: verify them */
#define PAIL_OP_RAW_ROOT                                                                       \
    (1U << 4) /* the one body member is the root element's text (GetBucketLocation) */
#define PAIL_OP_SECRET                                                                         \
    (1U << 5) /* the response holds keys: no core dump holds it, and it is wiped when it is    \
                 released */

struct pail_operation {
    const char *name; /* "GetObject" */
    const struct pail_service *service;
    const char *method;
    const char *uri;                /* "/{Bucket}/{Key+}?list-type=2" */
    const char *host_prefix;        /* "stream-"; NULL: none. Not used with a custom endpoint */
    const struct pail_shape *input; /* a structure, or NULL: none */
    const struct pail_shape
        *output; /* a structure whose C struct starts with struct pail_response */
    const char *result_wrapper; /* query: the element around the output */
    unsigned flags;
};

struct pail_header {
    struct pail_str name; /* as received */
    struct pail_str value;
};

/* What is known of the response itself: first in every output struct, filled on failure too as
 * far as a response arrived. */
struct pail_response {
    int http_status; /* 0: no response */
    struct pail_str request_id;
    struct pail_str host_id;
    const struct pail_header *headers; /* every field, in order */
    size_t header_count;
    unsigned retry_attempts; /* requests sent after the first, redirects included */
    bool max_attempts_reached;
    bool retry_quota_reached;
    struct pail_str checksum_algorithm; /* that the payload is verified with; absent: none */
    void *arena; /* the library's: what the output's members point into */
};

/* Descriptor helpers: PAIL_FIELD(struct x, field, "Name", "wire", &shape, location, flags), and
 * any more initializers. */
#define PAIL_FIELD(type_, field_, name_, wire_, shape_, location_, ...)                        \
    {                                                                                          \
        .name = (name_), .wire = (wire_), .shape = (shape_), .location = (location_),          \
        .offset = offsetof(type_, field_), .flags = __VA_ARGS__                                \
    }
#define PAIL_STRUCTURE_SHAPE(type_, name_, members_)                                           \
    {                                                                                          \
        .type = PAIL_STRUCTURE, .name = (name_), .size = sizeof(type_), .members = (members_), \
        .member_count = sizeof(members_) / sizeof((members_)[0])                               \
    }
#define PAIL_EVENT_STREAM_SHAPE(type_, members_)                                               \
    {                                                                                          \
        .type = PAIL_EVENT_STREAM, .size = sizeof(type_), .members = (members_),               \
        .member_count = sizeof(members_) / sizeof((members_)[0])                               \
    }
#define PAIL_LIST_SHAPE(element_, element_name_)                                               \
    {                                                                                          \
        .type = PAIL_LIST, .element = (element_), .element_name = (element_name_)              \
    }

/* Shapes of the plain types, for use in descriptors. */
extern PAIL_API const struct pail_shape pail_shape_string;
extern PAIL_API const struct pail_shape pail_shape_blob;
extern PAIL_API const struct pail_shape pail_shape_integer;
extern PAIL_API const struct pail_shape pail_shape_long;
extern PAIL_API const struct pail_shape pail_shape_double;
extern PAIL_API const struct pail_shape pail_shape_boolean;
extern PAIL_API const struct pail_shape pail_shape_timestamp;
extern PAIL_API const struct pail_shape pail_shape_stream;
extern PAIL_API const struct pail_shape pail_shape_empty;       /* struct pail_empty */
extern PAIL_API const struct pail_shape pail_shape_string_list; /* struct pail_str_list */
extern PAIL_API const struct pail_shape pail_shape_string_map;  /* struct pail_str_map */

/* A header's value, the first of that name without regard to case; absent if there is none.
 * Borrowed. */
PAIL_API struct pail_str pail_response_header(const struct pail_response *response,
                                              const char *name);

/* The output as JSON text, by walking its descriptor: members by their model names, timestamps
 * as ISO 8601 strings, blobs as base64, absent members left out, streams as null. Members that
 * the descriptor does not name (the response) are not shown. 0 with a heap string the caller
 * frees, or -ENOMEM. Any thread that may read the output. */
PAIL_API int pail_output_json(const struct pail_operation *operation, const void *output,
                              char **ret);

/* Releases what the output's members point to, closes its stream if it has one, zeroes it.
 * NULL-safe, repeatable. */
PAIL_API void pail_output_free(const struct pail_operation *operation, void *output);
/* For pail_x_operation with struct pail_x_output: PAIL_CLEANUP(pail_x_output) struct
 * pail_x_output out = {0}; */
#define PAIL_DEFINE_OUTPUT_CLEANUP(operation)                                                  \
    static inline void operation##_output_cleanup_(struct operation##_output *local)           \
    {                                                                                          \
        pail_output_free(&operation##_operation, local);                                       \
    }

#ifdef __cplusplus
}
#endif
#endif
