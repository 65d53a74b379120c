#include <pail/s3.h>

#include "aws/response.h"
#include "aws/serialize.h"
#include "unit/check.h"

#include <errno.h>

#define NS "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

/* Requests */

/* "GET /path?query" and then a line for each header. */
static void describe(const struct serialized *s, struct buf *b)
{
    buf_addf(b, "%s %s", s->request.method, s->request.url.path);
    if (s->request.query.len > 0)
        buf_addf(b, "?%s", buf_c(&s->request.query));
    for (size_t i = 0; i < s->request.headers.count; i++) {
        buf_add_byte(b, '\n');
        buf_add_str(b, http_headers_name(&s->request.headers, i));
        buf_add_c(b, ": ");
        buf_add_str(b, http_headers_value(&s->request.headers, i));
    }
}

static void check_request(const struct pail_operation *op, const void *in, const char *expected)
{
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    CLEANUP_DONE(buf) struct buf seen;
    struct pail_error error;
    buf_init(&seen, 65536);
    ck_assert_int_eq(serialize_request(op, in, &s, &error), 0);
    describe(&s, &seen);
    ck_assert_str_eq(buf_c(&seen), expected);
    ck_assert(!s.request.has_body);
}

START_TEST(asks_for_listings)
{
    struct pail_s3_list_objects_v2_input in = {.bucket = PAIL_STR("logs")};
    check_request(&pail_s3_list_objects_v2_operation, &in,
                  "GET /logs?list-type=2&encoding-type=url");
    struct pail_str attributes[] = {PAIL_STR("RestoreStatus")};
    in = (struct pail_s3_list_objects_v2_input){
        .bucket = PAIL_STR("logs"),
        .delimiter = PAIL_STR("/"),
        .encoding_type = PAIL_STR("none"),
        .max_keys = PAIL_INT(7),
        .prefix = PAIL_STR("a b/+%\n\xc3\xa9"),
        .continuation_token = PAIL_STR("1/==&"),
        .fetch_owner = PAIL_BOOL(true),
        .start_after = PAIL_STR(""),
        .request_payer = PAIL_STR("requester"),
        .expected_bucket_owner = PAIL_STR("123"),
        .optional_object_attributes = {attributes, 1},
    };
    check_request(&pail_s3_list_objects_v2_operation, &in,
                  "GET /logs?list-type=2&delimiter=%2F&encoding-type=none&max-keys=7"
                  "&prefix=a%20b%2F%2B%25%0A%C3%A9&continuation-token=1%2F%3D%3D%26"
                  "&fetch-owner=true&start-after=\n"
                  "x-amz-request-payer: requester\n"
                  "x-amz-expected-bucket-owner: 123\n"
                  "x-amz-optional-object-attributes: RestoreStatus");
}
END_TEST

START_TEST(asks_for_buckets)
{
    struct pail_s3_list_buckets_input in = {
        .max_buckets = PAIL_INT(10),
        .continuation_token = PAIL_STR("t"),
        .prefix = PAIL_STR("p"),
        .bucket_region = PAIL_STR("eu-west-1"),
    };
    check_request(&pail_s3_list_buckets_operation, NULL, "GET /");
    check_request(&pail_s3_list_buckets_operation, &in,
                  "GET /?max-buckets=10&continuation-token=t&prefix=p&bucket-region=eu-west-1");
    struct pail_s3_head_bucket_input head = {.bucket = PAIL_STR("b"),
                                             .expected_bucket_owner = PAIL_STR("1")};
    check_request(&pail_s3_head_bucket_operation, &head,
                  "HEAD /b\nx-amz-expected-bucket-owner: 1");
    struct pail_s3_get_bucket_location_input location = {.bucket = PAIL_STR("b")};
    check_request(&pail_s3_get_bucket_location_operation, &location, "GET /b?location");
}
END_TEST

