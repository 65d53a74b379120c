"""Documents that succeed, or pretend to: listings, buckets, locations."""
import re

from make import IDS, answered, case, response

NS = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
CONTENTS = ("<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
            "<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>")
ONE = CONTENTS.format(key="k", size=1)


def result(inside, namespace=NS, head=DECLARATION + "\n"):
    return f"{head}<ListBucketResult{namespace}>{inside}</ListBucketResult>"


# What stands inside a ListBucketResult.
INSIDE = {
    "empty": "",
    "one": ONE,
    "two": ONE + CONTENTS.format(key="l", size=2),
    "whole": "<Name>b</Name><Prefix>p/</Prefix><Delimiter>/</Delimiter><MaxKeys>2</MaxKeys><KeyCount>2</KeyCount>"
             "<IsTruncated>true</IsTruncated><ContinuationToken>t1</ContinuationToken>"
             "<NextContinuationToken>t2+/=</NextContinuationToken><StartAfter>a</StartAfter>" + ONE
             + "<CommonPrefixes><Prefix>p/q/</Prefix></CommonPrefixes>",
    "prefixes-first": "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>" + ONE
                      + "<CommonPrefixes><Prefix>z/</Prefix></CommonPrefixes>",
    "empty-elements": "<Name/><Prefix></Prefix><Delimiter/><Contents><Key></Key><ETag/></Contents>",
    "empty-contents": "<Contents/><CommonPrefixes/>",
    "owner": "<Contents><Key>k</Key><Owner><ID>i</ID><DisplayName>d</DisplayName></Owner></Contents>",
    "restore": "<Contents><Key>k</Key><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>"
               "<RestoreExpiryDate>2026-01-02T00:00:00Z</RestoreExpiryDate></RestoreStatus></Contents>",
    "checksums": "<Contents><Key>k</Key><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA1"
                 "</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType></Contents>",
    "unknown": "<Tomorrow><Deep><Er>x</Er></Deep></Tomorrow><Contents><Key>k</Key><New>1</New></Contents>",
    "entities": "<Contents><Key>a&amp;b&lt;c&gt;&quot;&apos;&#233;&#x20AC;</Key></Contents>",
    "newline-reference": "<Contents><Key>a&#10;b&#13;c</Key></Contents>",
    "cdata": "<Contents><Key><![CDATA[a<b]]>c</Key></Contents>",
    "comment": "<!-- c --><Contents><Key>a<!-- c -->b</Key></Contents>",
    "instruction": "<?pi x?><Contents><Key>k</Key></Contents>",
    "white-space": "\n  <Contents>\n    <Key> k </Key>\n  </Contents>\n",
    "number-spaces": "<MaxKeys> 7 </MaxKeys>",
    "number-plus": "<MaxKeys>+7</MaxKeys>",
    "number-bad": "<MaxKeys>x</MaxKeys>",
    "number-empty": "<MaxKeys></MaxKeys>",
    "number-fraction": "<MaxKeys>1.5</MaxKeys>",
    "number-large": CONTENTS.format(key="k", size=5497558138880),
    "number-negative": CONTENTS.format(key="k", size=-1),
    "bool-true": "<IsTruncated>true</IsTruncated>",
    "bool-True": "<IsTruncated>True</IsTruncated>",
    "bool-1": "<IsTruncated>1</IsTruncated>",
    "bool-false": "<IsTruncated>false</IsTruncated>",
    "bool-empty": "<IsTruncated/>",
    "bool-spaces": "<IsTruncated> true </IsTruncated>",
    "size-twice": "<Contents><Key>k</Key><Size>1</Size><Size>2</Size></Contents>",
    "key-twice": "<Contents><Key>k</Key><Key>l</Key></Contents>",
    "name-twice": "<Name>a</Name><Name>b</Name>",
    "nested-text": "<Name>a<b>c</b>d</Name>",
    "other-case": "<contents><key>k</key></contents><CONTENTS/>",
    "prefixed-names": '<x:Name xmlns:x="urn:x">n</x:Name>',
    "attributes": '<Contents a="1"><Key b="2">k</Key></Contents>',
}

# LastModified of a listing.
TIMES = {
    "ms": "2026-01-02T03:04:05.678Z", "none": "2026-01-02T03:04:05Z", "us": "2026-01-02T03:04:05.678901Z",
    "offset": "2026-01-02T03:04:05+01:00", "naive": "2026-01-02T03:04:05", "date": "2026-01-02",
    "space": "2026-01-02 03:04:05", "http": "Fri, 02 Jan 2026 03:04:05 GMT", "epoch": "1767323045",
    "epoch-fraction": "1767323045.25", "epoch-negative": "-1", "old": "1901-01-01T00:00:00Z", "leap-day": "2024-02-29T00:00:00Z",
    "bad-day": "2026-02-30T00:00:00Z", "bad": "yesterday", "empty": "", "spaces": " 2026-01-02T03:04:05Z ",
    "lower": "2026-01-02t03:04:05z", "basic": "20260102T030405Z", "nanoseconds": "2026-01-02T03:04:05.123456789Z",
    "year-9999": "9999-12-31T23:59:59Z",
}

