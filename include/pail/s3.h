/* pail/s3.h: Amazon S3, and what speaks its protocol. Members bear the names of AWS's model
 * (2006-03-01). Inputs: what is absent (all zero) is not sent. Outputs: all zero before the
 * call, released by pail_output_free with the operation. */
#ifndef PAIL_S3_H
#define PAIL_S3_H

#include <pail/call.h>

#ifdef __cplusplus
extern "C" {
#endif

extern PAIL_API const struct pail_service pail_s3_service;

struct pail_s3_owner {
    struct pail_str display_name, id;
};

/* Lists the caller's buckets, a page at a time where max_buckets is given. */
struct pail_s3_list_buckets_input {
    struct pail_int max_buckets; /* 1 to 10,000 */
    struct pail_str continuation_token, prefix, bucket_region;
};
struct pail_s3_bucket {
    struct pail_str name;
    struct pail_time creation_date;
    struct pail_str bucket_region, bucket_arn;
};
struct pail_s3_buckets {
    const struct pail_s3_bucket *items;
    size_t count;
};
struct pail_s3_list_buckets_output {
    struct pail_response response;
    struct pail_s3_buckets buckets;
    const struct pail_s3_owner *owner;
    struct pail_str continuation_token; /* absent: this was the last page */
    struct pail_str prefix;
};
extern PAIL_API const struct pail_operation pail_s3_list_buckets_operation;
PAIL_API int pail_s3_list_buckets(struct pail_client *client,
                                  const struct pail_s3_list_buckets_input *in,
                                  struct pail_s3_list_buckets_output *out,
                                  const struct pail_call_options *options,
                                  struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_list_buckets)

/* Asks whether a bucket is there and may be used. Errors have no body: their code is the
 * status, "404", "403", "301". */
struct pail_s3_head_bucket_input {
    struct pail_str bucket; /* required */
    struct pail_str expected_bucket_owner;
};
struct pail_s3_head_bucket_output {
    struct pail_response response;
    struct pail_str bucket_arn, bucket_location_type, bucket_location_name, bucket_region;
    struct pail_bool access_point_alias;
};
extern PAIL_API const struct pail_operation pail_s3_head_bucket_operation;
PAIL_API int pail_s3_head_bucket(struct pail_client *client,
                                 const struct pail_s3_head_bucket_input *in,
                                 struct pail_s3_head_bucket_output *out,
                                 const struct pail_call_options *options,
                                 struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_head_bucket)

/* Says in which region a bucket is. */
struct pail_s3_get_bucket_location_input {
    struct pail_str bucket; /* required */
    struct pail_str expected_bucket_owner;
};
struct pail_s3_get_bucket_location_output {
    struct pail_response response;
    struct pail_str location_constraint; /* absent: us-east-1; "EU": eu-west-1 */
};
extern PAIL_API const struct pail_operation pail_s3_get_bucket_location_operation;
PAIL_API int pail_s3_get_bucket_location(struct pail_client *client,
                                         const struct pail_s3_get_bucket_location_input *in,
                                         struct pail_s3_get_bucket_location_output *out,
                                         const struct pail_call_options *options,
                                         struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_get_bucket_location)

/* Lists keys in bytewise order, up to 1,000 a page. Asks for encoding-type=url unless
 * encoding_type is set; what the server then encodes is decoded here: keys, common prefixes,
 * prefix, delimiter, start_after. */
struct pail_s3_list_objects_v2_input {
    struct pail_str bucket; /* required */
    struct pail_str delimiter, encoding_type;
    struct pail_int max_keys;
    struct pail_str prefix, continuation_token;
    struct pail_bool fetch_owner;
    struct pail_str start_after, request_payer, expected_bucket_owner;
    struct pail_str_list optional_object_attributes; /* "RestoreStatus" */
};
struct pail_s3_restore_status {
    struct pail_bool is_restore_in_progress;
    struct pail_time restore_expiry_date;
};
struct pail_s3_object {
    struct pail_str key;
    struct pail_time last_modified;
    struct pail_str etag; /* with its quotes */
    struct pail_str_list checksum_algorithm;
    struct pail_str checksum_type;
    struct pail_int size;
    struct pail_str storage_class;
    const struct pail_s3_owner *owner;
    const struct pail_s3_restore_status *restore_status;
};
struct pail_s3_objects {
    const struct pail_s3_object *items;
    size_t count;
};
struct pail_s3_common_prefix {
    struct pail_str prefix;
};
struct pail_s3_common_prefixes {
    const struct pail_s3_common_prefix *items;
    size_t count;
};
struct pail_s3_list_objects_v2_output {
    struct pail_response response;
    struct pail_bool is_truncated;
    struct pail_s3_objects contents;
    struct pail_str name;
    struct pail_str prefix, delimiter; /* the request's, as start_after: not to be relied on */
    struct pail_int max_keys;
    struct pail_s3_common_prefixes common_prefixes;
    struct pail_str encoding_type;
    struct pail_int key_count;
    struct pail_str continuation_token, next_continuation_token, start_after, request_charged;
};
extern PAIL_API const struct pail_operation pail_s3_list_objects_v2_operation;
PAIL_API int pail_s3_list_objects_v2(struct pail_client *client,
                                     const struct pail_s3_list_objects_v2_input *in,
                                     struct pail_s3_list_objects_v2_output *out,
                                     const struct pail_call_options *options,
                                     struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_list_objects_v2)

/* Reads an object, or a range of it. The body is open when this returns 0. */
struct pail_s3_get_object_input {
    struct pail_str bucket, key; /* required */
    struct pail_str if_match;
    struct pail_time if_modified_since;
    struct pail_str if_none_match;
    struct pail_time if_unmodified_since;
    struct pail_str range; /* "bytes=0-99" */
    struct pail_str response_cache_control, response_content_disposition;
    struct pail_str response_content_encoding, response_content_language, response_content_type;
    struct pail_time response_expires;
    struct pail_str version_id;
    /* The key is raw bytes, sent as base64 with its MD5; where sse_customer_key_md5 is set,
     * both are sent as they are. */
    struct pail_str sse_customer_algorithm, sse_customer_key, sse_customer_key_md5;
    struct pail_str request_payer;
    struct pail_int part_number;
    struct pail_str expected_bucket_owner;
    struct pail_str checksum_mode; /* "ENABLED" unless set */
};
/* A number or a date that does not parse is absent. */
struct pail_s3_get_object_output {
    struct pail_response response;
    struct pail_body *body; /* pail_output_free frees it, unless it was taken */
    struct pail_bool delete_marker;
    struct pail_str accept_ranges, expiration, restore;
    struct pail_time last_modified;
    struct pail_int content_length; /* of this response: a range's, not the object's */
    struct pail_str etag;           /* with its quotes */
    struct pail_str checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1;
    struct pail_str checksum_sha256, checksum_sha512, checksum_md5, checksum_xxhash64;
    struct pail_str checksum_xxhash3, checksum_xxhash128;
    struct pail_str checksum_type; /* "COMPOSITE", "FULL_OBJECT" */
    struct pail_int missing_meta;
    struct pail_str version_id, cache_control, content_disposition, content_encoding;
    struct pail_str content_language, content_range, content_type;
    struct pail_time expires;
    struct pail_str expires_string; /* the Expires header as it came */
    struct pail_str website_redirect_location, server_side_encryption;
    struct pail_str_map metadata; /* names as received, without "x-amz-meta-" */
    struct pail_str sse_customer_algorithm, sse_customer_key_md5, sse_kms_key_id;
    struct pail_bool bucket_key_enabled;
    struct pail_str storage_class, request_charged, replication_status;
    struct pail_int parts_count, tag_count;
    struct pail_str object_lock_mode;
    struct pail_time object_lock_retain_until_date;
    struct pail_str object_lock_legal_hold_status, object_lock_event_hold;
    struct pail_int object_lock_event_hold_duration_days, object_lock_event_hold_duration_years;
};
extern PAIL_API const struct pail_operation pail_s3_get_object_operation;
PAIL_API int pail_s3_get_object(struct pail_client *client,
                                const struct pail_s3_get_object_input *in,
                                struct pail_s3_get_object_output *out,
                                const struct pail_call_options *options,
                                struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_get_object)

/* Asks about an object without reading it. Members are as GetObject's. Errors have no body, as
 * with HeadBucket. */
struct pail_s3_head_object_input {
    struct pail_str bucket, key; /* required */
    struct pail_str if_match;
    struct pail_time if_modified_since;
    struct pail_str if_none_match;
    struct pail_time if_unmodified_since;
    struct pail_str range;
    struct pail_str response_cache_control, response_content_disposition;
    struct pail_str response_content_encoding, response_content_language, response_content_type;
    struct pail_time response_expires;
    struct pail_str version_id;
    struct pail_str sse_customer_algorithm, sse_customer_key, sse_customer_key_md5;
    struct pail_str request_payer;
    struct pail_int part_number;
    struct pail_str expected_bucket_owner;
    struct pail_str checksum_mode; /* "ENABLED" asks for the checksums */
};
struct pail_s3_head_object_output {
    struct pail_response response;
    struct pail_bool delete_marker;
    struct pail_str accept_ranges, expiration, restore, archive_status;
    struct pail_time last_modified;
    struct pail_int content_length;
    struct pail_str etag;
    struct pail_str checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1;
    struct pail_str checksum_sha256, checksum_sha512, checksum_md5, checksum_xxhash64;
    struct pail_str checksum_xxhash3, checksum_xxhash128;
    struct pail_str checksum_type;
    struct pail_int missing_meta;
    struct pail_str version_id, cache_control, content_disposition, content_encoding;
    struct pail_str content_language, content_range, content_type;
    struct pail_time expires;
    struct pail_str expires_string;
    struct pail_str website_redirect_location, server_side_encryption;
    struct pail_str_map metadata;
    struct pail_str sse_customer_algorithm, sse_customer_key_md5, sse_kms_key_id;
    struct pail_bool bucket_key_enabled;
    struct pail_str storage_class, request_charged, replication_status;
    struct pail_int parts_count, tag_count;
    struct pail_str object_lock_mode;
    struct pail_time object_lock_retain_until_date;
    struct pail_str object_lock_legal_hold_status, object_lock_event_hold;
    struct pail_int object_lock_event_hold_duration_days, object_lock_event_hold_duration_years;
};
extern PAIL_API const struct pail_operation pail_s3_head_object_operation;
PAIL_API int pail_s3_head_object(struct pail_client *client,
                                 const struct pail_s3_head_object_input *in,
                                 struct pail_s3_head_object_output *out,
                                 const struct pail_call_options *options,
                                 struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_head_object)

#ifdef __cplusplus
}
#endif
#endif