static const struct {
    struct pail_str key;
    const char *request;
} keys[] = {
    {PAIL_STR("a"), "HEAD /b/a"},
    {PAIL_STR("a/b/../c//d/"), "HEAD /b/a/b/../c//d/"},
    {PAIL_STR("/a"), "HEAD /b//a"},
    {PAIL_STR("AZaz09-._~/"), "HEAD /b/AZaz09-._~/"},
    {PAIL_STR(" !\"#$%&'()*+,:;<=>?@[\\]^`{|}\t\n\x7f"),
     "HEAD "
     "/b/%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%"
     "7D"
     "%09%0A%7F"},
    {PAIL_STR("\xc3\xa9\xff"), "HEAD /b/%C3%A9%FF"},
    {PAIL_STR("%41"), "HEAD /b/%2541"},
};

START_TEST(encodes_keys)
{
    struct pail_s3_head_object_input in = {.bucket = PAIL_STR("b"), .key = keys[_i].key};
    check_request(&pail_s3_head_object_operation, &in, keys[_i].request);
}
END_TEST

START_TEST(asks_for_objects)
{
    struct pail_time time = {.seconds = 1255369800, .present = true};
    struct pail_s3_get_object_input in = {
        .bucket = PAIL_STR("b"),
        .key = PAIL_STR("k"),
        .if_match = PAIL_STR("\"e\""),
        .if_modified_since = time,
        .if_none_match = PAIL_STR("*"),
        .if_unmodified_since = time,
        .range = PAIL_STR("bytes=0-9"),
        .response_cache_control = PAIL_STR("no-cache"),
        .response_content_disposition = PAIL_STR("x; y=\"z\""),
        .response_content_encoding = PAIL_STR("gzip"),
        .response_content_language = PAIL_STR("de"),
        .response_content_type = PAIL_STR("text/plain"),
        .response_expires = time,
        .version_id = PAIL_STR("null"),
        .sse_customer_algorithm = PAIL_STR("AES256"),
        .sse_customer_key = PAIL_STR("\x00\x01\xff"),
        .request_payer = PAIL_STR("requester"),
        .part_number = PAIL_INT(3),
        .expected_bucket_owner = PAIL_STR("1"),
    };
    check_request(&pail_s3_get_object_operation, &in,
                  "GET /b/k?response-cache-control=no-cache"
                  "&response-content-disposition=x%3B%20y%3D%22z%22"
                  "&response-content-encoding=gzip&response-content-language=de"
                  "&response-content-type=text%2Fplain"
                  "&response-expires=Mon%2C%2012%20Oct%202009%2017%3A50%3A00%20GMT"
                  "&versionId=null&partNumber=3\n"
                  "If-Match: \"e\"\n"
                  "If-Modified-Since: Mon, 12 Oct 2009 17:50:00 GMT\n"
                  "If-None-Match: *\n"
                  "If-Unmodified-Since: Mon, 12 Oct 2009 17:50:00 GMT\n"
                  "Range: bytes=0-9\n"
                  "x-amz-server-side-encryption-customer-algorithm: AES256\n"
                  "x-amz-server-side-encryption-customer-key-MD5: /7uM1aIyt9kGkEUz6WCfSA==\n"
                  "x-amz-server-side-encryption-customer-key: AAH/\n"
                  "x-amz-request-payer: requester\n"
                  "x-amz-expected-bucket-owner: 1\n"
                  "x-amz-checksum-mode: ENABLED");
    in = (struct pail_s3_get_object_input){
        .bucket = PAIL_STR("b"),
        .key = PAIL_STR("k"),
        .sse_customer_key = PAIL_STR("AAH/"),
        .sse_customer_key_md5 = PAIL_STR("given"),
        .checksum_mode = PAIL_STR("off"),
    };
    check_request(&pail_s3_get_object_operation, &in,
                  "GET /b/k\n"
                  "x-amz-server-side-encryption-customer-key: AAH/\n"
                  "x-amz-server-side-encryption-customer-key-MD5: given\n"
                  "x-amz-checksum-mode: off");
}
END_TEST

/* Listings */

static int parse(const struct pail_operation *op, const char *body, void *out,
                 struct pail_error *error)
{
    struct pail_http_response response = {.status = 200, .body = str_c(body)};
    return pail_get_response(op, &response, out, error);
}

