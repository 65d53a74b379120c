#include "aws/response.h"

#include "aws/json.h"
#include "aws/response_head.h"
#include "aws/rest_xml.h"
#include "aws/value.h"

#include <errno.h>

#define REASON_MAX 160 /* bytes of why a body cannot be parsed */

/* One response on its way to an output. */
struct parse {
    const struct pail_operation *op;
    const struct pail_http_response *response;
    void *out;
    struct pail_response *metadata; /* the start of `out` */
    struct arena *arena;
    struct response_facts *facts;
    struct pail_error *error;
};

/* The response is not what its protocol says. */
static int malformed(struct parse *p, const char *what, const char *detail)
{
    struct pail_error *error = p->error;
    *error = (struct pail_error){.kind = PAIL_ERROR_PARSE, .http_status = p->response->status};
    error_classify(error);
    snprintf(error->message, sizeof(error->message), "%s%s%s", what, *detail ? ": " : "",
             detail);
    return -error->sys;
}

/* The arena's limit is the response's fault, and would be the next one's too. */
static int too_large(struct parse *p)
{
    int r = malformed(p, "the response is too large when it is parsed", "");
    p->error->retryable = false;
    return r;
}

static int fail(struct parse *p, int r, const char *what, const char *detail)
{
    if (r == -EPROTO)
        return malformed(p, what, detail);
    if (r == -ENOMEM && p->arena && arena_is_full(p->arena))
        return too_large(p);
    return error_set(p->error, PAIL_ERROR_MEMORY, -r, "out of memory for the response");
}

static void take_facts(struct parse *p, const struct body_facts *facts)
{
    if (!p->metadata->request_id.ptr)
        p->metadata->request_id = facts->request_id;
    if (!p->metadata->host_id.ptr)
        p->metadata->host_id = facts->host_id;
    if (!p->facts->region[0])
        str_copy(p->facts->region, sizeof(p->facts->region), facts->region);
}

static bool is_json(const struct parse *p)
{
    enum pail_protocol protocol = p->op->service->protocol;
    return protocol == PAIL_JSON || protocol == PAIL_REST_JSON;
}

/* Parses an XML body into the output, or, with `out` NULL, for what it says of an error. 0,
 * -EPROTO with the reason in words, -ENOMEM. */
static int parse_xml(struct parse *p, void *out, struct body_facts *ret, char *reason,
                     size_t reason_size)
{
    CLEANUP(rest_xml) struct rest_xml *xml = rest_xml_new(p->op, p->arena, out);
    if (!xml)
        return -ENOMEM;
    int r = rest_xml_feed(xml, p->response->body.ptr, p->response->body.len);
    if (r == 0)
        r = rest_xml_finish(xml);
    *ret = *rest_xml_facts(xml);
    str_copy(reason, reason_size, str_c(rest_xml_reason(xml)));
    return r;
}

static bool has_delete_marker(const struct parse *p)
{
    struct pail_str marker = response_header(p->response, "x-amz-delete-marker");
    return marker.ptr && str_eq_nocase(marker, PAIL_STR("true"));
}

/* The service's error, which has `status` whatever the response's was. */
static int service_error(struct parse *p, int status, const struct body_facts *facts)
{
    struct pail_error *error = p->error;
    *error = (struct pail_error){.kind = PAIL_ERROR_CLIENT, .http_status = status};
    if (facts->code.len > 0)
        str_copy(error->code, sizeof(error->code), facts->code);
    else
        snprintf(error->code, sizeof(error->code), "%d", status);
    struct pail_str message = facts->message;
    if (message.len == 0)
        message = status == p->response->status && p->response->reason.len > 0
                      ? p->response->reason
                      : str_c(error_status_phrase(status));
    str_copy(error->message, sizeof(error->message), message);
    error_classify(error);
    if ((status == 404 || status == 405) && has_delete_marker(p)) {
        error->sys = ENOENT;
        error->retryable = false;
    }
    return -error->sys;
}

