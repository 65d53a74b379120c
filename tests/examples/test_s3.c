/* Runs every example of S3 against the fake S3, and those that need no fault also against the
 * server that AWS_ENDPOINT_URL names, and compares what it prints. */
#include "examples/runner.h"
#include "peer/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKET           "examples"
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what is there ---- */

static const struct {
    const char *key;
    const char *content; /* NULL: `size` bytes of whatever */
    uint64_t size;
    const char *headers; /* lines */
} objects[] = {
    {.key = "log.txt", .content = "all is well\nERROR: nothing is\nan ERROR again\r\n\nend"},
    {.key = "large.csv", .size = 20000},
    {.key = "data.json", .content = "{\"name\":\"ex\303\244mple\",\"values\":[1,2]}"},
    {.key = "broken.json", .content = "{\"name\":"},
    {.key = "empty", .content = ""},
    {.key = "file.txt",
     .content = "twenty bytes of text",
     .headers = "Content-Type: text/plain\nx-amz-meta-color: blue\nx-amz-meta-owner: someone\n"
                "Cache-Control: max-age=60\nContent-Disposition: inline"},
    {.key = "huge.bin", .size = 20 * 1024 * 1024},
    {.key = "data.jsonl",
     .content = "{\"id\":1,\"status\":\"active\"}\n{\"id\":2,\"status\":\"gone\"}\nno json\n"
                "null\n[1]\n\xff\xfe\n{\"id\":3,\"status\":\"active\",\"tags\":[\"a\"]}\n"},
    {.key = "traffic.jsonl",
     .content = "{\"bytes\":10}\n{\"bytes\":5}\n{\"other\":1}\n{\"bytes\":100}\n"},
};

static void fill_fake(struct peer_s3 *s3)
{
    peer_s3_bucket(s3, BUCKET);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct peer_s3_object object = {.key = objects[i].key,
                                        .content = objects[i].content,
                                        .size = objects[i].size,
                                        .headers = objects[i].headers};
        const char *type = object.headers ? strstr(object.headers, "Content-Type: ") : NULL;
        if (type) {
            object.content_type = "text/plain";
            object.headers = strchr(type, '\n') + 1;
        }
        peer_s3_put(s3, BUCKET, &object);
    }
}

/* The bucket of a server is named after the process: others' runs may be under way. */
static char server_bucket[64];

static void fill_server(void)
{
    char path[256], options[512], output[2048];
    (void)snprintf(path, sizeof(path), "%s/object", harness_root());
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        FILE *file = fopen(path, "we");
        ck_assert_ptr_nonnull(file);
        if (objects[i].content)
            fputs(objects[i].content, file);
        else
            for (uint64_t n = 0; n < objects[i].size; n++)
                fputc('x', file);
        ck_assert_int_eq(fclose(file), 0);
        size_t len = 0;
        options[0] = '\0';
        for (const char *at = objects[i].headers; at && *at;
             at += strcspn(at, "\n"), at += *at == '\n')
            len += (size_t)snprintf(options + len, sizeof(options) - len, " -H '%.*s'",
                                    (int)strcspn(at, "\n"), at);
        int status = harness_shell("/", RUN_MS, output, sizeof(output),
                                   PAIL_SCRIPTS "/s3-load put %s s3://%s/%s%s", path,
                                   server_bucket, objects[i].key, options);
        ck_assert_msg(status == 0, "%s", output);
    }
}

/* ---- what is printed ---- */

static const struct {
    const char *example, *key;
    const char *output;
    int status;
    bool fake_only;
} runs[] = {
    {"read_all", "large.csv", "Read 20000 bytes\n", 0, false},
    {"read_all", "empty", "Read 0 bytes\n", 0, false},
    {"read_all", "absent",
     "An error occurred (NoSuchKey) when calling the GetObject operation: *\n", 1, false},
    {"read_chunks", "large.csv",
     "Processed chunk of 8192 bytes\nProcessed chunk of 8192 bytes\n"
     "Processed chunk of 3616 bytes\nTotal size: 20000 bytes\n",
     0, false},
    {"read_chunks", "empty", "Total size: 0 bytes\n", 0, false},
    {"read_lines", "log.txt",
     "Error found: ERROR: nothing is\nError found: an ERROR again\nProcessed 5 lines\n", 0,
     false},
    {"read_json", "data.json", "2 members, name: ex\303\244mple\n", 0, false},
    {"read_json", "broken.json", "*not JSON: *\n", 1, false},
    {"read_into", "large.csv",
     "Read 8192 bytes, total: 8192\nRead 8192 bytes, total: 16384\n"
     "Read 3616 bytes, total: 20000\n",
     0, false},
    {"metadata", "file.txt",
     "HTTP Status: 200\nRequest ID: *\nContent-Type: text/plain\nContent-Length: 20\n"
     "ETag: \"*\"\nLast Modified: 20*-*-* *:*:*+00:00\nETag: \"*\"\nContent Type: text/plain\n",
     0, false},
    {"custom_metadata", "file.txt",
     "Custom metadata color: blue\nCustom metadata owner: someone\nCache Control: max-age=60\n"
     "Content Disposition: inline\n",
     0, false},
    {"custom_metadata", "empty", "", 0, false},
    {"optimal_chunks", "huge.bin",
     "Chunks of 65536 bytes\n25%\nProcessed 100 chunks\n50%\nProcessed 200 chunks\n75%\n"
     "Processed 300 chunks\n100%\nProcessed 320 chunks, 20971520 bytes\n",
     0, false},
    {"optimal_chunks", "empty", "Chunks of 8192 bytes\nProcessed 0 chunks, 0 bytes\n", 0,
     false},
    {"pipeline", "data.jsonl",
     "Processed item: {\"id\":1,\"status\":\"active\"}\n"
     "Processed item: {\"id\":3,\"status\":\"active\",\"tags\":[\"a\"]}\n5 of 7 lines "
     "dropped\n",
     0, false},
    {"own_processor", "traffic.jsonl",
     "Line 1 is more than half of all so far\nLine 4 is more than half of all so far\n"
     "115 bytes\n",
     0, false},
    {"own_processor", "data.jsonl", "*line 3: not JSON: *\n", 1, false},
    {"stream_processor", "log.txt", "all is well\nERROR: nothing is\nan ERROR again\n\n", 0,
     false},
    {"stream_processor", "file.txt", "twenty bytes of text\n", 0, false},
    {"timeouts", "file.txt", "Read 20 bytes after 0 retries\n", 0, false},
    {"safe_read", "large.csv", "Successfully processed 20000 bytes\n", 0, false},
    {"safe_read", "absent", "Key absent does not exist in bucket *\n", 1, false},
    {"own_response", "", "hello, color: blue\nNoSuchKey is ENOENT\n", 0, true},
};