static const char aws_listing[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult " NS ">"
    "<Name>b</Name><Prefix>a+b%2F</Prefix><StartAfter>a%2Fb</StartAfter>"
    "<Delimiter>%2F</Delimiter><NextContinuationToken>1+%2F</NextContinuationToken>"
    "<KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>"
    "<CommonPrefixes><Prefix>a+b%2F1%2B1%2F</Prefix></CommonPrefixes>"
    "<Contents><Key>a+b%2Fx%2By</Key><LastModified>2026-11-22T10:00:01.500Z</LastModified>"
    "<ETag>&quot;e1&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"
    "<ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
    "<Size>5368709120</Size><StorageClass>GLACIER</StorageClass>"
    "<Owner><DisplayName>me</DisplayName><ID>1</ID></Owner><RestoreStatus>"
    "<IsRestoreInProgress>false</IsRestoreInProgress>"
    "<RestoreExpiryDate>2026-12-01T00:00:00Z</RestoreExpiryDate></RestoreStatus></Contents>"
    "<CommonPrefixes><Prefix>%FF%2F</Prefix></CommonPrefixes>"
    "<Contents><Key>%00</Key><Size>0</Size><Future><Key>no</Key></Future></Contents>"
    "<EncodingType>url</EncodingType></ListBucketResult>";

static void check_aws_object(const struct pail_s3_object *object)
{
    check_str(object->key, "a b/x+y");
    ck_assert_int_eq(object->last_modified.seconds, 1795341601);
    ck_assert_uint_eq(object->last_modified.nanoseconds, 500000000);
    check_str(object->etag, "\"e1\"");
    ck_assert_uint_eq(object->checksum_algorithm.count, 2);
    check_str(object->checksum_algorithm.items[1], "SHA256");
    check_str(object->checksum_type, "FULL_OBJECT");
    ck_assert_int_eq(object->size.value, 5368709120);
    check_str(object->storage_class, "GLACIER");
    check_str(object->owner->display_name, "me");
    check_str(object->owner->id, "1");
    ck_assert(object->restore_status->is_restore_in_progress.present);
    ck_assert(!object->restore_status->is_restore_in_progress.value);
    ck_assert(object->restore_status->restore_expiry_date.present);
}

START_TEST(reads_a_listing_of_aws)
{
    struct pail_s3_list_objects_v2_output out = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(parse(&pail_s3_list_objects_v2_operation, aws_listing, &out, &error), 0);
    check_str(out.name, "b");
    check_str(out.prefix, "a b/");
    check_str(out.start_after, "a/b");
    check_str(out.delimiter, "/");
    check_str(out.next_continuation_token, "1+%2F");
    check_absent(out.continuation_token);
    ck_assert(out.is_truncated.present && out.is_truncated.value);
    ck_assert_int_eq(out.key_count.value, 3);
    ck_assert_int_eq(out.max_keys.value, 1000);
    ck_assert_uint_eq(out.common_prefixes.count, 2);
    check_str(out.common_prefixes.items[0].prefix, "a b/1+1/");
    check_str(out.common_prefixes.items[1].prefix, "\xff/");
    ck_assert_uint_eq(out.contents.count, 2);
    check_aws_object(&out.contents.items[0]);
    const struct pail_s3_object *object = &out.contents.items[1];
    check_str(object->key, "\0");
    ck_assert(object->size.present && object->size.value == 0);
    check_absent(object->etag);
    ck_assert_ptr_null(object->checksum_algorithm.items);
    ck_assert_ptr_null(object->owner);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    ck_assert_ptr_null(out.contents.items);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
}
END_TEST

/* RGW encodes with %20 and %2F, but not the fields of the request; others do not encode. */
START_TEST(reads_listings_of_others)
{
    struct pail_s3_list_objects_v2_output out = {.response.http_status = 0};
    struct pail_error error;
    int r = parse(
        &pail_s3_list_objects_v2_operation,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult " NS "><Name>b</Name>"
        "<Prefix>a/</Prefix><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter>"
        "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
        "<CommonPrefixes><Prefix>a/c%20d/</Prefix></CommonPrefixes>"
        "<Contents><Key>a%2Fb%20c%2Bd</Key><LastModified>2026-11-22T10:00:01.500Z</"
        "LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass>"
        "<Owner><ID>u</ID><DisplayName>u</DisplayName></Owner><Type>Normal</Type></Contents>"
        "<KeyCount>2</KeyCount></ListBucketResult>",
        &out, &error);
    ck_assert_int_eq(r, 0);
    check_str(out.contents.items[0].key, "a/b c+d");
    check_str(out.common_prefixes.items[0].prefix, "a/c d/");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);

    r = parse(&pail_s3_list_objects_v2_operation,
              "<ListBucketResult><Contents><Key>a+b%2F</Key></Contents></ListBucketResult>",
              &out, &error);
    ck_assert_int_eq(r, 0);
    check_str(out.contents.items[0].key, "a+b%2F");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
}
END_TEST