/* True if the body cannot be the protocol's: nothing, or a page made by a machine in between.
 */
static bool is_foreign(const struct pail_http_response *response)
{
    struct pail_str body = str_trim(response->body);
    return response->is_head || body.len == 0 || str_starts_nocase(body, PAIL_STR("<html"));
}

/* JSON protocols: headers may name the error, and replace the code by that of the service's
 * former protocol. */
static void take_json_code(const struct parse *p, struct body_facts *facts)
{
    struct pail_str type = response_header(p->response, "x-amzn-errortype");
    if (p->op->service->protocol == PAIL_REST_JSON && type.len > 0)
        facts->code = json_code_of(type);
    struct pail_str query = response_header(p->response, "x-amzn-query-error");
    size_t semicolon = str_find(query, ';', 0);
    if (semicolon > 0 && semicolon < query.len && str_rfind(query, ';') == semicolon)
        facts->code = str_sub(query, 0, semicolon);
}

/* Errors as S3 has them, of another service: an endpoint of S3 alone was asked. What S3 says to
 * that explains nothing. 0 or -ENOMEM. */
static int explain_s3(struct parse *p, struct body_facts *facts)
{
    char words[sizeof(p->error->message)];
    snprintf(words, sizeof(words),
             "the endpoint answered as S3 does; is it the endpoint of %s?", p->op->service->id);
    facts->message = arena_str(p->arena, str_c(words));
    return facts->message.ptr ? 0 : -ENOMEM;
}

/* Services of JSON have no errors in XML; of those that have, servers of S3 that know STS as
 * well may give S3's. */
static bool is_of_s3_alone(const struct parse *p, const struct body_facts *facts)
{
    int status = p->response->status;
    return facts->is_s3_error && facts->code.len > 0 &&
           (is_json(p) ||
            (p->op->service->protocol == PAIL_QUERY && (status == 405 || status == 501)));
}

static int parse_error_body(struct parse *p, struct body_facts *facts)
{
    char reason[REASON_MAX];
    struct pail_str body = p->response->body;
    if (is_foreign(p->response) || body.len > RESPONSE_BODY_MAX)
        return 0;
    bool xml = !is_json(p) || str_starts(str_trim(body), PAIL_STR("<"));
    int r = xml ? parse_xml(p, NULL, facts, reason, sizeof(reason)) : 0;
    if (r == 0 && xml && is_of_s3_alone(p, facts))
        return explain_s3(p, facts);
    if (r == -ENOMEM || (r == 0 && !is_json(p)))
        return r;
    *facts = (struct body_facts){.is_error = true,
                                 .request_id = facts->request_id,
                                 .host_id = facts->host_id,
                                 .region = facts->region};
    return is_json(p) ? json_parse_error(p->op, p->arena, body, facts) : 0;
}

static int parse_error(struct parse *p)
{
    struct body_facts facts = {.is_error = true};
    int r = parse_error_body(p, &facts);
    if (r < 0)
        return fail(p, r, "", "");
    if (is_json(p))
        take_json_code(p, &facts);
    take_facts(p, &facts);
    return service_error(p, p->response->status, &facts);
}

static const struct pail_member *payload_member(const struct pail_shape *output)
{
    for (size_t i = 0; i < output->member_count; i++)
        if (output->members[i].location == PAIL_IN_PAYLOAD)
            return &output->members[i];
    return NULL;
}

static bool has_body_member(const struct pail_shape *output)
{
    for (size_t i = 0; i < output->member_count; i++)
        if (output->members[i].location == PAIL_IN_BODY)
            return true;
    return false;
}

/* The whole body is one string or blob. */
static int take_payload(struct parse *p, const struct pail_member *payload)
{
    if (!p->response->body.ptr)
        return 0;
    struct pail_str copy = arena_str(p->arena, p->response->body);
    if (!copy.ptr)
        return fail(p, -ENOMEM, "", "");
    *(struct pail_str *)value_member(payload, p->out) = copy;
    return 0;
}

