"""GetObject and HeadObject that succeed: headers as members."""
from make import answered, case, response, slug

# Header: values.
HEADERS = {
    "ETag": ['"d41d8cd98f00b204e9800998ecf8427e"', '"abc-2"', 'W/"weak"', "bare"],
    "Last-Modified": ["Fri, 02 Jan 2026 03:04:05 GMT", "Friday, 02-Jan-26 03:04:05 GMT", "Fri Jan  2 03:04:05 2026",
                      "2026-01-02T03:04:05.678Z", "1767323045", "Fri, 02 Jan 2026 03:04:05 +0100", "nonsense", ""],
    "Expires": ["Fri, 02 Jan 2026 03:04:05 GMT", "0", "-1", "never", "2026-01-02", ""],
    "Accept-Ranges": ["bytes", "none"],
    "Content-Type": ["text/plain; charset=utf-8", ""],
    "Content-Encoding": ["gzip", "identity", "aws-chunked"],
    "Content-Language": ["de, en"],
    "Content-Disposition": ['attachment; filename="a b"'],
    "Content-Range": ["bytes 0-0/1"],
    "Cache-Control": ["no-cache"],
    "x-amz-delete-marker": ["true", "false", "TRUE", "yes", ""],
    "x-amz-missing-meta": ["0", "7", "x", "-1", " 3 ", "99999999999"],
    "x-amz-mp-parts-count": ["12"],
    "x-amz-tagging-count": ["3"],
    "x-amz-version-id": ["null", "abc"],
    "x-amz-storage-class": ["STANDARD_IA", "A_CLASS_OF_TOMORROW"],
    "x-amz-server-side-encryption": ["aws:kms"],
    "x-amz-server-side-encryption-customer-algorithm": ["AES256"],
    "x-amz-server-side-encryption-customer-key-MD5": ["hRasmdxgYDKV3nvbahU1MA=="],
    "x-amz-server-side-encryption-aws-kms-key-id": ["arn:aws:kms:us-east-1:1:key/k"],
    "x-amz-server-side-encryption-bucket-key-enabled": ["true"],
    "x-amz-expiration": ['expiry-date="Fri, 23 Dec 2026 00:00:00 GMT", rule-id="r"'],
    "x-amz-restore": ['ongoing-request="false", expiry-date="Fri, 23 Dec 2026 00:00:00 GMT"'],
    "x-amz-website-redirect-location": ["/elsewhere"],
    "x-amz-request-charged": ["requester"],
    "x-amz-replication-status": ["COMPLETED"],
    "x-amz-object-lock-mode": ["GOVERNANCE"],
    "x-amz-object-lock-retain-until-date": ["2026-01-02T03:04:05.000Z"],
    "x-amz-object-lock-legal-hold": ["ON"],
    "x-amz-checksum-type": ["FULL_OBJECT"],
    "x-amz-archive-status": ["ARCHIVE_ACCESS"],
    "x-amz-meta-plain": ["value"],
    "X-Amz-Meta-MixedCase": ["Value"],
    "x-amz-meta-": ["empty name"],
    "x-amz-meta-long": ["v" * 2000],
    "x-amz-meta-spaces": ["  a  b  "],
    "x-amz-meta-latin": ["=?UTF-8?Q?=C3=BC?="],
    "x-amz-meta-utf8": ["ü"],
    "x-amz-meta-empty": [""],
    "x-unknown": ["ignored"],
}

HELLO = b"hello world"
CHECKSUMS = {
    "crc32": "DUoRhQ==", "crc32c": "yZRlqg==", "crc64nvme": "jSnVw/bqjr4=", "sha1": "Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "sha256": "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", "xxhash64": "RatnNLIeaWg=",
    "xxhash3": "1Eex6kDmmIs=", "xxhash128": "340J6T+HSQCpm4d1zBW2xw==",
    "sha512": "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
}
WRONG = {"crc32": "AAAAAA==", "crc32c": "AAAAAA==", "crc64nvme": "AAAAAAAAAAA=", "xxhash64": "AAAAAAAAAAA=", "xxhash3": "AAAAAAAAAAA=",
         "xxhash128": "AAAAAAAAAAAAAAAAAAAAAA==", "sha512": "A" * 86 + "==",
         "sha1": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}


def headers():
    for name, values in HEADERS.items():
        for number, value in enumerate(values):
            for operation in ("GetObject", "HeadObject"):
                answer = answered(body=b"x") if operation == "GetObject" else answered(content_length=1)
                answer["headers"].append([name, value])
                yield case(f"object.{operation}.{slug(name)}-{number}", "s3", operation, {"Bucket": "b", "Key": "k"}, answer,
                           mode="read")