#define UNPARSED "the response cannot be parsed: "

static const struct {
    const char *body;
    const char *message; /* its start */
} bad_listings[] = {
    {NULL, "the response has no body"},
    {"", "the response has no body"},
    {" \n", "the response has no body"},
    {"<ListBucketResult>", UNPARSED "line 1: no element found"},
    {"<html><body/></html>", UNPARSED "unexpected root element: html"},
    {"<ListAllMyBucketsResult/>", UNPARSED "unexpected root"},
    {"<ListBucketResult><Contents/></ListBucketResult>", UNPARSED "missing element: Key"},
    {"<ListBucketResult><CommonPrefixes/></ListBucketResult>",
     UNPARSED "missing element: Prefix"},
    {"<ListBucketResult><Contents><Key>a</Key><Size>x</Size></Contents></ListBucketResult>",
     UNPARSED "not a value of its type: x"},
    {"<ListBucketResult><Contents><Key>a</Key><Size/></Contents></ListBucketResult>",
     UNPARSED "not a value"},
    {"<ListBucketResult><Contents><Key>a</Key><LastModified>yesterday</LastModified></Contents>"
     "</ListBucketResult>",
     UNPARSED "not a value of its type: yesterday"},
    {"<ListBucketResult><MaxKeys>2147483648</MaxKeys></ListBucketResult>",
     UNPARSED "not a value of its type: 2147483648"},
    {"<!DOCTYPE x [<!ENTITY a 'b'>]><ListBucketResult/>",
     UNPARSED "line 1: a document type declaration"},
};

START_TEST(refuses_what_is_no_listing)
{
    struct pail_s3_list_objects_v2_output out = {.response.http_status = 0};
    struct pail_error error;
    int r = parse(&pail_s3_list_objects_v2_operation, bad_listings[_i].body, &out, &error);
    ck_assert_int_eq(r, -EPROTO);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARSE);
    ck_assert_int_eq(error.http_status, 200);
    ck_assert(error.retryable);
    ck_assert_str_eq(error.operation, "ListObjectsV2");
    ck_assert_msg(
        strncmp(error.message, bad_listings[_i].message, strlen(bad_listings[_i].message)) == 0,
        "%s", error.message);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
}
END_TEST

START_TEST(never_takes_a_cut_listing_for_a_whole_one)
{
    for (size_t len = 0; len < sizeof(aws_listing) - 1; len++) {
        struct pail_s3_list_objects_v2_output out = {.response.http_status = 0};
        struct pail_error error;
        struct pail_http_response response = {.status = 200, .body = {aws_listing, len}};
        int r = pail_get_response(&pail_s3_list_objects_v2_operation, &response, &out, &error);
        ck_assert_int_eq(r, -EPROTO);
        pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    }
}
END_TEST

START_TEST(reports_an_error_in_a_success)
{
    struct pail_s3_list_objects_v2_output out = {.response.http_status = 0};
    struct pail_error error;
    int r =
        parse(&pail_s3_list_objects_v2_operation,
              "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code><Message>Wait.</Message>"
              "<RequestId>R</RequestId><HostId>H</HostId></Error>",
              &out, &error);
    ck_assert_int_eq(r, -EBUSY);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CLIENT);
    ck_assert_int_eq(error.http_status, 500);
    ck_assert_str_eq(error.code, "SlowDown");
    ck_assert_str_eq(error.message, "Wait.");
    ck_assert_str_eq(error.request_id, "R");
    ck_assert_str_eq(error.host_id, "H");
    ck_assert(error.retryable);
    ck_assert_int_eq(out.response.http_status, 200);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
}
END_TEST

/* Buckets */

