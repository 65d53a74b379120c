#include "aws/event_decode.h"

#include "aws/event_frame.h"
#include "aws/json.h"
#include "aws/response.h"
#include "aws/rest_xml.h"
#include "aws/value.h"

#include <errno.h>

#define REASON_MAX 160 /* bytes of why a payload cannot be parsed */

/* One message on its way to an event. */
struct decode {
    const struct pail_operation *op;
    const struct pail_shape *stream;
    struct arena *arena;
    struct event_frame frame;
    struct pail_error *error;
};

const struct pail_shape *event_stream_shape(const struct pail_operation *op)
{
    for (size_t i = 0; i < op->output->member_count; i++)
        if (op->output->members[i].shape->type == PAIL_EVENT_STREAM)
            return op->output->members[i].shape;
    return NULL;
}

static bool is_json(const struct decode *d)
{
    enum pail_protocol protocol = d->op->service->protocol;
    return protocol == PAIL_JSON || protocol == PAIL_REST_JSON;
}

static int out_of_memory(struct decode *d)
{
    if (arena_is_full(d->arena))
        return error_set(d->error, PAIL_ERROR_PARSE, EPROTO,
                         "an event is too large when it is parsed");
    return error_set(d->error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory for an event");
}

static int malformed(struct decode *d, const char *what, const char *detail)
{
    return error_set(d->error, PAIL_ERROR_PARSE, EPROTO, "an event cannot be parsed: %s%s%s",
                     what, *detail ? ": " : "", detail);
}

/* Parses the payload as the protocol's document of a structure. 0, -EPROTO with the reason in
 * words, -ENOMEM. */
static int parse_document(struct decode *d, const struct pail_shape *shape, const char *name,
                          void *structure, char *reason, size_t reason_size)
{
    struct pail_str payload = d->frame.payload;
    *reason = '\0';
    if (str_trim(payload).len == 0)
        return 0;
    if (is_json(d))
        return json_parse_structure(shape, name, d->arena, payload, structure, reason,
                                    reason_size);
    const struct pail_operation document = {
        .name = name, .service = d->op->service, .output = shape};
    CLEANUP(rest_xml) struct rest_xml *xml = rest_xml_new(&document, d->arena, structure);
    if (!xml)
        return -ENOMEM;
    int r = rest_xml_feed(xml, payload.ptr, payload.len);
    if (r == 0)
        r = rest_xml_finish(xml);
    str_copy(reason, reason_size, str_c(rest_xml_reason(xml)));
    if (r == 0 && rest_xml_facts(xml)->is_error) {
        str_copy(reason, reason_size, PAIL_STR("it is an error's document"));
        return -EPROTO;
    }
    return r;
}

static int take_document(struct decode *d, const struct pail_shape *shape, const char *name,
                         void *structure)
{
    char reason[REASON_MAX];
    int r = parse_document(d, shape, name, structure, reason, sizeof(reason));
    if (r == -EPROTO)
        return malformed(d, name, reason);
    return r < 0 ? out_of_memory(d) : 0;
}

/* A structure of the shape, as the member at `target`. NULL: out of memory. */
static void *add_structure(struct decode *d, const struct pail_shape *shape, void *target)
{
    void *structure = arena_alloc(d->arena, shape->size);
    if (structure)
        memcpy(target, &structure, sizeof(structure));
    return structure;
}

static bool is_integer(const struct event_header *header)
{
    return header->type >= EVENT_BYTE && header->type <= EVENT_LONG;
}

static struct pail_time time_of_ms(int64_t ms)
{
    int64_t rest = ms % 1000;
    if (rest < 0)
        rest += 1000;
    return (struct pail_time){.seconds = (ms - rest) / 1000,
                              .nanoseconds = (uint32_t)rest * 1000000,
                              .present = true};
}

/* False if the header is not of the member's type. */
static bool take_header(const struct pail_shape *shape, const struct event_header *header,
                        void *value)
{
    switch (shape->type) {
    case PAIL_BOOLEAN:
        if (header->type != EVENT_TRUE && header->type != EVENT_FALSE)
            return false;
        *(struct pail_bool *)value = PAIL_BOOL(header->number != 0);
        return true;
    case PAIL_INTEGER:
    case PAIL_LONG:
        if (!is_integer(header) || (shape->type == PAIL_INTEGER && header->type == EVENT_LONG))
            return false;
        *(struct pail_int *)value = PAIL_INT(header->number);
        return true;
    case PAIL_TIMESTAMP:
        if (header->type != EVENT_TIMESTAMP)
            return false;
        *(struct pail_time *)value = time_of_ms(header->number);
        return true;
    case PAIL_STRING:
        if (header->type != EVENT_STRING)
            return false;
        break;
    default:
        if (header->type != EVENT_BYTES && header->type != EVENT_UUID)
            return false;
        break;
    }
    *(struct pail_str *)value = header->bytes;
    return true;
}

/* The event's members that are kept in headers, and its payload where that is one member. */
static int take_members(struct decode *d, const struct pail_shape *shape, void *structure,
                        bool *ret_has_payload)
{
    *ret_has_payload = false;
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        void *value = value_member(member, structure);
        if (member->location == PAIL_IN_EVENT_HEADER) {
            const struct event_header *header =
                event_frame_header(&d->frame, value_wire_name(member));
            if (header && !take_header(member->shape, header, value) &&
                !(member->flags & PAIL_LENIENT))
                return malformed(d, "header", member->name);
        } else if (member->location == PAIL_IN_EVENT_PAYLOAD) {
            *ret_has_payload = true;
            if (member->shape->type != PAIL_STRUCTURE) {
                *(struct pail_str *)value = d->frame.payload;
                continue;
            }
            void *inner = add_structure(d, member->shape, value);
            if (!inner)
                return out_of_memory(d);
            int r = take_document(d, member->shape, member->name, inner);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

static bool has_body_member(const struct pail_shape *shape)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (shape->members[i].location == PAIL_IN_BODY)
            return true;
    return false;
}

static int take_event(struct decode *d, const struct pail_member *member,
                      struct pail_event *ret)
{
    bool has_payload;
    void *choice = arena_alloc(d->arena, d->stream->size);
    void *event = choice ? add_structure(d, member->shape, value_member(member, choice)) : NULL;
    if (!event)
        return out_of_memory(d);
    int r = take_members(d, member->shape, event, &has_payload);
    if (r == 0 && !has_payload && has_body_member(member->shape))
        r = take_document(d, member->shape, member->name, event);
    if (r < 0)
        return r;
    *ret = (struct pail_event){.type = str_c(value_wire_name(member)),
                               .member = member,
                               .shape = d->stream,
                               .data = choice};
    return 1;
}

static const struct pail_member *find_member(const struct decode *d, struct pail_str name,
                                             bool exception)
{
    for (size_t i = 0; i < d->stream->member_count; i++) {
        const struct pail_member *member = &d->stream->members[i];
        if (!(member->flags & PAIL_EXCEPTION) == !exception &&
            str_eq_c(name, value_wire_name(member)))
            return member;
    }
    return NULL;
}

/* The structure's string `message`, in either case; absent if it has none. */
static struct pail_str message_of(const struct pail_shape *shape, const void *structure)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        if (member->shape->type == PAIL_STRING &&
            str_eq_nocase(str_c(member->name), PAIL_STR("message")))
            return *(const struct pail_str *)value_member_const(member, structure);
    }
    return str_of(NULL, 0);
}

