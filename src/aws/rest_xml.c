#include "aws/rest_xml.h"

#include "aws/value.h"
#include "aws/xml.h"
#include "base/encode.h"

#include <errno.h>

/* What an open element is, and so what its children are. */
enum frame_kind {
    FRAME_SKIP,           /* not ours, with all it holds */
    FRAME_STRUCTURE,      /* children are members */
    FRAME_LIST,           /* children are elements, whatever their name */
    FRAME_MAP,            /* children are entries */
    FRAME_ENTRY,          /* children are a key and a value */
    FRAME_SCALAR,         /* its text is a value */
    FRAME_FACT,           /* its text is one of the facts */
    FRAME_ERROR,          /* children are facts of an error */
    FRAME_ERROR_RESPONSE, /* around an Error */
    FRAME_WRAPPER,        /* query: around the result */
    FRAME_METADATA,       /* query: children are facts of the request */
};

struct frame {
    enum frame_kind kind;
    const struct pail_shape *shape;
    unsigned flags; /* of the member */
    size_t next;    /* FRAME_STRUCTURE: where the member that comes next is likely found */
    void *target;
};

struct rest_xml {
    const struct pail_operation *op;
    struct arena *arena;
    void *out;
    struct xml *xml;
    struct frame frames[XML_DEPTH_MAX];
    size_t depth;
    bool in_result;   /* query: the element around the result has come */
    bool url_encoded; /* the document says that its PAIL_URL_ENCODED members are */
    struct body_facts facts;
    char reason[160];
};

static int fail(struct rest_xml *p, const char *reason, struct pail_str what)
{
    snprintf(p->reason, sizeof(p->reason), "%s: %.*s", reason,
             (int)(what.len < 64 ? what.len : 64), what.ptr);
    return -EPROTO;
}

static const struct pail_member *find_member(struct frame *frame, struct pail_str name,
                                             bool attribute)
{
    const struct pail_shape *shape = frame->shape;
    for (size_t n = 0; n < shape->member_count; n++) {
        size_t i = frame->next + n;
        if (i >= shape->member_count)
            i -= shape->member_count;
        const struct pail_member *member = &shape->members[i];
        if (member->location != PAIL_IN_BODY || !(member->flags & PAIL_ATTRIBUTE) == attribute)
            continue;
        const char *wire = value_wire_name(member);
        bool found = attribute ? str_eq(name, xml_local_name(wire))
                               : name.ptr[0] == wire[0] && strcmp(name.ptr, wire) == 0;
        if (found) {
            frame->next = i;
            return member;
        }
    }
    return NULL;
}

static int set_scalar(struct rest_xml *p, const struct frame *frame, struct pail_str text)
{
    int r = value_parse(p->arena, frame->shape, text, frame->target);
    if (r == -EPROTO && frame->flags & PAIL_LENIENT)
        return 0;
    if (r == -EPROTO)
        return fail(p, "not a value of its type", text);
    if (frame->flags & PAIL_ENCODING_TYPE)
        p->url_encoded = str_eq_nocase(text, PAIL_STR("url"));
    return r;
}

static int set_attributes(struct rest_xml *p, struct frame *frame,
                          const char *const *attributes)
{
    for (; *attributes; attributes += 2) {
        const struct pail_member *member =
            find_member(frame, xml_local_name(attributes[0]), true);
        if (!member)
            continue;
        struct frame value = {.shape = member->shape,
                              .flags = member->flags,
                              .target = value_member(member, frame->target)};
        int r = set_scalar(p, &value, str_c(attributes[1]));
        if (r < 0)
            return r;
    }
    return 0;
}

/* The frame of an element whose value, of `shape`, goes to `target`: a structure itself, not a
 * pointer to it. */
static int open_value(struct rest_xml *p, const struct pail_shape *shape, void *target,
                      unsigned flags, const char *const *attributes, struct frame *ret)
{
    *ret = (struct frame){.shape = shape, .target = target, .flags = flags};
    switch (shape->type) {
    case PAIL_STRUCTURE:
        ret->kind = FRAME_STRUCTURE;
        return set_attributes(p, ret, attributes);
    case PAIL_LIST:
        ret->kind = FRAME_LIST;
        return value_list_present(p->arena, target);
    case PAIL_MAP:
        ret->kind = FRAME_MAP;
        return value_list_present(p->arena, target);
    default:
        ret->kind = FRAME_SCALAR;
        return 0;
    }
}

static int open_element(struct rest_xml *p, const struct pail_shape *list, void *target,
                        unsigned flags, const char *const *attributes, struct frame *ret)
{
    void *element;
    int r = value_list_add(p->arena, list, target, &element);
    if (r < 0)
        return r == -EPROTO ? fail(p, "too many elements", str_c("list")) : r;
    if (list->type == PAIL_LIST)
        return open_value(p, list->element, element, flags, attributes, ret);
    *ret =
        (struct frame){.kind = FRAME_ENTRY, .shape = list, .target = element, .flags = flags};
    return 0;
}