static void run_at(struct peer_s3 *s3, const char *example, const char *key, const char *output,
                   int status)
{
    char arguments[256];
    (void)snprintf(arguments, sizeof(arguments), BUCKET " %s", key);
    run_example_at(peer_s3_url(s3), example, arguments, output, status);
}

START_TEST(prints)
{
    struct peer_s3 *s3 = peer_s3_start();
    fill_fake(s3);
    run_at(s3, runs[_i].example, runs[_i].key, runs[_i].output, runs[_i].status);
    peer_s3_stop(s3);
}
END_TEST

START_TEST(prints_with_a_server)
{
    const char *const *variables = harness_server_environment();
    char environment[2048] = "", arguments[256];
    if (!variables)
        return;
    for (size_t i = 0, len = 0; variables[i]; i++)
        len +=
            (size_t)snprintf(environment + len, sizeof(environment) - len, "%s ", variables[i]);
    (void)snprintf(server_bucket, sizeof(server_bucket), BUCKET "-%d", (int)getpid());
    fill_server();
    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        if (!runs[i].fake_only) {
            (void)snprintf(arguments, sizeof(arguments), "%s %s", server_bucket, runs[i].key);
            run_example(environment, runs[i].example, arguments, runs[i].output,
                        runs[i].status);
        }
}
END_TEST

/* ---- failures ---- */

#define FILE_TXT "GET /" BUCKET "/file.txt"

static const struct {
    struct peer_response answer; /* to the request for file.txt */
    unsigned times;
    const char *example, *key, *output;
    int status;
} failures[] = {
    {{.over = true, .fault = {.end = PEER_END_CUT, .after = 7}},
     0,
     "safe_read",
     "file.txt",
     "Incomplete read - expected 20, got 7\n",
     1},
    {{.over = true, .fault = {.end = PEER_END_RESET, .after = 7}},
     0,
     "safe_read",
     "file.txt",
     "Streaming protocol error: *\n",
     1},
    {{.over = true, .fault = {.end = PEER_END_STALL, .after = 7}},
     0,
     "safe_read",
     "file.txt 100",
     "Read timeout error: *\n",
     1},
    {{.over = true, .headers = "x-amz-checksum-crc32: AAAAAA=="},
     0,
     "safe_read",
     "file.txt",
     "The content was damaged on its way: *\n",
     1},
    {PEER_S3_ERROR(404, "NoSuchBucket"), 0, "safe_read", "file.txt",
     "Bucket " BUCKET " does not exist\n", 1},
    {PEER_S3_ERROR(403, "AccessDenied"), 0, "safe_read", "file.txt",
     "Access denied to " BUCKET "/file.txt\n", 1},
    {PEER_S3_ERROR(403, "InvalidObjectState"), 0, "safe_read", "file.txt",
     "Client error: InvalidObjectState - As the test says.\n", 1},
    {{.status = 200, .fault = {.instead_of_head = "nonsense\r\n\r\n"}},
     0,
     "safe_read",
     "file.txt",
     "Unexpected error: *\n",
     1},
    {PEER_S3_ERROR(503, "SlowDown"), 1, "timeouts", "file.txt",
     "Read 20 bytes after 1 retries\n", 0},
    {{.over = true, .fault = {.end = PEER_END_CUT, .after = 7}},
     0,
     "read_all",
     "file.txt",
     "*7 of 20 bytes*\n",
     1},
};

START_TEST(tells_failures)
{
    struct peer_s3 *s3 = peer_s3_start();
    fill_fake(s3);
    peer_rule_add(peer_s3_peer(s3), &(struct peer_rule){.match = {.pattern = FILE_TXT},
                                                        .responses = &failures[_i].answer,
                                                        .response_count = 1,
                                                        .times = failures[_i].times});
    run_at(s3, failures[_i].example, failures[_i].key, failures[_i].output,
           failures[_i].status);
    peer_s3_stop(s3);
}
END_TEST

START_TEST(needs_credentials)
{
    run_example("", "safe_read", BUCKET " file.txt", "AWS credentials not found or invalid\n",
                1);
}
END_TEST

START_TEST(says_how_it_is_called)
{
    run_example("", "read_all", "", "usage: *read_all BUCKET KEY\n", 2);
}
END_TEST

EXAMPLES_SUITE("examples/s3", tcase_add_loop_test(tc, prints, 0, ARRAY_LEN(runs));
               tcase_add_test(tc, prints_with_a_server);
               tcase_add_loop_test(tc, tells_failures, 0, ARRAY_LEN(failures));
               tcase_add_test(tc, needs_credentials);
               tcase_add_test(tc, says_how_it_is_called));
