#include <pail/s3.h>

const struct pail_service pail_s3_service = {
    .id = "S3",
    .endpoint_prefix = "s3",
    .signing_name = "s3",
    .protocol = PAIL_REST_XML,
    .api_version = "2006-03-01",
    .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
    .default_region = "us-east-1",
};

static const struct pail_shape http_date = {.type = PAIL_TIMESTAMP,
                                            .timestamp_format = PAIL_TIME_HTTP_DATE};
static const struct pail_shape iso8601 = {.type = PAIL_TIMESTAMP,
                                          .timestamp_format = PAIL_TIME_ISO8601};

/* Rows of the tables below. */
#define BODY(type_, field_, name_, shape_, ...)                                                \
    PAIL_FIELD(type_, field_, name_, NULL, shape_, PAIL_IN_BODY, __VA_ARGS__)
#define QUERY(type_, field_, name_, wire_, shape_)                                             \
    PAIL_FIELD(type_, field_, name_, wire_, shape_, PAIL_IN_QUERY, 0)
#define HEADER(type_, field_, name_, wire_, shape_)                                            \
    PAIL_FIELD(type_, field_, name_, wire_, shape_, PAIL_IN_HEADER, 0)
#define TEXT_HEADER(type_, field_, name_, wire_)                                               \
    HEADER(type_, field_, name_, wire_, &pail_shape_string)
/* A number or date in an output's header: what does not parse is left out. */
#define LENIENT(type_, field_, name_, wire_, shape_)                                           \
    PAIL_FIELD(type_, field_, name_, wire_, shape_, PAIL_IN_HEADER, PAIL_LENIENT)
#define LABEL(type_, field_, name_)                                                            \
    PAIL_FIELD(type_, field_, name_, NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED)
#define BUCKET_OWNER(type_)                                                                    \
    TEXT_HEADER(type_, expected_bucket_owner, "ExpectedBucketOwner",                           \
                "x-amz-expected-bucket-owner")
#define REQUEST_PAYER(type_)                                                                   \
    TEXT_HEADER(type_, request_payer, "RequestPayer", "x-amz-request-payer")
#define REQUEST_CHARGED(type_)                                                                 \
    TEXT_HEADER(type_, request_charged, "RequestCharged", "x-amz-request-charged")

#define OPERATION(symbol_, name_, method_, uri_, flags_)                                       \
    const struct pail_operation pail_s3_##symbol_##_operation = {                              \
        .name = (name_),                                                                       \
        .service = &pail_s3_service,                                                           \
        .method = (method_),                                                                   \
        .uri = (uri_),                                                                         \
        .input = &symbol_##_input,                                                             \
        .output = &symbol_##_output,                                                           \
        .flags = (flags_),                                                                     \
    };                                                                                         \
    int pail_s3_##symbol_(struct pail_client *client,                                          \
                          const struct pail_s3_##symbol_##_input *in,                          \
                          struct pail_s3_##symbol_##_output *out,                              \
                          const struct pail_call_options *options, struct pail_error *error)   \
    {                                                                                          \
        return pail_call(client, &pail_s3_##symbol_##_operation, in, out, options, error);     \
    }

static const struct pail_member owner_members[] = {
    BODY(struct pail_s3_owner, display_name, "DisplayName", &pail_shape_string, 0),
    BODY(struct pail_s3_owner, id, "ID", &pail_shape_string, 0),
};
static const struct pail_shape owner =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_owner, "Owner", owner_members);

/* ListBuckets */

static const struct pail_member bucket_members[] = {
    BODY(struct pail_s3_bucket, name, "Name", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_s3_bucket, creation_date, "CreationDate", &pail_shape_timestamp, 0),
    BODY(struct pail_s3_bucket, bucket_region, "BucketRegion", &pail_shape_string, 0),
    BODY(struct pail_s3_bucket, bucket_arn, "BucketArn", &pail_shape_string, 0),
};
static const struct pail_shape bucket =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_bucket, "Bucket", bucket_members);
static const struct pail_shape buckets = PAIL_LIST_SHAPE(&bucket, "Bucket");