static const struct {
    const char *body;
    const char *location; /* NULL: absent */
    int result;
} locations[] = {
    {"<?xml version=\"1.0\"?>\n<LocationConstraint " NS ">eu-central-1</LocationConstraint>",
     "eu-central-1", 0},
    {"<LocationConstraint " NS "/>", NULL, 0},
    {"<LocationConstraint " NS "></LocationConstraint>", NULL, 0},
    {"<LocationConstraint>EU</LocationConstraint>", "EU", 0},
    {"<LocationConstraint>default</LocationConstraint>", "default", 0},
    {"<Error><Code>AccessDenied</Code></Error>", NULL, -EACCES},
    {"", NULL, -EPROTO},
};

START_TEST(reads_locations)
{
    struct pail_s3_get_bucket_location_output out = {.response.http_status = 0};
    struct pail_error error;
    int r = parse(&pail_s3_get_bucket_location_operation, locations[_i].body, &out, &error);
    ck_assert_int_eq(r, locations[_i].result);
    ck_assert(str_eq_c(out.location_constraint, locations[_i].location));
    pail_output_free(&pail_s3_get_bucket_location_operation, &out);
}
END_TEST

START_TEST(reads_buckets)
{
    struct pail_s3_list_buckets_output out = {.response.http_status = 0};
    struct pail_error error;
    int r = parse(&pail_s3_list_buckets_operation,
                  "<ListAllMyBucketsResult " NS "><Owner><ID>1</ID></Owner><Buckets>"
                  "<Bucket><Name>a</Name><CreationDate>2026-11-22T10:00:01.500Z</CreationDate>"
                  "<BucketRegion>us-west-2</BucketRegion><BucketArn>arn:aws:s3:::a</BucketArn>"
                  "</Bucket><Bucket><Name>b</Name></Bucket></Buckets>"
                  "<ContinuationToken>t</ContinuationToken><Prefix/></ListAllMyBucketsResult>",
                  &out, &error);
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(out.buckets.count, 2);
    check_str(out.buckets.items[0].name, "a");
    ck_assert_int_eq(out.buckets.items[0].creation_date.seconds, 1795341601);
    check_str(out.buckets.items[0].bucket_region, "us-west-2");
    check_str(out.buckets.items[0].bucket_arn, "arn:aws:s3:::a");
    check_str(out.buckets.items[1].name, "b");
    check_str(out.owner->id, "1");
    check_str(out.continuation_token, "t");
    check_str(out.prefix, "");
    pail_output_free(&pail_s3_list_buckets_operation, &out);

    r = parse(&pail_s3_list_buckets_operation,
              "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>", &out, &error);
    ck_assert_int_eq(r, 0);
    ck_assert_ptr_nonnull(out.buckets.items);
    ck_assert_uint_eq(out.buckets.count, 0);
    pail_output_free(&pail_s3_list_buckets_operation, &out);
}
END_TEST

/* Objects */

#define HEADER(name, value)                                                                    \
    {                                                                                          \
        PAIL_STR(name), PAIL_STR(value)                                                        \
    }

