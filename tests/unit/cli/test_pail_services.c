/* pail invoke, functions, select and whoami against a peer that says what the services would,
 * and what they should not. */
#include "unit/aws/event_messages.h"
#include "unit/check.h"
#include "unit/cli/pail_peer.h"

#include <pail/iterate.h>
#include <stdio.h>

static char *const output = pail_printed, *const said = pail_said;

#define ON(pattern_, ...) PAIL_PEER_ON({.pattern = pattern_}, __VA_ARGS__)

static const struct peer_request *asked(size_t index)
{
    const struct peer_request *request = peer_request_at(pail_peer, NULL, index);
    ck_assert_ptr_nonnull(request);
    return request;
}

/* ---- invoke ---- */

#define INVOKE      "POST /2015-03-31/functions/f/invocations"
#define STREAM      "POST /2021-11-15/functions/f/response-streaming-invocations"
#define FAILED_HEAD "X-Amz-Function-Error: Unhandled"
#define RAISED      "{\"errorMessage\":\"no such thing\",\"errorType\":\"ValueError\"}"

static const struct {
    const char *line;
    struct peer_response answer;
    int status;
    const char *output, *said;
} invocations[] = {
    {"pail invoke f", {.body = "{\"a\": 1}"}, EXIT_OK, "{\"a\": 1}", ""},
    {"pail invoke f --tail",
     {.body = "1", .headers = "X-Amz-Log-Result: b25lCnR3bwo="},
     EXIT_OK,
     "1",
     "one\ntwo\n"},
    {"pail invoke f --tail",
     {.body = "1", .headers = "X-Amz-Log-Result: b25lCnR3bw=="},
     EXIT_OK,
     "1",
     "one\ntwo\n"},
    {"pail invoke f --tail",
     {.body = "1", .headers = "X-Amz-Log-Result: !"}, /* it is not the answer */
     EXIT_OK,
     "1",
     ""},
    {"pail invoke f --async", {.status = 202, .body = ""}, EXIT_OK, "", ""},
    {"pail invoke f --dry-run", {.status = 204, .framing = PEER_BARE}, EXIT_OK, "", ""},
    {"pail invoke f",
     {.body = RAISED, .headers = FAILED_HEAD},
     EXIT_FUNCTION,
     RAISED,
     "pail: f: the function failed (Unhandled): ValueError: no such thing\n"},
    {"pail invoke f",
     {.body = "{\"errorMessage\":\"only\"}", .headers = FAILED_HEAD},
     EXIT_FUNCTION,
     "{\"errorMessage\":\"only\"}",
     "pail: f: the function failed (Unhandled): only\n"},
    {"pail invoke f",
     {.body = "not\nJSON", .headers = FAILED_HEAD},
     EXIT_FUNCTION,
     "not\nJSON",
     "pail: f: the function failed (Unhandled): not\\nJSON\n"},
    {"pail invoke f",
     {.body = "", .headers = FAILED_HEAD},
     EXIT_FUNCTION,
     "",
     "pail: f: the function failed (Unhandled)\n"},
    {"pail invoke f",
     {.body = "12345", .fault = {.end = PEER_END_CUT, .after = 3}},
     EXIT_FAILED,
     "123",
     "pail: f: incomplete read: "},
    {"pail invoke f",
     {.status = 404,
      .body = "{\"Message\":\"Function not found\"}",
      .headers = "x-amzn-ErrorType: ResourceNotFoundException"},
     EXIT_MISSING,
     "",
     "pail: f: ResourceNotFoundException: Function not found (404)\n"},
    {"pail invoke f",
     {.status = 403,
      .body = "{\"message\":\"no\"}",
      .headers = "x-amzn-ErrorType: AccessDenied"},
     EXIT_DENIED,
     "",
     "pail: f: AccessDenied: no (403)\n"},
    {"pail invoke f",
     {.status = 429,
      .body = "{\"Reason\":\"r\",\"message\":\"slow\"}",
      .headers = "x-amzn-ErrorType: TooManyRequestsException"},
     EXIT_NETWORK,
     "",
     "pail: f: TooManyRequestsException: slow (429)\n"},
    {"pail invoke f", {.status = 500, .body = ""}, EXIT_FAILED, "", "pail: f: Internal Server"},
};