static const struct pail_member list_buckets_input_members[] = {
    QUERY(struct pail_s3_list_buckets_input, max_buckets, "MaxBuckets", "max-buckets",
          &pail_shape_integer),
    QUERY(struct pail_s3_list_buckets_input, continuation_token, "ContinuationToken",
          "continuation-token", &pail_shape_string),
    QUERY(struct pail_s3_list_buckets_input, prefix, "Prefix", "prefix", &pail_shape_string),
    QUERY(struct pail_s3_list_buckets_input, bucket_region, "BucketRegion", "bucket-region",
          &pail_shape_string),
};
static const struct pail_shape list_buckets_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_list_buckets_input, NULL, list_buckets_input_members);

static const struct pail_member list_buckets_output_members[] = {
    BODY(struct pail_s3_list_buckets_output, buckets, "Buckets", &buckets, 0),
    BODY(struct pail_s3_list_buckets_output, owner, "Owner", &owner, 0),
    BODY(struct pail_s3_list_buckets_output, continuation_token, "ContinuationToken",
         &pail_shape_string, 0),
    BODY(struct pail_s3_list_buckets_output, prefix, "Prefix", &pail_shape_string, 0),
};
static const struct pail_shape list_buckets_output = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_list_buckets_output, "ListAllMyBucketsResult", list_buckets_output_members);

OPERATION(list_buckets, "ListBuckets", "GET", "/", PAIL_OP_ERROR_IN_200)

/* HeadBucket */

static const struct pail_member head_bucket_input_members[] = {
    LABEL(struct pail_s3_head_bucket_input, bucket, "Bucket"),
    BUCKET_OWNER(struct pail_s3_head_bucket_input),
};
static const struct pail_shape head_bucket_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_head_bucket_input, NULL, head_bucket_input_members);

static const struct pail_member head_bucket_output_members[] = {
    TEXT_HEADER(struct pail_s3_head_bucket_output, bucket_arn, "BucketArn", "x-amz-bucket-arn"),
    TEXT_HEADER(struct pail_s3_head_bucket_output, bucket_location_type, "BucketLocationType",
                "x-amz-bucket-location-type"),
    TEXT_HEADER(struct pail_s3_head_bucket_output, bucket_location_name, "BucketLocationName",
                "x-amz-bucket-location-name"),
    TEXT_HEADER(struct pail_s3_head_bucket_output, bucket_region, "BucketRegion",
                "x-amz-bucket-region"),
    LENIENT(struct pail_s3_head_bucket_output, access_point_alias, "AccessPointAlias",
            "x-amz-access-point-alias", &pail_shape_boolean),
};
static const struct pail_shape head_bucket_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_head_bucket_output, NULL, head_bucket_output_members);

OPERATION(head_bucket, "HeadBucket", "HEAD", "/{Bucket}", 0)

/* GetBucketLocation */

static const struct pail_member get_bucket_location_input_members[] = {
    LABEL(struct pail_s3_get_bucket_location_input, bucket, "Bucket"),
    BUCKET_OWNER(struct pail_s3_get_bucket_location_input),
};
static const struct pail_shape get_bucket_location_input = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_get_bucket_location_input, NULL, get_bucket_location_input_members);

static const struct pail_member get_bucket_location_output_members[] = {
    BODY(struct pail_s3_get_bucket_location_output, location_constraint, "LocationConstraint",
         &pail_shape_string, 0),
};
static const struct pail_shape get_bucket_location_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_get_bucket_location_output, "LocationConstraint",
                         get_bucket_location_output_members);

OPERATION(get_bucket_location, "GetBucketLocation", "GET", "/{Bucket}?location",
          PAIL_OP_ERROR_IN_200 | PAIL_OP_PATH_STYLE | PAIL_OP_RAW_ROOT)

/* ListObjectsV2 */