static int open_member(struct rest_xml *p, struct frame *parent, struct pail_str name,
                       const char *const *attributes, struct frame *ret)
{
    const struct pail_member *member = find_member(parent, name, false);
    if (!member)
        return 0;
    void *target = value_member(member, parent->target);
    const struct pail_shape *shape = member->shape;
    if (member->flags & PAIL_FLATTENED)
        return open_element(p, shape, target, member->flags, attributes, ret);
    /* The next element of another name is the member after this. */
    parent->next = (size_t)(member - parent->shape->members) + 1;
    if (shape->type == PAIL_STRUCTURE) {
        void *structure = arena_alloc(p->arena, shape->size);
        if (!structure)
            return -ENOMEM;
        memcpy(target, &structure, sizeof(structure));
        target = structure;
    }
    return open_value(p, shape, target, member->flags, attributes, ret);
}

static int open_entry_part(struct rest_xml *p, const struct frame *entry, struct pail_str name,
                           const char *const *attributes, struct frame *ret)
{
    const struct pail_shape *map = entry->shape;
    if (str_eq_c(name, map->key_name ? map->key_name : "key"))
        return open_value(p, &pail_shape_string, entry->target, 0, attributes, ret);
    if (str_eq_c(name, map->element_name ? map->element_name : "value"))
        return open_value(p, map->element, (char *)entry->target + VALUE_MAP_VALUE,
                          entry->flags, attributes, ret);
    return 0;
}