START_TEST(invokes)
{
    peer_rule_add(pail_peer, &(struct peer_rule){.match = {.pattern = INVOKE},
                                                 .responses = &invocations[_i].answer,
                                                 .response_count = 1});
    ck_assert_int_eq(pail_peer_run(invocations[_i].line), invocations[_i].status);
    check_output(invocations[_i].output);
    ck_assert_msg(strncmp(said, invocations[_i].said, strlen(invocations[_i].said)) == 0, "%s",
                  said);
    ck_assert((said[0] == '\0') == (invocations[_i].said[0] == '\0'));
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 1); /* once only, whatever came of it */
}
END_TEST

static void write_file(char *path, size_t size, const char *text, size_t len)
{
    (void)snprintf(path, size, "/tmp/pail-payload-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pail_write(fd, text, len), 0);
    close(fd);
}

START_TEST(sends_payloads)
{
    char path[64], line[128];
    ON(INVOKE, {.body = "1"});
    ck_assert_int_eq(pail_peer_run("pail invoke f --qualifier live --tail --payload {\"a\":1}"),
                     EXIT_OK);
    ck_assert_str_eq(asked(0)->body, "{\"a\":1}");
    ck_assert_str_eq(peer_request_param(asked(0), "Qualifier"), "live");
    ck_assert_str_eq(peer_request_header(asked(0), "X-Amz-Log-Type"), "Tail");
    ck_assert_int_eq(pail_peer_run("pail invoke f --async"), EXIT_OK);
    ck_assert_uint_eq(asked(1)->body_len, 0);
    ck_assert_str_eq(peer_request_header(asked(1), "X-Amz-Invocation-Type"), "Event");
    ck_assert_int_eq(pail_peer_run("pail invoke f --dry-run"), EXIT_OK);
    ck_assert_str_eq(peer_request_header(asked(2), "X-Amz-Invocation-Type"), "DryRun");
    write_file(path, sizeof(path), "[\"from a file\"]\n", 16);
    (void)snprintf(line, sizeof(line), "pail invoke f --payload @%s", path);
    ck_assert_int_eq(pail_peer_run(line), EXIT_OK);
    ck_assert_str_eq(asked(3)->body, "[\"from a file\"]\n");
    int before = dup(STDIN_FILENO);
    ck_assert_ptr_nonnull(freopen(path, "re", stdin));
    ck_assert_int_eq(pail_peer_run("pail invoke f --payload -"), EXIT_OK);
    dup2(before, STDIN_FILENO);
    close(before);
    ck_assert_str_eq(asked(4)->body, "[\"from a file\"]\n");
    unlink(path);
}
END_TEST

START_TEST(refuses_payloads)
{
    char path[64], line[128], *large = calloc(1, 6 * 1024 * 1024 + 1);
    ck_assert_ptr_nonnull(large);
    ck_assert_int_eq(pail_peer_run("pail invoke f --payload @/nonexistent"), EXIT_FAILED);
    check_said("pail: /nonexistent: No such file or directory\n");
    ck_assert_int_eq(pail_peer_run("pail invoke f --payload @/"), EXIT_FAILED);
    check_said("pail: /: Is a directory\n");
    write_file(path, sizeof(path), large, 6 * 1024 * 1024 + 1);
    (void)snprintf(line, sizeof(line), "pail invoke f --payload @%s", path);
    ck_assert_int_eq(pail_peer_run(line), EXIT_FAILED);
    ck_assert_ptr_nonnull(strstr(said, ": over 6 MB"));
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 0);
    unlink(path);
    free(large);
}
END_TEST

