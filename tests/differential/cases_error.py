"""Errors of rest-xml: statuses and bodies."""
from make import IDS, answered, case, response

STATUSES = (300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 416, 418, 429, 499, 500, 501, 502,
            503, 504, 505, 509, 511, 599)

BODIES = {
    "plain": "<Error><Code>NoSuchKey</Code><Message>m m</Message><Key>k</Key><RequestId>BODY</RequestId><HostId>BH</HostId></Error>",
    "declared": '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>m</Message></Error>',
    "namespaced": '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>NoSuchKey</Code><Message>m</Message></Error>',
    "response": "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchKey</Code><Message>m</Message></Error>"
                "<RequestId>BODY</RequestId></ErrorResponse>",
    "response-namespaced": '<ErrorResponse xmlns="urn:x"><Error><Code>NoSuchKey</Code></Error><RequestId>BODY</RequestId>'
                           "</ErrorResponse>",
    "no-code": "<Error><Message>m</Message></Error>",
    "empty-code": "<Error><Code/><Message>m</Message></Error>",
    "empty-message": "<Error><Code>NoSuchKey</Code><Message/></Error>",
    "no-message": "<Error><Code>NoSuchKey</Code></Error>",
    "empty-error": "<Error/>",
    "no-children": "<Error>text</Error>",
    "unknown-code": "<Error><Code>BrandNew</Code><Message>m</Message></Error>",
    "spaces-in-code": "<Error><Code> NoSuchKey </Code><Message> m </Message></Error>",
    "white-space": "<Error>\n  <Code>NoSuchKey</Code>\n  <Message>m</Message>\n</Error>\n",
    "entities": "<Error><Code>NoSuchKey</Code><Message>a &lt;b&gt; &amp; &#233;</Message></Error>",
    "nested": "<Error><Code>NoSuchKey</Code><Message>m</Message><Details><Code>Inner</Code></Details></Error>",
    "code-twice": "<Error><Code>A</Code><Code>B</Code><Message>m</Message></Error>",
    "other-root": "<Fault><Code>X</Code></Fault>",
    "lower-root": "<error><code>X</code></error>",
    "success-root": "<ListBucketResult><Name>b</Name></ListBucketResult>",
    "empty": "", "spaces": " \n ", "text": "plain text", "json": '{"code": "X", "message": "m"}', "truncated": "<Error><Code>NoSu",
    "html": "<html><body>no</body></html>", "html-upper": "<HTML><BODY>no</BODY></HTML>", "html-open": "<html><br>",
    "html-spaces": "\n<html></html>", "doctype": "<!DOCTYPE html><html><p></html>", "bad-utf8": b"<Error><Code>\xff</Code></Error>",
    "long-message": "<Error><Code>NoSuchKey</Code><Message>" + "m" * 255 + "</Message></Error>",
    "utf8-message": "<Error><Code>NoSuchKey</Code><Message>ü日</Message></Error>",
}

CODES = {  # code: status
    "AccessDenied": 403, "NoSuchBucket": 404, "NoSuchVersion": 404, "InvalidObjectState": 403, "InvalidAccessKeyId": 403,
    "SignatureDoesNotMatch": 403, "ExpiredToken": 400, "InvalidToken": 400, "RequestTimeTooSkewed": 403, "InvalidRange": 416,
    "PreconditionFailed": 412, "MethodNotAllowed": 405, "NotImplemented": 501, "KeyTooLongError": 400, "OperationAborted": 409,
    "BucketNotEmpty": 409, "InvalidArgument": 400, "BadDigest": 400, "AllAccessDisabled": 403, "InvalidPayer": 403,
    "AuthorizationHeaderMalformed": 400, "IllegalLocationConstraintException": 400, "EntityTooLarge": 400, "InvalidBucketName": 400,
}


def operations():
    """One of each kind: streamed, document, nothing."""
    return (("get", "GetObject", {"Bucket": "b", "Key": "k"}), ("list", "ListObjectsV2", {"Bucket": "b"}),
            ("head", "HeadObject", {"Bucket": "b", "Key": "k"}))


def cases():
    found = []
    error = BODIES["plain"].replace("NoSuchKey", "Strange")  # no error that an operation's model knows
    for short, operation, params in operations():
        for status in STATUSES:
            # Those that may be redirects have the bucket asked for its region: by one that answers the same botocore would ask for ever.
            more = [answered(404)] if status in (301, 302, 307) else []
            found.append(case(f"error.status.{short}.{status}-xml", "s3", operation, params, answered(status, error), *more))
            found.append(case(f"error.status.{short}.{status}-empty", "s3", operation, params, answered(status), *more))
    for status in (400, 404, 503):
        for name, body in BODIES.items():
            found.append(case(f"error.body.{name}.get-{status}", "s3", "GetObject", {"Bucket": "b", "Key": "k"},
                              answered(status, body)))
        found.append(case(f"error.body.plain.buckets-{status}", "s3", "ListBuckets", {}, answered(status, error)))
        found.append(case(f"error.body.plain.location-{status}", "s3", "GetBucketLocation", {"Bucket": "b"}, answered(status, error)))
        for framing in ("chunked", "close"):
            found.append(case(f"error.framing.{framing}.get-{status}", "s3", "GetObject", {"Bucket": "b", "Key": "k"},
                              answered(status, error, framing=framing, split=1, chunk=5)))
    for code, status in CODES.items():
        body = f"<Error><Code>{code}</Code><Message>m</Message></Error>"
        found.append(case(f"error.code.{code}", "s3", "GetObject", {"Bucket": "b", "Key": "k"}, answered(status, body)))
    get = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
    found += [
        case("error.ids.none", *get, response(404, error)),
        case("error.ids.amzn", *get, response(404, error, {"x-amzn-requestid": "AMZN", **IDS})),
        case("error.ids.host-in-body", *get, response(404, error, {"x-amz-request-id": "R"})),
        case("error.ids.twice", *get, response(404, error, [("x-amz-request-id", "A"), ("x-amz-request-id", "B")])),
        case("error.marker.404", *get, answered(404, error, {"x-amz-delete-marker": "true"})),
        case("error.marker.405", *get, answered(405, error, {"x-amz-delete-marker": "true"})),
        case("error.reason.own", *get, answered(404, "", reason="Gone Fishing")),
        case("error.reason.none", *get, answered(404, "", reason="")),
        case("error.reason.5xx", *get, answered(503, "", reason="Come Back Later")),
        case("error.content-type", *get, answered(404, error, {"Content-Type": "text/plain"})),
    ]
    return found