static const struct pail_header object_headers[] = {
    HEADER("x-amz-id-2", "host"),
    HEADER("x-amz-request-id", "request"),
    HEADER("X-Amz-Request-Id", "second"),
    HEADER("Last-Modified", "Wed, 12 Oct 2009 17:50:00 GMT"),
    HEADER("ETag", "\"e\""),
    HEADER("x-amz-meta-Some-Key", "v1"),
    HEADER("X-Amz-Meta-other", ""),
    HEADER("x-amz-meta-some-key", "v2"),
    HEADER("x-amz-missing-meta", "2"),
    HEADER("accept-ranges", "bytes"),
    HEADER("Content-Type", "text/plain"),
    HEADER("Content-Length", "12"),
    HEADER("Content-Range", "bytes 0-11/100"),
    HEADER("Content-Encoding", "gzip"),
    HEADER("Content-Language", "de"),
    HEADER("Content-Disposition", "inline"),
    HEADER("Cache-Control", "no-store"),
    HEADER("Expires", "0"),
    HEADER("x-amz-version-id", "v"),
    HEADER("x-amz-delete-marker", "false"),
    HEADER("x-amz-expiration", "expiry-date=\"x\""),
    HEADER("x-amz-restore", "ongoing-request=\"true\""),
    HEADER("x-amz-archive-status", "ARCHIVE_ACCESS"),
    HEADER("x-amz-checksum-crc32", "1"),
    HEADER("x-amz-checksum-crc32c", "2"),
    HEADER("x-amz-checksum-crc64nvme", "3"),
    HEADER("x-amz-checksum-sha1", "4"),
    HEADER("x-amz-checksum-sha256", "5"),
    HEADER("x-amz-checksum-sha512", "6"),
    HEADER("x-amz-checksum-md5", "7"),
    HEADER("x-amz-checksum-xxhash64", "8"),
    HEADER("x-amz-checksum-xxhash3", "9"),
    HEADER("x-amz-checksum-xxhash128", "10"),
    HEADER("x-amz-checksum-type", "COMPOSITE"),
    HEADER("x-amz-website-redirect-location", "/w"),
    HEADER("x-amz-server-side-encryption", "aws:kms"),
    HEADER("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    HEADER("x-amz-server-side-encryption-customer-key-MD5", "m"),
    HEADER("x-amz-server-side-encryption-aws-kms-key-id", "arn"),
    HEADER("x-amz-server-side-encryption-bucket-key-enabled", "true"),
    HEADER("x-amz-storage-class", "GLACIER"),
    HEADER("x-amz-request-charged", "requester"),
    HEADER("x-amz-replication-status", "COMPLETED"),
    HEADER("x-amz-mp-parts-count", "4"),
    HEADER("x-amz-tagging-count", "5"),
    HEADER("x-amz-object-lock-mode", "GOVERNANCE"),
    HEADER("x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00.000Z"),
    HEADER("x-amz-object-lock-legal-hold", "ON"),
    HEADER("x-amz-object-lock-event-hold", "ON"),
    HEADER("x-amz-object-lock-event-hold-duration-days", "6"),
    HEADER("x-amz-object-lock-event-hold-duration-years", "7"),
};

static const char object_json[] =
    "\"DeleteMarker\":false,\"AcceptRanges\":\"bytes\",\"Expiration\":\"expiry-date="
    "\\\"x\\\"\","
    "\"Restore\":\"ongoing-request=\\\"true\\\"\",\"LastModified\":\"2009-10-12T17:50:00Z\","
    "\"ContentLength\":12,\"ETag\":\"\\\"e\\\"\",\"ChecksumCRC32\":\"1\","
    "\"ChecksumCRC32C\":\"2\",\"ChecksumCRC64NVME\":\"3\",\"ChecksumSHA1\":\"4\","
    "\"ChecksumSHA256\":\"5\",\"ChecksumSHA512\":\"6\",\"ChecksumMD5\":\"7\","
    "\"ChecksumXXHASH64\":\"8\",\"ChecksumXXHASH3\":\"9\",\"ChecksumXXHASH128\":\"10\","
    "\"ChecksumType\":\"COMPOSITE\",\"MissingMeta\":2,\"VersionId\":\"v\","
    "\"CacheControl\":\"no-store\",\"ContentDisposition\":\"inline\","
    "\"ContentEncoding\":\"gzip\",\"ContentLanguage\":\"de\","
    "\"ContentRange\":\"bytes 0-11/100\",\"ContentType\":\"text/plain\","
    "\"Expires\":\"1970-01-01T00:00:00Z\",\"ExpiresString\":\"0\","
    "\"WebsiteRedirectLocation\":\"/w\",\"ServerSideEncryption\":\"aws:kms\","
    "\"Metadata\":{\"Some-Key\":\"v1, v2\",\"other\":\"\"},\"SSECustomerAlgorithm\":\"AES256\","
    "\"SSECustomerKeyMD5\":\"m\",\"SSEKMSKeyId\":\"arn\",\"BucketKeyEnabled\":true,"
    "\"StorageClass\":\"GLACIER\",\"RequestCharged\":\"requester\","
    "\"ReplicationStatus\":\"COMPLETED\",\"PartsCount\":4,\"TagCount\":5,"
    "\"ObjectLockMode\":\"GOVERNANCE\","
    "\"ObjectLockRetainUntilDate\":\"2030-01-01T00:00:00Z\","
    "\"ObjectLockLegalHoldStatus\":\"ON\",\"ObjectLockEventHold\":\"ON\","
    "\"ObjectLockEventHoldDurationDays\":6,\"ObjectLockEventHoldDurationYears\":7";

static void check_json(const struct pail_operation *op, void *out, const char *before,
                       const char *after)
{
    CLEANUP(heap) char *json = NULL;
    CLEANUP_DONE(buf) struct buf expected;
    buf_init(&expected, 65536);
    buf_addf(&expected, "{%s%s%s}", before, object_json, after);
    ck_assert_int_eq(pail_output_json(op, out, &json), 0);
    ck_assert_str_eq(json, buf_c(&expected));
}

START_TEST(reads_every_header_of_an_object)
{
    struct pail_http_response response = {
        .status = 206, .headers = object_headers, .header_count = ARRAY_LEN(object_headers)};
    struct pail_s3_get_object_output got = {.response.http_status = 0};
    struct pail_s3_head_object_output head = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(&pail_s3_get_object_operation, &response, &got, &error),
                     0);
    check_str(got.response.request_id, "request");
    check_str(got.response.host_id, "host");
    check_str(pail_response_header(&got.response, "etag"), "\"e\"");
    check_absent(pail_response_header(&got.response, "x-none"));
    ck_assert_ptr_null(got.body);
    check_json(&pail_s3_get_object_operation, &got, "\"Body\":null,", "");
    pail_output_free(&pail_s3_get_object_operation, &got);

    response.status = 200;
    response.is_head = true;
    ck_assert_int_eq(
        pail_get_response(&pail_s3_head_object_operation, &response, &head, &error), 0);
    check_json(&pail_s3_head_object_operation, &head, "",
               ",\"ArchiveStatus\":\"ARCHIVE_ACCESS\"");
    pail_output_free(&pail_s3_head_object_operation, &head);
}
END_TEST