/* What a stream of an invocation says: its chunks, and how it ends. */
static const struct {
    const char *complete; /* NULL: it breaks off */
    const char *head;
    int status;
    const char *said;
} streams[] = {
    {"{}", NULL, EXIT_OK, ""},
    {"{\"LogResult\":\"bG9n\"}", NULL, EXIT_OK, "log\n"},
    {"{\"ErrorCode\":\"Unhandled\",\"ErrorDetails\":\"it broke\"}", NULL, EXIT_FUNCTION,
     "pail: f: the function failed (Unhandled): it broke\n"},
    {"{\"ErrorCode\":\"Timeout\",\"ErrorDetails\":null}", NULL, EXIT_FUNCTION,
     "pail: f: the function failed (Timeout): one two\n"},
    {"{\"errorCode\":\"Unhandled\"}", FAILED_HEAD, EXIT_FUNCTION,
     "pail: f: the function failed (Unhandled): one two\n"},
    {NULL, NULL, EXIT_FAILED, "pail: f: incomplete read: "},
};

START_TEST(streams_answers)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, SIZE_MAX);
    add_event(&b, "PayloadChunk", PAIL_STR("one "));
    add_event(&b, "PayloadChunk", PAIL_STR("two"));
    if (streams[_i].complete)
        add_event(&b, "InvokeComplete", str_c(streams[_i].complete));
    ON(STREAM, {.body = buf_c(&b), .body_len = b.len, .headers = streams[_i].head});
    ck_assert_int_eq(pail_peer_run("pail invoke f --stream"), streams[_i].status);
    check_output("one two");
    ck_assert_msg(strncmp(said, streams[_i].said, strlen(streams[_i].said)) == 0, "%s", said);
    ck_assert((said[0] == '\0') == (streams[_i].said[0] == '\0'));
}
END_TEST

START_TEST(lists_functions)
{
    ON("GET /2015-03-31/functions",
       {.body = "{\"Functions\":[{\"FunctionName\":\"f\",\"Runtime\":\"python3.12\","
                "\"CodeSize\":7,\"LastModified\":\"2026-01-02T03:04:05.678+0000\"},"
                "{\"FunctionName\":\"image\",\"Runtime\":null}],\"NextMarker\":\"m\"}"},
       {.body = "{\"Functions\":[{\"FunctionName\":\"g\"}],\"NextMarker\":null}"});
    ck_assert_int_eq(pail_peer_run("pail functions -l"), EXIT_OK);
    check_output("2026-01-02T03:04:05Z             7 python3.12   f\n"
                 "-                                - -            image\n"
                 "-                                - -            g\n");
    ck_assert_str_eq(peer_request_param(asked(1), "Marker"), "m");
    ON("GET /2015-03-31/functions", {.body = "{\"Functions\":[{\"FunctionName\":\"f\"}]}"});
    ck_assert_int_eq(pail_peer_run("pail functions --json"), EXIT_OK);
    check_output("{\"FunctionName\":\"f\"}\n");
}
END_TEST

/* ---- select ---- */

#define STATS                                                                                  \
    "<Stats><BytesScanned>9</BytesScanned><BytesProcessed>8</BytesProcessed>"                  \
    "<BytesReturned>7</BytesReturned></Stats>"

/* Rows cut where it hurts: inside a row, and inside a character. */
static void add_rows(struct buf *b)
{
    buf_init(b, SIZE_MAX);
    add_event(b, "Cont", PAIL_STR(""));
    add_event(b, "Records", PAIL_STR("ann,1\nbob"));
    add_event(b, "Progress", PAIL_STR("<Progress><BytesScanned>1</BytesScanned></Progress>"));
    add_event(b, "Records", PAIL_STR(",2\nz\xc3"));
    add_event(b, "Records", PAIL_STR("\xbc"));
    add_event(b, "Records", PAIL_STR("rich,3\nlast"));
    add_event(b, "Stats", PAIL_STR(STATS));
}