/* True if the operation's success cannot be without a document. */
static bool must_have_document(const struct parse *p)
{
    return p->op->flags & PAIL_OP_ERROR_IN_200 || p->op->result_wrapper ||
           (is_json(p) && p->response->status != 204);
}

static int parse_document(struct parse *p)
{
    struct pail_str body = p->response->body;
    struct body_facts facts = {.is_error = false};
    char reason[REASON_MAX] = "";
    if (str_trim(body).len == 0)
        return must_have_document(p) ? malformed(p, "the response has no body", "") : 0;
    if (body.len > RESPONSE_BODY_MAX)
        return malformed(p, "the response is too long", "");
    int r = is_json(p)
                ? json_parse_output(p->op, p->arena, body, p->out, reason, sizeof(reason))
                : parse_xml(p, p->out, &facts, reason, sizeof(reason));
    if (r < 0)
        return fail(p, r, "the response cannot be parsed", reason);
    take_facts(p, &facts);
    return facts.is_error ? service_error(p, 500, &facts) : 0;
}

static int parse_output(struct parse *p)
{
    const struct pail_shape *output = p->op->output;
    const struct pail_member *member = NULL;
    int r = response_head_members(output, p->response, p->arena, p->out, &member);
    if (r < 0)
        return fail(p, r, "a header cannot be parsed", value_wire_name(member));
    if (p->response->is_head)
        return 0;
    const struct pail_member *payload = payload_member(output);
    if (payload) {
        switch (payload->shape->type) {
        case PAIL_STREAM:
        case PAIL_EVENT_STREAM:
            return 0;
        case PAIL_STRING:
        case PAIL_BLOB:
            return take_payload(p, payload);
        default:
            break;
        }
    }
    return payload || has_body_member(output) ? parse_document(p) : 0;
}

int response_parse(const struct pail_operation *op, const struct pail_http_response *response,
                   void *out, struct response_facts *ret_facts, struct pail_error *error)
{
    struct response_facts no_facts;
    struct pail_error no_error;
    struct parse p = {
        .op = op,
        .response = response,
        .out = out,
        .metadata = out,
        .facts = ret_facts ? ret_facts : &no_facts,
        .error = error ? error : &no_error,
    };
    response_head_facts(response, p.facts);
    p.arena = op->flags & PAIL_OP_SECRET ? arena_new_secret(RESPONSE_ARENA_MAX)
                                         : arena_new(RESPONSE_ARENA_MAX);
    p.metadata->arena = p.arena;
    int r = p.arena ? response_head_metadata(response, p.arena, p.metadata) : -ENOMEM;
    if (r < 0)
        r = fail(&p, r, "too many headers", "");
    else
        r = response->status >= 300 ? parse_error(&p) : parse_output(&p);
    if (r < 0) {
        str_copy(p.error->operation, sizeof(p.error->operation), str_c(op->name));
        str_copy(p.error->request_id, sizeof(p.error->request_id), p.metadata->request_id);
        str_copy(p.error->host_id, sizeof(p.error->host_id), p.metadata->host_id);
    }
    return r;
}

int pail_get_response(const struct pail_operation *operation,
                      const struct pail_http_response *response, void *out,
                      struct pail_error *error)
{
    return response_parse(operation, response, out, NULL, error);
}

bool response_has_body(const struct pail_operation *op)
{
    const struct pail_member *payload = payload_member(op->output);
    return payload && payload->shape->type == PAIL_STREAM;
}

bool response_is_streamed(const struct pail_operation *op)
{
    const struct pail_member *payload = payload_member(op->output);
    return payload &&
           (payload->shape->type == PAIL_STREAM || payload->shape->type == PAIL_EVENT_STREAM);
}

void **response_stream_slot(const struct pail_operation *op, void *out)
{
    return response_is_streamed(op) ? value_member(payload_member(op->output), out) : NULL;
}