START_TEST(leaves_out_headers_that_do_not_parse)
{
    static const struct pail_header headers[] = {
        HEADER("Last-Modified", "yesterday"),
        HEADER("Content-Length", "many"),
        HEADER("Expires", "never"),
        HEADER("x-amz-missing-meta", "99999999999"),
        HEADER("x-amz-mp-parts-count", ""),
        HEADER("ETag", ""),
        HEADER("x-amz-object-lock-retain-until-date", "soon"),
    };
    struct pail_http_response response = {
        .status = 200, .headers = headers, .header_count = ARRAY_LEN(headers), .is_head = true};
    struct pail_s3_head_object_output out = {.response.http_status = 0};
    int r = pail_get_response(&pail_s3_head_object_operation, &response, &out, NULL);
    ck_assert_int_eq(r, 0);
    ck_assert(!out.last_modified.present);
    ck_assert(!out.content_length.present);
    ck_assert(!out.expires.present);
    check_str(out.expires_string, "never");
    ck_assert(!out.missing_meta.present);
    ck_assert(!out.parts_count.present);
    ck_assert(!out.object_lock_retain_until_date.present);
    check_str(out.etag, "");
    ck_assert_ptr_null(out.metadata.items);
    pail_output_free(&pail_s3_head_object_operation, &out);
}
END_TEST

SUITE_MAIN("services/s3", tcase_add_test(tc, asks_for_listings);
           tcase_add_test(tc, asks_for_buckets);
           tcase_add_loop_test(tc, encodes_keys, 0, (int)ARRAY_LEN(keys));
           tcase_add_test(tc, asks_for_objects); tcase_add_test(tc, reads_a_listing_of_aws);
           tcase_add_test(tc, reads_listings_of_others);
           tcase_add_loop_test(tc, refuses_what_is_no_listing, 0, (int)ARRAY_LEN(bad_listings));
           tcase_add_test(tc, never_takes_a_cut_listing_for_a_whole_one);
           tcase_add_test(tc, reports_an_error_in_a_success);
           tcase_add_loop_test(tc, reads_locations, 0, (int)ARRAY_LEN(locations));
           tcase_add_test(tc, reads_buckets);
           tcase_add_test(tc, reads_every_header_of_an_object);
           tcase_add_test(tc, leaves_out_headers_that_do_not_parse));