# Names as they come encoded.
ENCODED = {
    "plain": "a/b", "percent": "a%20b%2Fc", "plus": "a+b", "percent-plus": "a%2Bb", "utf8": "%C3%BC", "bad-hex": "a%zzb",
    "cut": "a%2", "percent-alone": "%", "nul": "a%00b", "latin": "%FC", "lower": "%c3%bc", "twice": "a%2520b",
}

# Whole bodies of a 200, where every operation expects a document of its own.
WHOLE = {
    "error": "<Error><Code>InternalError</Code><Message>m</Message><RequestId>R</RequestId><HostId>H</HostId></Error>",
    "error-declared": DECLARATION + "\n<Error><Code>SlowDown</Code><Message>m</Message></Error>",
    "error-other": "<Error><Code>AccessDenied</Code></Error>",
    "error-no-code": "<Error><Message>m</Message></Error>",
    "error-empty": "<Error/>",
    "error-namespace": f"<Error{NS}><Code>InternalError</Code></Error>",
    "error-response": "<ErrorResponse><Error><Code>InternalError</Code></Error></ErrorResponse>",
    "truncated": DECLARATION + "<ListBucketResult><Contents><Key>k</Key>",
    "truncated-tag": "<ListBucketResult><Na",
    "not-xml": "hello", "json": '{"a": 1}', "html": "<html><body>x</body></html>", "html-open": "<html><body>x",
    "doctype": "<!DOCTYPE html><html></html>",
    "space-before": "\n" + DECLARATION + "<ListBucketResult/>",
    "space-before-root": "\n  <ListBucketResult><Name>b</Name></ListBucketResult>",
    "space-after": DECLARATION + "\n\n<ListBucketResult><Name>b</Name></ListBucketResult>\n\n",
    "bom": "\ufeff" + DECLARATION + "<ListBucketResult><Name>b</Name></ListBucketResult>",
    "no-namespace": "<ListBucketResult><Name>b</Name></ListBucketResult>",
    "other-namespace": '<ListBucketResult xmlns="urn:other"><Name>b</Name></ListBucketResult>',
    "other-root": "<Surprise><Name>b</Name></Surprise>",
    "garbage-after": "<ListBucketResult/>x",
    "two-roots": "<ListBucketResult/><ListBucketResult/>",
    "bad-utf8": b"<ListBucketResult><Name>\xff</Name></ListBucketResult>",
    "latin1": '<?xml version="1.0" encoding="ISO-8859-1"?><ListBucketResult><Name>'.encode() + b"\xfc</Name></ListBucketResult>",
    "utf16": '<?xml version="1.0" encoding="UTF-16"?><ListBucketResult><Name>n</Name></ListBucketResult>'.encode("utf-16"),
    "control": b"<ListBucketResult><Name>a\x01b</Name></ListBucketResult>",
    "control-reference": "<ListBucketResult><Name>a&#1;b</Name></ListBucketResult>",
    "entity": "<ListBucketResult><Name>&foo;</Name></ListBucketResult>",
    "entities-declared": '<!DOCTYPE x [<!ENTITY foo "bar">]><ListBucketResult><Name>&foo;</Name></ListBucketResult>',
    "empty": "", "spaces": "  \n",
}

LOCATIONS = {
    "null": f"<LocationConstraint{NS}/>", "empty": "<LocationConstraint></LocationConstraint>",
    "eu": f"<LocationConstraint{NS}>EU</LocationConstraint>", "west": f"<LocationConstraint{NS}>us-west-2</LocationConstraint>",
    "declared": DECLARATION + f"\n<LocationConstraint{NS}>us-west-2</LocationConstraint>",
    "spaces": "<LocationConstraint> us-west-2\n</LocationConstraint>",
    "nested": "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
    "nil": '<LocationConstraint xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
}

BUCKET = "<Bucket><Name>{}</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate></Bucket>"
BUCKETS = {
    "none": "<Owner><ID>i</ID></Owner><Buckets/>", "nothing": "",
    "one": "<Buckets>" + BUCKET.format("a") + "</Buckets>",
    "two": "<Owner><ID>i</ID><DisplayName>d</DisplayName></Owner><Buckets>" + BUCKET.format("a") + BUCKET.format("b") + "</Buckets>",
    "paged": "<Buckets>" + BUCKET.format("a") + "</Buckets><ContinuationToken>t</ContinuationToken><Prefix>a</Prefix>",
    "region": "<Buckets><Bucket><Name>a</Name><BucketRegion>eu-west-1</BucketRegion><BucketArn>arn:aws:s3:::a</BucketArn>"
              "</Bucket></Buckets>",
    "no-name": "<Buckets><Bucket><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>",
    "other-element": "<Buckets><Other><Name>a</Name></Other></Buckets>",
}