START_TEST(selects)
{
    CLEANUP_DONE(buf) struct buf b;
    add_rows(&b);
    add_event(&b, "End", PAIL_STR(""));
    ON("POST /b/k.csv", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k.csv SELECT~*~FROM~S3Object --stats"),
                     EXIT_OK);
    check_output("ann,1\nbob,2\nz\xc3\xbcrich,3\nlast");
    check_said("9 bytes scanned, 8 processed, 7 returned\n");
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k.csv x"), EXIT_OK);
    check_said("");
}
END_TEST

/* What is held back of a row has a limit; a row of the limit's length is shown. */
START_TEST(a_row_without_an_end_is_a_failure)
{
    enum { PIECE = 4 * 1024 * 1024, PIECES = PAIL_LINE_MAX / PIECE };
    CLEANUP_DONE(buf) struct buf b;
    char *piece = malloc(PIECE);
    ck_assert_ptr_nonnull(piece);
    memset(piece, 'x', PIECE);
    buf_init(&b, SIZE_MAX);
    add_event(&b, "Records", PAIL_STR("ann,1\n"));
    for (int i = 0; i < PIECES; i++)
        add_event(&b, "Records", str_of(piece, PIECE));
    size_t full = b.len;
    add_event(&b, "End", PAIL_STR(""));
    ON("POST /b/k", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k x"), EXIT_OK);
    check_said("");
    buf_truncate(&b, full);
    add_event(&b, "Records", PAIL_STR("x"));
    add_event(&b, "Records", PAIL_STR("x\nbob,2\n"));
    add_event(&b, "End", PAIL_STR(""));
    ON("POST /b/k", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k x"), EXIT_FAILED);
    check_output("ann,1\n");
    check_said("pail: s3://b/k: a row is longer than 16 MiB\n");
    free(piece);
}
END_TEST

/* Without its end it was cut off; the row that was not whole is not shown. */
START_TEST(a_selection_without_its_end_is_a_failure)
{
    CLEANUP_DONE(buf) struct buf b;
    add_rows(&b);
    ON("POST /b/k", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k x"), EXIT_FAILED);
    check_output("ann,1\nbob,2\nz\xc3\xbcrich,3\n");
    ck_assert_msg(strncmp(said, "pail: s3://b/k: incomplete read: ", 33) == 0, "%s", said);
    add_failure(&b, "error", "OverMaxRecordSize", "too long");
    ON("POST /b/k", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run("pail select s3://b/k x"), EXIT_FAILED);
    check_output("ann,1\nbob,2\nz\xc3\xbcrich,3\n");
    ck_assert_msg(strncmp(said, "pail: s3://b/k: OverMaxRecordSize: too long", 43) == 0, "%s",
                  said);
}
END_TEST

/* Whichever byte is damaged, it is seen, and what was printed is a beginning of the rows. */
START_TEST(a_damaged_selection_is_a_failure)
{
    static const char whole[] = "ann,1\nbob,2\nz\xc3\xbcrich,3\nlast";
    CLEANUP_DONE(buf) struct buf b;
    add_rows(&b);
    add_event(&b, "End", PAIL_STR(""));
    for (size_t at = _i == 0 ? 0 : b.len - 100; at < b.len; at += _i == 0 ? 5 : 1) {
        peer_clear(pail_peer);
        ON("POST /b/k", {.body = buf_c(&b),
                         .body_len = b.len,
                         .fault = {.corrupt = true, .corrupt_at = at}});
        int status = pail_peer_run("pail select --timeout 5 s3://b/k x");
        ck_assert_msg(status == EXIT_FAILED, "byte %zu: %d", at, status);
        ck_assert_msg(strncmp(whole, output, strlen(output)) == 0, "%s", output);
        ck_assert_ptr_null(strstr(output, "last"));
        ck_assert_msg(strncmp(said, "pail: s3://b/k: ", 16) == 0, "%s", said);
    }
}
END_TEST

static const struct {
    const char *line, *expected[3]; /* parts of the request */
} selections[] = {
    {"pail select s3://b/k x",
     {"<Expression>x</Expression><ExpressionType>SQL</ExpressionType>",
      "<CSV><FileHeaderInfo>USE</FileHeaderInfo></CSV><CompressionType>NONE</CompressionType>",
      "<OutputSerialization><CSV><QuoteFields>ASNEEDED</QuoteFields></CSV>"}},
    {"pail select s3://b/k x --header none --delimiter \\t --record-delimiter \\r\\n --quote ' "
     "--escape \\ --comments # --quoted-newlines --output json",
     {"<FileHeaderInfo>NONE</FileHeaderInfo><Comments>#</Comments>"
      "<QuoteEscapeCharacter>\\</QuoteEscapeCharacter>",
      "<RecordDelimiter>&#xD;&#xA;</RecordDelimiter>",
      "<JSON><RecordDelimiter>&#xA;</RecordDelimiter></JSON>"}},
    {"pail select s3://b/k.JSON.gz x",
     {"<CompressionType>GZIP</CompressionType><JSON><Type>LINES</Type></JSON>",
      "<OutputSerialization><JSON>"}},
    {"pail select s3://b/k.json.gz x --compression none --json-document --output csv",
     {"<CompressionType>NONE</CompressionType><JSON><Type>DOCUMENT</Type></JSON>",
      "<OutputSerialization><CSV>"}},
    {"pail select s3://b/k.bz2 x", {"<CSV>", "<CompressionType>BZIP2</CompressionType>"}},
    {"pail select s3://b/k.parquet x", {"<Parquet", "<OutputSerialization><JSON>"}},
    {"pail select s3://b/.gz x --csv", {"<CSV>", "<CompressionType>NONE</CompressionType>"}},
};

START_TEST(asks_for_what_it_was_told)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, SIZE_MAX);
    add_event(&b, "End", PAIL_STR(""));
    ON("POST /b/*", {.body = buf_c(&b), .body_len = b.len});
    ck_assert_int_eq(pail_peer_run(selections[_i].line), EXIT_OK);
    for (size_t i = 0; i < ARRAY_LEN(selections[_i].expected) && selections[_i].expected[i];
         i++)
        ck_assert_msg(strstr(asked(0)->body, selections[_i].expected[i]), "%s in %s",
                      selections[_i].expected[i], (const char *)asked(0)->body);
}
END_TEST

static const struct {
    struct peer_response answer;
    int status;
    const char *said;
} refusals[] = {
    {{.status = 405,
      .body = "<Error><Code>MethodNotAllowed</Code><Message>no</Message></Error>"},
     EXIT_FAILED,
     "pail: s3://b/k: MethodNotAllowed: no (405); S3 Select is not offered here (AWS has "
     "closed "
     "it to new customers)\n"},
    {{.status = 501, .body = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>"},
     EXIT_FAILED,
     "pail: s3://b/k: NotImplemented: no (501); S3 Select is not offered here (AWS has closed "
     "it to new customers)\n"},
    {{.status = 400,
      .body = "<Error><Code>ParseUnexpectedToken</Code><Message>x</Message></Error>"},
     EXIT_FAILED,
     "pail: s3://b/k: ParseUnexpectedToken: x (400)\n"},
    {{.status = 404, .body = "<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"},
     EXIT_MISSING,
     "pail: s3://b/k: NoSuchKey: x (404)\n"},
};

START_TEST(says_why_not)
{
    peer_rule_add(pail_peer, &(struct peer_rule){.match = {.pattern = "POST /b/k"},
                                                 .responses = &refusals[_i].answer,
                                                 .response_count = 1});
    ck_assert_int_eq(pail_peer_run("pail select --max-attempts 1 s3://b/k x"),
                     refusals[_i].status);
    check_output("");
    check_said(refusals[_i].said);
    ck_assert_int_eq(pail_peer_run("pail select s3://b x"), EXIT_USAGE);
    ck_assert_int_eq(pail_peer_run("pail select b/k x"), EXIT_USAGE);
}
END_TEST

/* ---- whoami ---- */

START_TEST(tells_who)
{
    ON("POST /", {.body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:x</Arn>"
                          "<UserId>U</UserId><Account>12</Account></GetCallerIdentityResult>"
                          "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
                          "</GetCallerIdentityResponse>"});
    ck_assert_int_eq(pail_peer_run("pail whoami"), EXIT_OK);
    check_output("Account: 12\nArn: arn:x\nUserId: U\nCredentials: environment\n");
    ck_assert_int_eq(pail_peer_run("pail whoami --json"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(output,
                                 "\"UserId\":\"U\",\"Account\":\"12\",\"Arn\":\"arn:x\","
                                 "\"CredentialsSource\":\"environment\"}\n"));
    ON("POST /", {.status = 403,
                  .body = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code>"
                          "<Message>no</Message></Error></ErrorResponse>"});
    ck_assert_int_eq(pail_peer_run("pail whoami"), EXIT_DENIED);
    check_said("pail: whoami: InvalidClientTokenId: no (403)\n");
    check_output("Credentials: environment\n");
    ck_assert_int_eq(pail_peer_run("pail whoami --json"), EXIT_DENIED);
    check_output("{\"CredentialsSource\":\"environment\"}\n");
}
END_TEST

START_TEST(ends_quietly_without_a_reader)
{
    static const char *const commands[] = {"pail invoke f", "pail invoke f --stream",
                                           "pail functions", "pail select s3://b/k x",
                                           "pail whoami"};
    CLEANUP_DONE(buf) struct buf rows, chunks;
    add_rows(&rows);
    buf_init(&chunks, SIZE_MAX);
    add_event(&chunks, "PayloadChunk", PAIL_STR("one"));
    ON("POST /b/k", {.body = buf_c(&rows), .body_len = rows.len});
    ON("POST /", {.body = "<R><GetCallerIdentityResult/></R>"});
    ON("GET /2015-03-31/functions", {.body = "{\"Functions\":[{\"FunctionName\":\"f\"}]}"});
    ON(INVOKE, {.body = "1"});
    ON(STREAM, {.body = buf_c(&chunks), .body_len = chunks.len});
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        close(ends[0]);
        pail_no_reader = ends[1];
        ck_assert_int_eq(pail_peer_run(commands[i]), EXIT_PIPE);
        check_said("");
        pail_no_reader = -1;
        close(ends[1]);
    }
}
END_TEST

SUITE_MAIN("cli/pail_services",
           tcase_add_checked_fixture(tc, pail_peer_setup, pail_peer_teardown);
           tcase_add_loop_test(tc, invokes, 0, (int)ARRAY_LEN(invocations));
           tcase_add_test(tc, sends_payloads); tcase_add_test(tc, refuses_payloads);
           tcase_add_loop_test(tc, streams_answers, 0, (int)ARRAY_LEN(streams));
           tcase_add_test(tc, lists_functions); tcase_add_test(tc, selects);
           tcase_add_test(tc, a_row_without_an_end_is_a_failure);
           tcase_add_test(tc, a_selection_without_its_end_is_a_failure);
           tcase_add_loop_test(tc, a_damaged_selection_is_a_failure, 0, 2);
           tcase_add_loop_test(tc, asks_for_what_it_was_told, 0, (int)ARRAY_LEN(selections));
           tcase_add_loop_test(tc, says_why_not, 0, (int)ARRAY_LEN(refusals));
           tcase_add_test(tc, tells_who); tcase_add_test(tc, ends_quietly_without_a_reader));