static const struct pail_member restore_status_members[] = {
    BODY(struct pail_s3_restore_status, is_restore_in_progress, "IsRestoreInProgress",
         &pail_shape_boolean, 0),
    BODY(struct pail_s3_restore_status, restore_expiry_date, "RestoreExpiryDate",
         &pail_shape_timestamp, 0),
};
static const struct pail_shape restore_status = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_restore_status, "RestoreStatus", restore_status_members);

static const struct pail_member object_members[] = {
    BODY(struct pail_s3_object, key, "Key", &pail_shape_string,
         PAIL_REQUIRED | PAIL_URL_ENCODED),
    BODY(struct pail_s3_object, last_modified, "LastModified", &pail_shape_timestamp, 0),
    BODY(struct pail_s3_object, etag, "ETag", &pail_shape_string, 0),
    BODY(struct pail_s3_object, checksum_algorithm, "ChecksumAlgorithm",
         &pail_shape_string_list, PAIL_FLATTENED),
    BODY(struct pail_s3_object, checksum_type, "ChecksumType", &pail_shape_string, 0),
    BODY(struct pail_s3_object, size, "Size", &pail_shape_long, 0),
    BODY(struct pail_s3_object, storage_class, "StorageClass", &pail_shape_string, 0),
    BODY(struct pail_s3_object, owner, "Owner", &owner, 0),
    BODY(struct pail_s3_object, restore_status, "RestoreStatus", &restore_status, 0),
};
static const struct pail_shape object =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_object, "Object", object_members);
static const struct pail_shape objects = PAIL_LIST_SHAPE(&object, NULL);

static const struct pail_member common_prefix_members[] = {
    BODY(struct pail_s3_common_prefix, prefix, "Prefix", &pail_shape_string,
         PAIL_REQUIRED | PAIL_URL_ENCODED),
};
static const struct pail_shape common_prefix =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_common_prefix, "CommonPrefix", common_prefix_members);
static const struct pail_shape common_prefixes = PAIL_LIST_SHAPE(&common_prefix, NULL);

static const struct pail_member list_objects_v2_input_members[] = {
    LABEL(struct pail_s3_list_objects_v2_input, bucket, "Bucket"),
    QUERY(struct pail_s3_list_objects_v2_input, delimiter, "Delimiter", "delimiter",
          &pail_shape_string),
    PAIL_FIELD(struct pail_s3_list_objects_v2_input, encoding_type, "EncodingType",
               "encoding-type", &pail_shape_string, PAIL_IN_QUERY, 0, .fallback = "url"),
    QUERY(struct pail_s3_list_objects_v2_input, max_keys, "MaxKeys", "max-keys",
          &pail_shape_integer),
    QUERY(struct pail_s3_list_objects_v2_input, prefix, "Prefix", "prefix", &pail_shape_string),
    QUERY(struct pail_s3_list_objects_v2_input, continuation_token, "ContinuationToken",
          "continuation-token", &pail_shape_string),
    QUERY(struct pail_s3_list_objects_v2_input, fetch_owner, "FetchOwner", "fetch-owner",
          &pail_shape_boolean),
    QUERY(struct pail_s3_list_objects_v2_input, start_after, "StartAfter", "start-after",
          &pail_shape_string),
    REQUEST_PAYER(struct pail_s3_list_objects_v2_input),
    BUCKET_OWNER(struct pail_s3_list_objects_v2_input),
    HEADER(struct pail_s3_list_objects_v2_input, optional_object_attributes,
           "OptionalObjectAttributes", "x-amz-optional-object-attributes",
           &pail_shape_string_list),
};
static const struct pail_shape list_objects_v2_input = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_list_objects_v2_input, NULL, list_objects_v2_input_members);