/* What an exception's payload says. A payload that cannot be parsed says nothing: the code
 * counts. */
static struct pail_str exception_message(struct decode *d, struct pail_str code)
{
    const struct pail_member *member = find_member(d, code, true);
    char reason[REASON_MAX];
    if (member) {
        void *structure = arena_alloc(d->arena, member->shape->size);
        if (structure && parse_document(d, member->shape, member->name, structure, reason,
                                        sizeof(reason)) == 0)
            return message_of(member->shape, structure);
    } else if (is_json(d)) {
        struct body_facts facts = {.is_error = true};
        if (json_parse_error(d->op, d->arena, d->frame.payload, &facts) == 0)
            return facts.message;
    }
    return str_of(NULL, 0);
}

/* The service ends the stream. */
static int service_error(struct decode *d, bool is_exception)
{
    struct pail_str code = str_of(NULL, 0), message = str_of(NULL, 0);
    if (is_exception) {
        code = event_frame_string(&d->frame, ":exception-type");
        message = exception_message(d, code);
    }
    if (!code.ptr)
        code = event_frame_string(&d->frame, ":error-code");
    if (message.len == 0)
        message = event_frame_string(&d->frame, ":error-message");
    struct pail_error *error = d->error;
    *error = (struct pail_error){.kind = PAIL_ERROR_EVENT_STREAM};
    str_copy(error->code, sizeof(error->code), code);
    str_copy(error->message, sizeof(error->message),
             message.len > 0 ? message
                             : PAIL_STR("the service ended the stream with an error"));
    error_classify(error);
    return -error->sys;
}

/* Takes the message apart. 0; -errno: it is damaged, malformed, or the service's error. */
static int open_message(struct decode *d, struct pail_str message)
{
    int r = event_frame_parse(message, &d->frame);
    if (r == -EBADMSG)
        return error_set(d->error, PAIL_ERROR_CHECKSUM, EBADMSG,
                         "a message of the event stream does not have its checksum");
    if (r < 0)
        return malformed(d, "its message is malformed", "");
    struct pail_str type = event_frame_string(&d->frame, ":message-type");
    if (str_eq_c(type, "exception") || str_eq_c(type, "error"))
        return service_error(d, str_eq_c(type, "exception"));
    return 0;
}

int event_decode(const struct pail_operation *op, struct pail_str message, struct arena *arena,
                 struct pail_event *ret, struct pail_error *error)
{
    struct decode d = {
        .op = op, .stream = event_stream_shape(op), .arena = arena, .error = error};
    int r = open_message(&d, message);
    if (r < 0)
        return r;
    const struct pail_member *member =
        find_member(&d, event_frame_string(&d.frame, ":event-type"), false);
    return member ? take_event(&d, member, ret) : 0;
}

bool event_has_initial(const struct pail_operation *op)
{
    return op->service->protocol == PAIL_JSON;
}

int event_decode_initial(const struct pail_operation *op, struct pail_str message, void *out,
                         struct pail_error *error)
{
    struct decode d = {.op = op,
                       .stream = event_stream_shape(op),
                       .arena = ((struct pail_response *)out)->arena,
                       .error = error};
    int r = open_message(&d, message);
    if (r < 0)
        return r;
    if (!str_eq_c(event_frame_string(&d.frame, ":event-type"), "initial-response"))
        return malformed(&d, "the first is no initial-response", "");
    return take_document(&d, op->output, op->name, out);
}
