#include "aws/serialize.h"

#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/kinesis.h>

/* Structures with a required member, in every place a structure can have. */
struct leaf {
    struct pail_str name;
};
struct leaves {
    const struct leaf *items;
    size_t count;
};
struct leaf_entry {
    struct pail_str key;
    struct leaf value;
};
struct branch {
    const struct leaf *leaf;
    struct leaves leaves;
    struct {
        const struct leaf_entry *items;
        size_t count;
    } map;
    const struct choice *choice;
    const struct branch *branch;
};

static const struct pail_member leaf_members[] = {
    PAIL_FIELD(struct leaf, name, "Name", NULL, &pail_shape_string, PAIL_IN_BODY,
               PAIL_REQUIRED),
};
static const struct pail_shape leaf_shape =
    PAIL_STRUCTURE_SHAPE(struct leaf, NULL, leaf_members);
static const struct pail_shape leaves_shape = PAIL_LIST_SHAPE(&leaf_shape, NULL);
static const struct pail_shape leaf_map_shape = {.type = PAIL_MAP, .element = &leaf_shape};

#define B(field_, name_, shape_)                                                               \
    PAIL_FIELD(struct branch, field_, name_, NULL, shape_, PAIL_IN_BODY, 0)
static const struct pail_shape branch_shape;
static const struct pail_member branch_members[] = {
    B(leaf, "Leaf", &leaf_shape),       B(leaves, "Leaves", &leaves_shape),
    B(map, "Map", &leaf_map_shape),     B(choice, "Choice", &choice_shape),
    B(branch, "Branch", &branch_shape),
};
static const struct pail_shape branch_shape =
    PAIL_STRUCTURE_SHAPE(struct branch, "Branch", branch_members);

static const struct leaf bare = {.name = {0}}, empty = {.name = PAIL_STR("")};
static const struct leaf some[] = {{.name = PAIL_STR("a")}, {.name = {0}}};
static const struct leaf_entry entries[] = {{PAIL_STR("k"), {PAIL_STR("a")}},
                                            {PAIL_STR("l"), {{0}}}};
static const struct choice none = {.one = {0}}, one = {.one = PAIL_STR("")},
                           both = {PAIL_STR("1"), PAIL_STR("2")};
static const struct branch bad_leaf = {.leaf = &bare}, two = {.branch = &bad_leaf};

static const struct {
    struct branch in;
    const char *message; /* NULL: it can be sent */
} rows[] = {
    {{.leaf = NULL}, NULL},
    {{.leaf = &empty, .leaves = {some, 1}, .map = {entries, 1}, .choice = &one}, NULL},
    {{.leaves = {some, 0}, .map = {entries, 0}}, NULL},
    {{.leaf = &bare}, "Do: Leaf.Name is required"},
    {{.leaves = {some, 2}}, "Do: Leaves.Name is required"},
    {{.map = {entries, 2}}, "Do: Map.Name is required"},
    {{.branch = &two}, "Do: Branch.Branch.Leaf.Name is required"},
    {{.choice = &none}, "Do: Choice is a union: exactly one member of it must be there"},
    {{.choice = &both}, "Do: Choice is a union: exactly one member of it must be there"},
};

START_TEST(holds_inputs_to_their_shapes)
{
    for (int protocol = PAIL_REST_XML; protocol <= PAIL_QUERY; protocol++) {
        const struct pail_service service = {.protocol = (enum pail_protocol)protocol,
                                             .api_version = "1",
                                             .target_prefix = "T",
                                             .json_version = "1.1"};
        const struct pail_operation op = {.name = "Do",
                                          .service = &service,
                                          .method = "POST",
                                          .uri = "/",
                                          .input = &branch_shape};
        CLEANUP_DONE(serialized) struct serialized s = {.range = false};
        struct pail_error error = {0};
        int r = serialize_request(&op, &rows[_i].in, &s, &error);
        ck_assert_int_eq(r, rows[_i].message ? -EINVAL : 0);
        ck_assert_str_eq(error.message, rows[_i].message ? rows[_i].message : "");
        ck_assert_int_eq(error.kind, r < 0 ? PAIL_ERROR_PARAM : PAIL_ERROR_NONE);
    }
}
END_TEST

START_TEST(holds_services_of_the_library_too)
{
    static const struct pail_kinesis_shard_filter filter = {.shard_id = PAIL_STR("s")};
    const struct pail_kinesis_list_shards_input in = {.stream_name = PAIL_STR("x"),
                                                      .shard_filter = &filter};
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error = {0};
    ck_assert_int_eq(serialize_request(&pail_kinesis_list_shards_operation, &in, &s, &error),
                     -EINVAL);
    ck_assert_str_eq(error.message, "ListShards: ShardFilter.Type is required");
}
END_TEST

/* What a descriptor from outside may have forgotten. */
START_TEST(needs_what_json_services_say)
{
    const struct pail_service services[] = {{.protocol = PAIL_JSON, .json_version = "1.1"},
                                            {.protocol = PAIL_JSON, .target_prefix = "T"}};
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        const struct pail_operation op = {
            .name = "Do", .service = &services[i], .method = "POST", .uri = "/"};
        CLEANUP_DONE(serialized) struct serialized s = {.range = false};
        struct pail_error error = {0};
        ck_assert_int_eq(serialize_request(&op, NULL, &s, &error), -EINVAL);
        ck_assert_str_eq(error.message, "Do: its service has no target_prefix or json_version");
    }
}
END_TEST

SUITE_MAIN("aws/serialize_validate",
           tcase_add_loop_test(tc, holds_inputs_to_their_shapes, 0, (int)ARRAY_LEN(rows));
           tcase_add_test(tc, holds_services_of_the_library_too);
           tcase_add_test(tc, needs_what_json_services_say));