static const struct pail_member list_objects_v2_output_members[] = {
    BODY(struct pail_s3_list_objects_v2_output, is_truncated, "IsTruncated",
         &pail_shape_boolean, 0),
    BODY(struct pail_s3_list_objects_v2_output, contents, "Contents", &objects, PAIL_FLATTENED),
    BODY(struct pail_s3_list_objects_v2_output, name, "Name", &pail_shape_string, 0),
    BODY(struct pail_s3_list_objects_v2_output, prefix, "Prefix", &pail_shape_string,
         PAIL_URL_ENCODED),
    BODY(struct pail_s3_list_objects_v2_output, delimiter, "Delimiter", &pail_shape_string,
         PAIL_URL_ENCODED),
    BODY(struct pail_s3_list_objects_v2_output, max_keys, "MaxKeys", &pail_shape_integer, 0),
    BODY(struct pail_s3_list_objects_v2_output, common_prefixes, "CommonPrefixes",
         &common_prefixes, PAIL_FLATTENED),
    BODY(struct pail_s3_list_objects_v2_output, encoding_type, "EncodingType",
         &pail_shape_string, PAIL_ENCODING_TYPE),
    BODY(struct pail_s3_list_objects_v2_output, key_count, "KeyCount", &pail_shape_integer, 0),
    BODY(struct pail_s3_list_objects_v2_output, continuation_token, "ContinuationToken",
         &pail_shape_string, 0),
    BODY(struct pail_s3_list_objects_v2_output, next_continuation_token,
         "NextContinuationToken", &pail_shape_string, 0),
    BODY(struct pail_s3_list_objects_v2_output, start_after, "StartAfter", &pail_shape_string,
         PAIL_URL_ENCODED),
    REQUEST_CHARGED(struct pail_s3_list_objects_v2_output),
};
static const struct pail_shape list_objects_v2_output = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_list_objects_v2_output, "ListBucketResult", list_objects_v2_output_members);

OPERATION(list_objects_v2, "ListObjectsV2", "GET", "/{Bucket}?list-type=2",
          PAIL_OP_ERROR_IN_200)

/* GetObject and HeadObject, which have most members in common. */

#define OBJECT_INPUT(type_)                                                                    \
    LABEL(type_, bucket, "Bucket"), TEXT_HEADER(type_, if_match, "IfMatch", "If-Match"),       \
        HEADER(type_, if_modified_since, "IfModifiedSince", "If-Modified-Since",               \
               &pail_shape_timestamp),                                                         \
        TEXT_HEADER(type_, if_none_match, "IfNoneMatch", "If-None-Match"),                     \
        HEADER(type_, if_unmodified_since, "IfUnmodifiedSince", "If-Unmodified-Since",         \
               &pail_shape_timestamp),                                                         \
        LABEL(type_, key, "Key"), TEXT_HEADER(type_, range, "Range", "Range"),                 \
        QUERY(type_, response_cache_control, "ResponseCacheControl", "response-cache-control", \
              &pail_shape_string),                                                             \
        QUERY(type_, response_content_disposition, "ResponseContentDisposition",               \
              "response-content-disposition", &pail_shape_string),                             \
        QUERY(type_, response_content_encoding, "ResponseContentEncoding",                     \
              "response-content-encoding", &pail_shape_string),                                \
        QUERY(type_, response_content_language, "ResponseContentLanguage",                     \
              "response-content-language", &pail_shape_string),                                \
        QUERY(type_, response_content_type, "ResponseContentType", "response-content-type",    \
              &pail_shape_string),                                                             \
        QUERY(type_, response_expires, "ResponseExpires", "response-expires", &http_date),     \
        QUERY(type_, version_id, "VersionId", "versionId", &pail_shape_string),                \
        TEXT_HEADER(type_, sse_customer_algorithm, "SSECustomerAlgorithm",                     \
                    "x-amz-server-side-encryption-customer-algorithm"),                        \
        PAIL_FIELD(type_, sse_customer_key, "SSECustomerKey",                                  \
                   "x-amz-server-side-encryption-customer-key", &pail_shape_string,            \
                   PAIL_IN_HEADER, PAIL_KEY_AND_MD5),                                          \
        TEXT_HEADER(type_, sse_customer_key_md5, "SSECustomerKeyMD5",                          \
                    "x-amz-server-side-encryption-customer-key-MD5"),                          \
        REQUEST_PAYER(type_),                                                                  \
        QUERY(type_, part_number, "PartNumber", "partNumber", &pail_shape_integer),            \
        BUCKET_OWNER(type_)

