"""What is asked: inputs as requests."""
from make import answered, case, slug

KEYS_OF_OBJECTS = [
    "plain", "dir/sub/file.txt", "with space", "a+b", "a%20b", "ü", "日本", "a//b", "/leading", "trailing/", "a/../b",
    "./a", "..", "a&b=c;d", "q?x#y", "~-._", "!*'()", "@:$,", "[]{}|\\^`\"<>", "tab\there", "a\nb",
]

# Members of GetObject and HeadObject besides Bucket and Key.
OBJECT_MEMBERS = {
    "Range": ["bytes=0-99", "bytes=5-", "bytes=-5"],
    "IfMatch": ['"abc"', "abc", "*"],
    "IfNoneMatch": ['"abc"'],
    "IfModifiedSince": ["2026-01-02T03:04:05Z"],
    "IfUnmodifiedSince": ["2026-01-02T03:04:05Z", "1970-01-01T00:00:00Z"],
    "VersionId": ["null", "a+b/c=", "3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo"],
    "PartNumber": [1],
    "ResponseCacheControl": ["no-cache, max-age=0"],
    "ResponseContentDisposition": ['attachment; filename="a b.txt"'],
    "ResponseContentEncoding": ["gzip"],
    "ResponseContentLanguage": ["de"],
    "ResponseContentType": ["text/plain; charset=utf-8"],
    "ResponseExpires": ["2026-01-02T03:04:05Z"],
    "RequestPayer": ["requester"],
    "ExpectedBucketOwner": ["123456789012"],
    "ChecksumMode": ["ENABLED"],
}

LIST_MEMBERS = {
    "Prefix": ["", "a/", "a b+c", "ü%"],
    "Delimiter": ["/", "%2F"],
    "MaxKeys": [0, 1, 1000],
    "ContinuationToken": ["1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="],
    "StartAfter": ["a b", "ü/+"],
    "FetchOwner": [True, False],
    "EncodingType": ["url"],
    "RequestPayer": ["requester"],
    "ExpectedBucketOwner": ["123456789012"],
    "OptionalObjectAttributes": [["RestoreStatus"]],
}

LISTING = "<ListBucketResult><Name>b</Name></ListBucketResult>"


def objects():
    for number, key in enumerate(KEYS_OF_OBJECTS):
        yield case(f"request.key.{number}-{slug(key)}", "s3", "GetObject", {"Bucket": "b-1", "Key": key},
                   answered(body=b"x"), mode="read")
    for member, values in OBJECT_MEMBERS.items():
        for number, value in enumerate(values):
            for operation, answer in (("GetObject", answered(body=b"x")), ("HeadObject", answered(content_length=1))):
                yield case(f"request.{slug(operation)}.{member}-{number}", "s3", operation,
                           {"Bucket": "b-1", "Key": "k", member: value}, answer)
    sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0123456789abcdef0123456789abcdef"}
    for operation in ("GetObject", "HeadObject"):
        yield case(f"request.{operation}.sse", "s3", operation, {"Bucket": "b-1", "Key": "k", **sse}, answered(content_length=0))
    yield case("request.GetObject.sse-md5", "s3", "GetObject",
               {"Bucket": "b-1", "Key": "k", **sse, "SSECustomerKeyMD5": "hRasmdxgYDKV3nvbahU1MA=="}, answered())


def lists():
    for member, values in LIST_MEMBERS.items():
        for number, value in enumerate(values):
            yield case(f"request.list.{member}-{number}", "s3", "ListObjectsV2", {"Bucket": "b-1", member: value},
                       answered(body=LISTING))
    yield case("request.location", "s3", "GetBucketLocation", {"Bucket": "b-1"}, answered(body="<LocationConstraint/>"))
    yield case("request.head-bucket", "s3", "HeadBucket", {"Bucket": "b-1"}, answered())
    yield case("request.buckets", "s3", "ListBuckets",
               {"MaxBuckets": 10, "Prefix": "a b", "BucketRegion": "eu-west-1", "ContinuationToken": "t+/="},
               answered(body="<ListAllMyBucketsResult/>"))


def clients():
    get = ("s3", "GetObject", {"Bucket": "b-1", "Key": "k"}, answered(body=b"x"))
    yield case("request.client.token", *get, token="FwoGZXIvYXdz//token+=")
    yield case("request.client.anonymous", *get, anonymous=True)
    yield case("request.client.region", *get, region="eu-central-1")
    yield case("request.client.attempts", *get, max_attempts=7)
    for bucket in ("B_upper", "a.b", "xn--b", "123"):
        yield case(f"request.bucket.{bucket}", "s3", "GetObject", {"Bucket": bucket, "Key": "k"}, answered(body=b"x"))
    for number, bucket in enumerate(("", "a b", "a/b", "ü", "x" * 256)):
        yield case(f"request.bad-bucket.{number}", "s3", "GetObject", {"Bucket": bucket, "Key": "k"}, answered(body=b"x"))
    yield case("request.bad-key.empty", "s3", "GetObject", {"Bucket": "b-1", "Key": ""}, answered(body=b"x"))
    yield case("request.missing.key", "s3", "GetObject", {"Bucket": "b-1"}, answered(body=b"x"))
    yield case("request.missing.bucket", "s3", "ListObjectsV2", {}, answered(body=LISTING))


def hosts():
    """Buckets in host names: the peer stands in for a proxy."""
    for bucket in ("bkt", "a.b", "B_upper", "xn--b", "a" * 63, "a" * 64, "ab", "-a", "127.0.0.1"):
        for style in (None, "path", "virtual"):
            for host in ("http://s3.example.com", "http://s3.example.com:8080"):
                name = f"request.host.{slug(bucket[:10])}{len(bucket)}-{style}-{slug(host[-4:])}"
                yield case(name, "s3", "GetObject", {"Bucket": bucket, "Key": "dir/k"}, answered(body=b"x"), addressing=style,
                           through_peer=True, endpoint=f"{host}/{name}")


def cases():
    return [*objects(), *lists(), *clients(), *hosts()]
