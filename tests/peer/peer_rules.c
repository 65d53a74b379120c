#include "peer/peer_private.h"

#include <strings.h>

static bool pattern_matches(const char *pattern, const struct peer_request *request)
{
    size_t method_len = strcspn(pattern, " ");
    bool any = method_len == 1 && pattern[0] == '*';
    if (!any && (strlen(request->method) != method_len ||
                 strncmp(request->method, pattern, method_len) != 0))
        return false;
    if (pattern[method_len] == '\0')
        return true;
    const char *path = pattern + method_len + 1;
    size_t len = strlen(path);
    if (len > 0 && path[len - 1] == '*')
        return strncmp(request->path, path, len - 1) == 0;
    return strcmp(request->path, path) == 0;
}

static bool value_is(const char *found, const char *wanted)
{
    return found && (!wanted || strcmp(found, wanted) == 0);
}

bool peer_matches(const struct peer_match *m, const struct peer_request *r)
{
    if (!m)
        return true;
    return (!m->pattern || pattern_matches(m->pattern, r)) &&
           (!m->method || strcmp(m->method, r->method) == 0) &&
           (!m->path || strcmp(m->path, r->path) == 0) &&
           (!m->path_prefix || strncmp(r->path, m->path_prefix, strlen(m->path_prefix)) == 0) &&
           (!m->raw_path || strcmp(m->raw_path, r->raw_path) == 0) &&
           (!m->param || value_is(peer_request_param(r, m->param), m->param_value)) &&
           (!m->without_param || !peer_request_param(r, m->without_param)) &&
           (!m->header || value_is(peer_request_header(r, m->header), m->header_value)) &&
           (!m->without_header || !peer_request_header(r, m->without_header));
}

/* The fields of a match, all of them texts. */
static const char **match_fields(struct peer_match *m, const char **ret[static 11])
{
    const char **fields[] = {&m->pattern,      &m->method,        &m->path,
                             &m->path_prefix,  &m->raw_path,      &m->param,
                             &m->param_value,  &m->without_param, &m->header,
                             &m->header_value, &m->without_header};
    memcpy(ret, fields, sizeof(fields));
    return fields[0];
}

struct peer_match peer_match_copy(const struct peer_match *match)
{
    struct peer_match copy = *match;
    const char **fields[11];
    (void)match_fields(&copy, fields);
    for (size_t i = 0; i < 11; i++)
        if (*fields[i])
            *fields[i] = peer_strndup(*fields[i], strlen(*fields[i]));
    return copy;
}

void peer_match_done(struct peer_match *match)
{
    const char **fields[11];
    (void)match_fields(match, fields);
    for (size_t i = 0; i < 11; i++) {
        union {
            const char *given;
            char *owned;
        } pointer = {.given = *fields[i]};
        free(pointer.owned);
        *fields[i] = NULL;
    }
}

static struct peer_rule_state *rule_new(struct peer *peer, const struct peer_rule *rule)
{
    struct peer_rule_state *state = peer_zalloc(sizeof(*state));
    state->rule = *rule;
    state->rule.match = peer_match_copy(&rule->match);
    state->responses = peer_zalloc(rule->response_count * sizeof(*state->responses));
    for (size_t i = 0; i < rule->response_count; i++)
        state->responses[i] = peer_response_copy(&rule->responses[i]);
    state->rule.responses = NULL;
    state->id = ++peer->rule_ids;
    return state;
}

static void rule_free(struct peer_rule_state *state)
{
    peer_match_done(&state->rule.match);
    for (size_t i = 0; i < state->rule.response_count; i++)
        peer_response_done(&state->responses[i]);
    free(state->responses);
    free(state);
}

int peer_rule_add(struct peer *peer, const struct peer_rule *rule)
{
    peer_lock(peer);
    struct peer_rule_state *state = rule_new(peer, rule);
    state->next = peer->rules;
    peer->rules = state;
    int id = state->id;
    peer_unlock(peer);
    return id;
}

int peer_on(struct peer *peer, const char *pattern, const struct peer_response *response)
{
    return peer_rule_add(peer, &(struct peer_rule){.match.pattern = pattern,
                                                   .responses = response,
                                                   .response_count = 1});
}

void peer_rule_remove(struct peer *peer, int id)
{
    peer_lock(peer);
    for (struct peer_rule_state **link = &peer->rules; *link; link = &(*link)->next) {
        if ((*link)->id != id)
            continue;
        struct peer_rule_state *gone = *link;
        *link = gone->next;
        rule_free(gone);
        break;
    }
    peer_unlock(peer);
}

void peer_rules_set(struct peer *peer, const struct peer_rule *rules, size_t count)
{
    peer_lock(peer);
    while (peer->rules)
        peer_rule_remove(peer, peer->rules->id);
    for (size_t i = count; i > 0; i--)
        (void)peer_rule_add(peer, &rules[i - 1]);
    peer_unlock(peer);
}

/* The response of `state` for this request, or NULL if it lets it pass. */
static const struct peer_response *rule_play(struct peer_rule_state *state,
                                             const struct peer_request *request)
{
    const struct peer_rule *rule = &state->rule;
    if (rule->response_count == 0 || !peer_matches(&rule->match, request))
        return NULL;
    if (state->seen++ < rule->skip || (rule->times && state->used >= rule->times))
        return NULL;
    size_t last = rule->response_count - 1;
    size_t index = rule->around         ? state->used % rule->response_count
                   : state->used < last ? state->used
                                        : last;
    state->used++;
    return &state->responses[index];
}

static struct peer_response answer_from(struct peer *peer, struct peer_rule_state *state,
                                        const struct peer_request *request)
{
    for (; state; state = state->next) {
        const struct peer_response *response = rule_play(state, request);
        if (!response)
            continue;
        if (!response->over)
            return peer_response_copy(response);
        struct peer_response over = peer_response_copy(response);
        struct peer_response base = answer_from(peer, state->next, request);
        peer_response_lay_over(&base, &over);
        peer_response_done(&over);
        return base;
    }
    struct peer_response response = {0};
    if (peer->handler) {
        peer->handler(peer->handler_user, request, &response);
        struct peer_response copy = peer_response_copy(&response);
        free(response.headers_);
        peer_blob_unref(response.blob_);
        return copy;
    }
    response.status = 404;
    peer_response_bodyf(&response, "no rule for %s %s\n", request->method, request->target);
    return response;
}

struct peer_response peer_answer(struct peer *peer, const struct peer_request *request)
{
    return answer_from(peer, peer->rules, request);
}