#define OBJECT_OUTPUT(type_)                                                                   \
    LENIENT(type_, delete_marker, "DeleteMarker", "x-amz-delete-marker", &pail_shape_boolean), \
        TEXT_HEADER(type_, accept_ranges, "AcceptRanges", "accept-ranges"),                    \
        TEXT_HEADER(type_, expiration, "Expiration", "x-amz-expiration"),                      \
        TEXT_HEADER(type_, restore, "Restore", "x-amz-restore"),                               \
        LENIENT(type_, last_modified, "LastModified", "Last-Modified", &pail_shape_timestamp), \
        LENIENT(type_, content_length, "ContentLength", "Content-Length", &pail_shape_long),   \
        TEXT_HEADER(type_, etag, "ETag", "ETag"),                                              \
        TEXT_HEADER(type_, checksum_crc32, "ChecksumCRC32", "x-amz-checksum-crc32"),           \
        TEXT_HEADER(type_, checksum_crc32c, "ChecksumCRC32C", "x-amz-checksum-crc32c"),        \
        TEXT_HEADER(type_, checksum_crc64nvme, "ChecksumCRC64NVME",                            \
                    "x-amz-checksum-crc64nvme"),                                               \
        TEXT_HEADER(type_, checksum_sha1, "ChecksumSHA1", "x-amz-checksum-sha1"),              \
        TEXT_HEADER(type_, checksum_sha256, "ChecksumSHA256", "x-amz-checksum-sha256"),        \
        TEXT_HEADER(type_, checksum_sha512, "ChecksumSHA512", "x-amz-checksum-sha512"),        \
        TEXT_HEADER(type_, checksum_md5, "ChecksumMD5", "x-amz-checksum-md5"),                 \
        TEXT_HEADER(type_, checksum_xxhash64, "ChecksumXXHASH64", "x-amz-checksum-xxhash64"),  \
        TEXT_HEADER(type_, checksum_xxhash3, "ChecksumXXHASH3", "x-amz-checksum-xxhash3"),     \
        TEXT_HEADER(type_, checksum_xxhash128, "ChecksumXXHASH128",                            \
                    "x-amz-checksum-xxhash128"),                                               \
        TEXT_HEADER(type_, checksum_type, "ChecksumType", "x-amz-checksum-type"),              \
        LENIENT(type_, missing_meta, "MissingMeta", "x-amz-missing-meta",                      \
                &pail_shape_integer),                                                          \
        TEXT_HEADER(type_, version_id, "VersionId", "x-amz-version-id"),                       \
        TEXT_HEADER(type_, cache_control, "CacheControl", "Cache-Control"),                    \
        TEXT_HEADER(type_, content_disposition, "ContentDisposition", "Content-Disposition"),  \
        TEXT_HEADER(type_, content_encoding, "ContentEncoding", "Content-Encoding"),           \
        TEXT_HEADER(type_, content_language, "ContentLanguage", "Content-Language"),           \
        TEXT_HEADER(type_, content_range, "ContentRange", "Content-Range"),                    \
        TEXT_HEADER(type_, content_type, "ContentType", "Content-Type"),                       \
        LENIENT(type_, expires, "Expires", "Expires", &http_date),                             \
        TEXT_HEADER(type_, expires_string, "ExpiresString", "Expires"),                        \
        TEXT_HEADER(type_, website_redirect_location, "WebsiteRedirectLocation",               \
                    "x-amz-website-redirect-location"),                                        \
        TEXT_HEADER(type_, server_side_encryption, "ServerSideEncryption",                     \
                    "x-amz-server-side-encryption"),                                           \
        PAIL_FIELD(type_, metadata, "Metadata", "x-amz-meta-", &pail_shape_string_map,         \
                   PAIL_IN_HEADER_PREFIX, 0),                                                  \
        TEXT_HEADER(type_, sse_customer_algorithm, "SSECustomerAlgorithm",                     \
                    "x-amz-server-side-encryption-customer-algorithm"),                        \
        TEXT_HEADER(type_, sse_customer_key_md5, "SSECustomerKeyMD5",                          \
                    "x-amz-server-side-encryption-customer-key-MD5"),                          \
        TEXT_HEADER(type_, sse_kms_key_id, "SSEKMSKeyId",                                      \
                    "x-amz-server-side-encryption-aws-kms-key-id"),                            \
        LENIENT(type_, bucket_key_enabled, "BucketKeyEnabled",                                 \
                "x-amz-server-side-encryption-bucket-key-enabled", &pail_shape_boolean),       \
        TEXT_HEADER(type_, storage_class, "StorageClass", "x-amz-storage-class"),              \
        REQUEST_CHARGED(type_),                                                                \
        TEXT_HEADER(type_, replication_status, "ReplicationStatus",                            \
                    "x-amz-replication-status"),                                               \
        LENIENT(type_, parts_count, "PartsCount", "x-amz-mp-parts-count",                      \
                &pail_shape_integer),                                                          \
        LENIENT(type_, tag_count, "TagCount", "x-amz-tagging-count", &pail_shape_integer),     \
        TEXT_HEADER(type_, object_lock_mode, "ObjectLockMode", "x-amz-object-lock-mode"),      \
        LENIENT(type_, object_lock_retain_until_date, "ObjectLockRetainUntilDate",             \
                "x-amz-object-lock-retain-until-date", &iso8601),                              \
        TEXT_HEADER(type_, object_lock_legal_hold_status, "ObjectLockLegalHoldStatus",         \
                    "x-amz-object-lock-legal-hold"),                                           \
        TEXT_HEADER(type_, object_lock_event_hold, "ObjectLockEventHold",                      \
                    "x-amz-object-lock-event-hold"),                                           \
        LENIENT(type_, object_lock_event_hold_duration_days,                                   \
                "ObjectLockEventHoldDurationDays",                                             \
                "x-amz-object-lock-event-hold-duration-days", &pail_shape_integer),            \
        LENIENT(type_, object_lock_event_hold_duration_years,                                  \
                "ObjectLockEventHoldDurationYears",                                            \
                "x-amz-object-lock-event-hold-duration-years", &pail_shape_integer)