def listing(name, *responses, **more):
    return case(f"list.{name}", "s3", "ListObjectsV2", {"Bucket": "b", **more.pop("params", {})}, *responses, **more)


def listings():
    for name, inside in INSIDE.items():
        yield listing(f"inside.{name}", answered(body=result(inside)))
    for name, time in TIMES.items():
        yield listing(f"time.{name}", answered(body=result(
            f"<Contents><Key>k</Key><LastModified>{time}</LastModified></Contents>")))
    for name, text in ENCODED.items():
        inside = (f"<Prefix>{text}</Prefix><Delimiter>{text}</Delimiter><StartAfter>{text}</StartAfter>"
                  f"<ContinuationToken>{text}</ContinuationToken><NextContinuationToken>{text}</NextContinuationToken>"
                  f"<Contents><Key>{text}</Key></Contents><CommonPrefixes><Prefix>{text}</Prefix></CommonPrefixes>")
        yield listing(f"encoded.{name}", answered(body=result("<EncodingType>url</EncodingType>" + inside)))
        yield listing(f"encoded-last.{name}", answered(body=result(inside + "<EncodingType>url</EncodingType>")))
        yield listing(f"not-encoded.{name}", answered(body=result(inside)))
    asked = {"EncodingType": "url"}
    yield listing("encoded-asked", answered(body=result("<EncodingType>url</EncodingType><Contents><Key>a%20b+c</Key></Contents>")),
                  params=asked)
    yield listing("encoded-other", answered(body=result("<EncodingType>x</EncodingType><Contents><Key>a%20b+c</Key></Contents>")))


def framings():
    body = result(INSIDE["whole"])
    for framing in ("length", "chunked", "close"):
        for split in (0, 1, 17):
            yield listing(f"framing.{framing}-{split}", answered(body=body, framing=framing, split=split, chunk=split or 7))
    yield listing("framing.head-split", answered(body=body, head_split=3))
    yield listing("large", answered(body=result("".join(CONTENTS.format(key=f"key/{i}", size=i) for i in range(1000)))))
    yield listing("charged", response(200, result(""), {**IDS, "x-amz-request-charged": "requester"}))


def with_root(body, root):
    """The same body as a document of another operation: of the listing's members it has none."""
    body = body.encode() if isinstance(body, str) else body
    body = re.sub(rb"<Name>([^<]*)</Name>", rb"\1" if root == "LocationConstraint" else rb"<Prefix>\1</Prefix>", body)
    return body.replace(b"ListBucketResult", root.encode())


def wholes():
    good = answered(body=result(ONE))
    for name, body in WHOLE.items():
        yield listing(f"whole.{name}", answered(body=body), good)
        yield listing(f"whole-always.{name}", answered(body=body))
        if name == "utf16":
            continue
        yield case(f"buckets.whole.{name}", "s3", "ListBuckets", {}, answered(body=with_root(body, "ListAllMyBucketsResult")))
        yield case(f"location.whole.{name}", "s3", "GetBucketLocation", {"Bucket": "b"},
                   answered(body=with_root(body, "LocationConstraint")))
    for status in (201, 202, 204, 206):
        yield listing(f"status.{status}", answered(status, result(ONE) if status != 204 else b""))
        yield listing(f"status-error.{status}", answered(status, WHOLE["error"] if status != 204 else b""))


def others():
    for name, body in LOCATIONS.items():
        yield case(f"location.{name}", "s3", "GetBucketLocation", {"Bucket": "b"}, answered(body=body))
    for name, inside in BUCKETS.items():
        yield case(f"buckets.{name}", "s3", "ListBuckets", {},
                   answered(body=f"{DECLARATION}<ListAllMyBucketsResult{NS}>{inside}</ListAllMyBucketsResult>"))
    for name, headers in {
        "plain": {}, "region": {"x-amz-bucket-region": "eu-west-1"}, "alias": {"x-amz-access-point-alias": "true"},
        "location": {"x-amz-bucket-location-type": "AvailabilityZone", "x-amz-bucket-location-name": "use1-az4"},
        "arn": {"x-amz-bucket-arn": "arn:aws:s3:::b"},
    }.items():
        yield case(f"head-bucket.{name}", "s3", "HeadBucket", {"Bucket": "b"}, answered(headers=headers))


def cases():
    return [*listings(), *framings(), *wholes(), *others()]