static void open_fact(struct rest_xml *p, bool of_error, struct pail_str name,
                      struct frame *ret)
{
    const struct {
        const char *name;
        struct pail_str *fact;
        bool of_error;
    } facts[] = {
        {"Code", &p->facts.code, true},
        {"Message", &p->facts.message, true},
        {"Region", &p->facts.region, true},
        {"RequestId", &p->facts.request_id, false},
        {"RequestID", &p->facts.request_id, false},
        {"HostId", &p->facts.host_id, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if ((of_error || !facts[i].of_error) && str_eq_c(name, facts[i].name))
            *ret = (struct frame){
                .kind = FRAME_FACT, .shape = &pail_shape_string, .target = facts[i].fact};
}

/* The one member that the body is: a payload of its own, or the only body member. */
static const struct pail_member *whole_body_member(const struct pail_shape *output,
                                                   enum pail_location location)
{
    for (size_t i = 0; i < output->member_count; i++)
        if (output->members[i].location == location)
            return &output->members[i];
    return NULL;
}

static int open_output(struct rest_xml *p, const char *const *attributes, struct frame *ret)
{
    const struct pail_shape *output = p->op->output;
    const struct pail_member *payload = whole_body_member(output, PAIL_IN_PAYLOAD);
    if (payload && payload->shape->type != PAIL_STRUCTURE)
        return 0;
    struct frame holder = {.shape = output, .target = p->out};
    if (!payload)
        return open_value(p, output, p->out, 0, attributes, ret);
    void *structure = arena_alloc(p->arena, payload->shape->size);
    if (!structure)
        return -ENOMEM;
    memcpy(value_member(payload, holder.target), &structure, sizeof(structure));
    return open_value(p, payload->shape, structure, payload->flags, attributes, ret);
}

static int open_root(struct rest_xml *p, struct pail_str name, const char *const *attributes,
                     struct frame *ret)
{
    p->facts.is_error = true;
    if (str_eq_c(name, "Error")) {
        p->facts.is_s3_error = true;
        ret->kind = FRAME_ERROR;
        return 0;
    }
    /* Some query services say <Response><Errors><Error>. */
    if (str_eq_c(name, "ErrorResponse") || (!p->out && str_eq_c(name, "Response"))) {
        ret->kind = FRAME_ERROR_RESPONSE;
        return 0;
    }
    p->facts.is_error = false;
    if (!p->out || !p->op->output)
        return 0;
    if (p->op->result_wrapper) {
        ret->kind = FRAME_WRAPPER;
        return 0;
    }
    const struct pail_shape *output = p->op->output;
    if (output->name && !str_eq_c(name, output->name))
        return fail(p, "unexpected root element", name);
    if (p->op->flags & PAIL_OP_RAW_ROOT) {
        const struct pail_member *member = whole_body_member(output, PAIL_IN_BODY);
        return member ? open_value(p, member->shape, value_member(member, p->out),
                                   member->flags, attributes, ret)
                      : 0;
    }
    return open_output(p, attributes, ret);
}

/* Children of what only some protocols have around errors and results. */
static int open_in_envelope(struct rest_xml *p, const struct frame *parent,
                            struct pail_str name, const char *const *attributes,
                            struct frame *ret)
{
    if (parent->kind == FRAME_ERROR_RESPONSE) {
        if (str_eq_c(name, "Error"))
            ret->kind = FRAME_ERROR;
        else if (str_eq_c(name, "Errors"))
            ret->kind = FRAME_ERROR_RESPONSE;
        else
            open_fact(p, false, name, ret);
        return 0;
    }
    if (str_eq_c(name, p->op->result_wrapper)) {
        p->in_result = true;
        return open_output(p, attributes, ret);
    }
    if (str_eq_c(name, "ResponseMetadata"))
        ret->kind = FRAME_METADATA;
    else
        open_fact(p, false, name, ret);
    return 0;
}

static int on_start(void *user, struct pail_str name, const char *const *attributes)
{
    struct rest_xml *p = user;
    struct frame *parent = p->depth ? &p->frames[p->depth - 1] : NULL;
    struct frame *frame = &p->frames[p->depth++];
    *frame = (struct frame){.kind = FRAME_SKIP};
    if (!parent)
        return open_root(p, name, attributes, frame);
    switch (parent->kind) {
    case FRAME_STRUCTURE:
        return open_member(p, parent, name, attributes, frame);
    case FRAME_LIST:
    case FRAME_MAP:
        return open_element(p, parent->shape, parent->target, parent->flags, attributes, frame);
    case FRAME_ENTRY:
        return open_entry_part(p, parent, name, attributes, frame);
    case FRAME_ERROR:
    case FRAME_METADATA:
        open_fact(p, parent->kind == FRAME_ERROR, name, frame);
        return 0;
    case FRAME_ERROR_RESPONSE:
    case FRAME_WRAPPER:
        return open_in_envelope(p, parent, name, attributes, frame);
    case FRAME_SKIP:
    case FRAME_SCALAR:
    case FRAME_FACT:
        break;
    }
    return 0;
}

static int check_structure(struct rest_xml *p, const struct frame *frame)
{
    for (size_t i = 0; i < frame->shape->member_count; i++) {
        const struct pail_member *member = &frame->shape->members[i];
        if (member->flags & PAIL_REQUIRED &&
            !value_is_present(member->shape, value_member(member, frame->target), VALUE_OUTPUT))
            return fail(p, "missing element", str_c(value_wire_name(member)));
    }
    if (!value_union_valid(frame->shape, frame->target))
        return fail(p, "more than one member of a union", str_c(frame->shape->name));
    return 0;
}

static int on_end(void *user, struct pail_str text)
{
    struct rest_xml *p = user;
    struct frame *frame = &p->frames[--p->depth];
    if (frame->kind == FRAME_STRUCTURE)
        return check_structure(p, frame);
    if (frame->kind == FRAME_ENTRY && !((struct pail_str_entry *)frame->target)->key.ptr)
        return fail(p, "missing element", PAIL_STR("key"));
    if (frame->kind != FRAME_SCALAR && frame->kind != FRAME_FACT)
        return 0;
    /* <LocationConstraint/> is an absent location, <Code/> an absent code; but <Prefix/> is an
     * empty prefix. */
    bool empty_is_absent = frame->kind == FRAME_FACT || p->depth == 0;
    if (text.len == 0 && empty_is_absent)
        return 0;
    return set_scalar(p, frame, text);
}

static const struct xml_handler handler = {.start = on_start, .end = on_end};

struct rest_xml *rest_xml_new(const struct pail_operation *op, struct arena *arena, void *out)
{
    CLEANUP(rest_xml) struct rest_xml *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->op = op;
    p->arena = arena;
    p->out = out;
    p->xml = xml_new(&handler, p);
    return p->xml ? STEAL(p) : NULL;
}

void rest_xml_free(struct rest_xml *p)
{
    if (!p)
        return;
    xml_free(p->xml);
    free(p);
}

int rest_xml_feed(struct rest_xml *p, const char *data, size_t len)
{
    return xml_feed(p->xml, data, len);
}

static void undo_url_encoding(const struct pail_shape *shape, void *structure);

static void undo_in_member(const struct pail_member *member, void *value)
{
    const struct pail_shape *shape = member->shape;
    if (shape->type == PAIL_STRING && member->flags & PAIL_URL_ENCODED) {
        struct pail_str *text = value;
        if (text->ptr)
            text->len = percent_decode((char *)(uintptr_t)text->ptr, text->len, true);
    } else if (shape->type == PAIL_LIST && shape->element->type == PAIL_STRUCTURE) {
        struct value_list list = value_list_get(value);
        for (size_t i = 0; i < list.count; i++)
            undo_url_encoding(shape->element, (char *)list.items + i * shape->element->size);
    }
}

/* The strings are the arena's, so they may be changed where they are. */
static void undo_url_encoding(const struct pail_shape *shape, void *structure)
{
    for (size_t i = 0; i < shape->member_count; i++)
        undo_in_member(&shape->members[i], value_member(&shape->members[i], structure));
}

int rest_xml_finish(struct rest_xml *p)
{
    int r = xml_finish(p->xml);
    if (r == 0 && p->out && p->op->result_wrapper && !p->facts.is_error && !p->in_result)
        return fail(p, "missing element", str_c(p->op->result_wrapper));
    if (r == 0 && p->url_encoded)
        undo_url_encoding(p->op->output, p->out);
    return r;
}

const char *rest_xml_reason(const struct rest_xml *p)
{
    return p->reason[0] ? p->reason : xml_reason(p->xml);
}

const struct body_facts *rest_xml_facts(const struct rest_xml *p)
{
    return &p->facts;
}