static const struct pail_member get_object_input_members[] = {
    OBJECT_INPUT(struct pail_s3_get_object_input),
    PAIL_FIELD(struct pail_s3_get_object_input, checksum_mode, "ChecksumMode",
               "x-amz-checksum-mode", &pail_shape_string, PAIL_IN_HEADER, 0,
               .fallback = "ENABLED"),
};
static const struct pail_shape get_object_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_get_object_input, NULL, get_object_input_members);

static const struct pail_member get_object_output_members[] = {
    PAIL_FIELD(struct pail_s3_get_object_output, body, "Body", NULL, &pail_shape_stream,
               PAIL_IN_PAYLOAD, 0),
    OBJECT_OUTPUT(struct pail_s3_get_object_output),
};
static const struct pail_shape get_object_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_get_object_output, NULL, get_object_output_members);

OPERATION(get_object, "GetObject", "GET", "/{Bucket}/{Key+}", PAIL_OP_CHECKSUM)

static const struct pail_member head_object_input_members[] = {
    OBJECT_INPUT(struct pail_s3_head_object_input),
    TEXT_HEADER(struct pail_s3_head_object_input, checksum_mode, "ChecksumMode",
                "x-amz-checksum-mode"),
};
static const struct pail_shape head_object_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_head_object_input, NULL, head_object_input_members);

static const struct pail_member head_object_output_members[] = {
    OBJECT_OUTPUT(struct pail_s3_head_object_output),
    TEXT_HEADER(struct pail_s3_head_object_output, archive_status, "ArchiveStatus",
                "x-amz-archive-status"),
};
static const struct pail_shape head_object_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_head_object_output, NULL, head_object_output_members);

OPERATION(head_object, "HeadObject", "HEAD", "/{Bucket}/{Key+}", 0)