def metadata():
    get = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
    tables = {
        "none": [],
        "amzn-id": [("x-amzn-RequestId", "AMZN"), ("x-amz-request-id", "AMZ"), ("x-amz-id-2", "HOST")],
        "amz-id": [("x-amz-request-id", "AMZ")],
        "host-only": [("x-amz-id-2", "HOST")],
        "id-twice": [("x-amz-request-id", "A"), ("x-amz-request-id", "B"), ("x-amz-id-2", "H")],
        "repeated": [("x-amz-request-id", "A"), ("Vary", "Origin"), ("vary", "Accept"), ("x-amz-meta-a", "1"),
                     ("x-amz-meta-a", "2")],
        "content-length-only": [("x-amz-request-id", "A"), ("x-amz-id-2", "H")],
    }
    for name, pairs in tables.items():
        yield case(f"object.metadata.{name}", *get, response(200, b"abc", pairs), mode="read")
    yield case("object.metadata.206", *get, answered(206, b"bc", {"Content-Range": "bytes 1-2/3"}), mode="read")
    for status in (201, 202, 203, 204, 205, 207, 299):
        yield case(f"object.status.{status}", *get, answered(status, b""), mode="read")


def checksums():
    get = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
    for name, value in CHECKSUMS.items():
        for mode in ("read", "read:4"):
            yield case(f"object.checksum.{name}.{slug(mode)}", *get,
                       answered(body=HELLO, headers={f"x-amz-checksum-{name}": value}), mode=mode)
    for name, value in WRONG.items():
        for mode in ("read", "read:4", "read:100"):
            yield case(f"object.checksum.{name}-wrong.{slug(mode)}", *get,
                       answered(body=HELLO, headers={f"x-amz-checksum-{name}": value}), mode=mode)
    tables = {
        "composite": {"x-amz-checksum-crc32": "AAAAAA==-2"},
        "composite-then-plain": {"x-amz-checksum-crc32c": "AAAAAA==-2", "x-amz-checksum-sha1": CHECKSUMS["sha1"]},
        "composite-type": {"x-amz-checksum-crc32": CHECKSUMS["crc32"], "x-amz-checksum-type": "COMPOSITE"},
        "composite-type-wrong": {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "COMPOSITE"},
        "order": {"x-amz-checksum-sha256": WRONG["sha256"], "x-amz-checksum-crc64nvme": CHECKSUMS["crc64nvme"]},
        "order-xxhash": {"x-amz-checksum-xxhash64": WRONG["xxhash64"], "x-amz-checksum-crc64nvme": CHECKSUMS["crc64nvme"]},
        "order-all": {f"x-amz-checksum-{name}": value for name, value in {**WRONG, "xxhash128": CHECKSUMS["xxhash128"]}.items()},
        "order-but-128": {f"x-amz-checksum-{name}": value for name, value in {**WRONG, "xxhash3": CHECKSUMS["xxhash3"]}.items()
                          if name != "xxhash128"},
        "composite-xxhash": {"x-amz-checksum-xxhash128": "AAAA-2", "x-amz-checksum-xxhash64": CHECKSUMS["xxhash64"]},
        "short-xxhash": {"x-amz-checksum-xxhash128": CHECKSUMS["xxhash3"]},
        "md5-wrong": {"x-amz-checksum-md5": "AAAAAAAAAAAAAAAAAAAAAA=="},
        "unknown": {"x-amz-checksum-blake3": "AAAA"},
        "not-base64": {"x-amz-checksum-crc32": "!!!"},
        "short": {"x-amz-checksum-crc32": "AAA="},
        "long": {"x-amz-checksum-crc32": "DUoRhYU="},
        "long-sha": {"x-amz-checksum-sha1": "A" * 400},
        "no-value": {"x-amz-checksum-crc32": ""},
    }
    for name, extra in tables.items():
        yield case(f"object.checksum.{name}", *get, answered(body=HELLO, headers=extra), mode="read")
    crc = {"x-amz-checksum-crc32": CHECKSUMS["crc32"]}
    wrong = {"x-amz-checksum-crc32": WRONG["crc32"]}
    for number in (11, 5):
        yield case(f"object.checksum.lines-{number}", *get, answered(body=HELLO, headers=crc), mode=f"read:{number}")
        yield case(f"object.checksum.lines-wrong-{number}", *get, answered(body=HELLO, headers=wrong), mode=f"read:{number}")
    yield case("object.checksum.chunked", *get, answered(body=HELLO, headers=crc, framing="chunked", chunk=3), mode="read")
    yield case("object.checksum.chunked-wrong", *get, answered(body=HELLO, headers=wrong, framing="chunked", chunk=3),
               mode="read")
    yield case("object.checksum.close-wrong", *get, answered(body=HELLO, headers=wrong, framing="close"), mode="read")
    yield case("object.checksum.empty", *get, answered(body=b"", headers={"x-amz-checksum-crc32": "AAAAAA=="}), mode="read")
    yield case("object.checksum.empty-wrong", *get, answered(body=b"", headers=crc), mode="read")
    yield case("object.checksum.part-206", *get, answered(206, b"hello", {**crc, "Content-Range": "bytes 0-4/11"}), mode="read")
    yield case("object.checksum.whole-206", *get, answered(206, HELLO, {**crc, "Content-Range": "bytes 0-10/11"}), mode="read")
    yield case("object.checksum.cut", *get, answered(body=b"hello", content_length=11, headers=crc), mode="read:100")
    yield case("object.checksum.error", *get, answered(404, "<Error><Code>NoSuchKey</Code></Error>", headers=wrong))
    yield case("object.checksum.head", "s3", "HeadObject", {"Bucket": "b", "Key": "k", "ChecksumMode": "ENABLED"},
               answered(headers=wrong, content_length=11))


def cases():
    return [*headers(), *metadata(), *checksums()]
