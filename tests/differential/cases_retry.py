"""Which failures are tried again, how often, after how long; redirects to other regions."""
from make import IDS, answered, case, response

GET = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
LIST = ("s3", "ListObjectsV2", {"Bucket": "b"})
GOOD = answered(body=b"good")
LISTING = answered(body="<ListBucketResult><Name>b</Name></ListBucketResult>")

STATUSES = (400, 403, 408, 409, 412, 429, 500, 501, 502, 503, 504, 509)

CODES = (
    "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "Throttling", "ThrottlingException", "ThrottledException",
    "RequestThrottledException", "TooManyRequestsException", "ProvisionedThroughputExceededException",
    "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
    "RequestThrottled", "SlowDown", "EC2ThrottledException", "BadDigest", "InternalError", "ServiceUnavailable", "OperationAborted",
    "ExpiredToken", "RequestTimeTooSkewed", "IDPCommunicationError", "NoSuchKey",
)


def error(code, message="m"):
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


def matrix():
    for mode in ("standard", "legacy", "adaptive"):
        for status in STATUSES:
            yield case(f"retry.{mode}.status-{status}", *GET, answered(status, error("Some")), retry_mode=mode)
            yield case(f"retry.{mode}.status-{status}-then-good", *GET, answered(status, error("Some")), GOOD, retry_mode=mode,
                       mode="read")
        for code in CODES:
            yield case(f"retry.{mode}.code-{code}", *GET, answered(400, error(code)), retry_mode=mode)
        for attempts in (1, 2, 4):
            yield case(f"retry.{mode}.attempts-{attempts}", *GET, answered(503, error("SlowDown")), retry_mode=mode,
                       max_attempts=attempts)
        for retries in (0, 1, 3):
            yield case(f"retry.{mode}.retries-{retries}", *GET, answered(503, error("SlowDown")), retry_mode=mode, retries=retries)
        yield case(f"retry.{mode}.both", *GET, answered(503, error("SlowDown")), retry_mode=mode, retries=3, max_attempts=2)
        yield case(f"retry.{mode}.429-modelled", *GET, answered(429, error("NoSuchKey")), retry_mode=mode)
        yield case(f"retry.{mode}.mixed", *LIST, answered(503), answered(500, error("InternalError")), LISTING, retry_mode=mode)
        yield case(f"retry.{mode}.then-denied", *LIST, answered(503), answered(403, error("AccessDenied")), retry_mode=mode)
        yield case(f"retry.{mode}.error-in-200", *LIST, answered(200, error("InternalError")), LISTING, retry_mode=mode)
        yield case(f"retry.{mode}.last-good", *GET, answered(503), answered(503), GOOD, retry_mode=mode, mode="read")
        yield case(f"retry.{mode}.head", "s3", "HeadObject", {"Bucket": "b", "Key": "k"}, answered(503), answered(503),
                   answered(content_length=3), retry_mode=mode)


def delays():
    for value in ("0", "1", "30", "3000", "4999", "5100", "99000", "-1", "x", "1.5", ""):
        yield case(f"retry.after.ms-{value or 'empty'}", *GET, answered(503, error("SlowDown"), {"x-amz-retry-after": value}), GOOD,
                   mode="read")
    yield case("retry.after.no-throttle", *GET, answered(500, error("InternalError"), {"x-amz-retry-after": "200"}), GOOD, mode="read")
    yield case("retry.after.not-retried", *GET, answered(403, error("AccessDenied"), {"x-amz-retry-after": "200"}))
    yield case("retry.after.plain-header", *GET, answered(503, error("SlowDown"), {"Retry-After": "2"}), GOOD, mode="read")
    for attempts in (8, 12):
        yield case(f"retry.backoff.{attempts}", *GET, answered(503, error("SlowDown")), max_attempts=attempts)
        yield case(f"retry.backoff.{attempts}-500", *GET, answered(500), max_attempts=attempts)
    for calls in (17, 18, 19):
        yield case(f"retry.quota.{calls}", *LIST, answered(503), calls=calls)
    yield case("retry.quota.throttled", *LIST, answered(503, error("SlowDown")), calls=52)
    yield case("retry.quota.refund", *LIST, *([answered(503)] * 36 + [LISTING] * 2 + [answered(503)]), calls=21)


def adaptive():
    """Many calls of one client that throttling slows down: every wait for the limiter's leave is compared."""
    slow, good, broken = answered(503, error("SlowDown")), LISTING, answered(500)
    sequences = {
        "one": [good] * 5 + [slow] + [good] * 24,
        "at-once": [slow] + [good] * 20,
        "again": ([good] * 4 + [slow]) * 5 + [good],
        "always": [slow],
        "bursts": [good] * 10 + [slow] * 4 + [good] * 20 + [slow] * 3 + [good] * 10,
        "broken": [good] * 3 + [slow] + ([broken] + [good] * 2) * 6,
        "denied": [good] * 3 + [slow] + [answered(403, error("AccessDenied"))] * 10,
        "never": [good] * 3 + [broken] + [good] * 10,
    }
    for name, answers in sequences.items():
        for step in (1, 20, 130, 700):
            yield case(f"retry.limiter.{name}.{step}", *LIST, *answers, calls=30, step_ms=step, retry_mode="adaptive")
    yield case("retry.limiter.long", *LIST, *sequences["one"][:6], good, calls=200, step_ms=90, retry_mode="adaptive")
    yield case("retry.limiter.after", *LIST, answered(503, error("SlowDown"), {"x-amz-retry-after": "2500"}), good, calls=5,
               retry_mode="adaptive")
    for protocol in ("json", "query"):
        body = {"json": '{"__type": "ThrottlingException"}',
                "query": "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"}[protocol]
        ok = {"json": "{}", "query": "<DoThingResponse><DoThingResult/></DoThingResponse>"}[protocol]
        ids = {"x-amzn-RequestId": "AMZN1"}
        yield case(f"things.{protocol}.limiter", f"things-{protocol}", "DoThing", {}, response(200, ok, ids), response(400, body, ids),
                   response(200, ok, ids), calls=12, retry_mode="adaptive")


def redirects():
    elsewhere = {**IDS, "x-amz-bucket-region": "eu-west-1"}
    moved = error("PermanentRedirect")
    malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-west-1</Region></Error>"
    yield case("redirect.301-header", *GET, response(301, moved, elsewhere), GOOD, mode="read")
    yield case("redirect.301-twice", *GET, response(301, moved, elsewhere), response(301, moved, elsewhere), GOOD)
    yield case("redirect.307-header", *LIST, response(307, error("TemporaryRedirect"), elsewhere), LISTING)
    yield case("redirect.302-header", *LIST, response(302, error("Found"), elsewhere), LISTING)
    yield case("redirect.301-location", *LIST, response(301, moved, {**elsewhere, "Location": "http://127.0.0.1:1/x"}), LISTING)
    yield case("redirect.307-location-only", *LIST, answered(307, "", {"Location": "http://127.0.0.1:1/x"}),
               response(200, "", elsewhere), LISTING)
    yield case("redirect.400-body-region", *GET, answered(400, malformed), GOOD, mode="read")
    yield case("redirect.400-body-region-probe", *GET,
               answered(400, error("AuthorizationHeaderMalformed")), GOOD, mode="read")
    yield case("redirect.head-object-400", "s3", "HeadObject", {"Bucket": "b", "Key": "k"}, response(400, "", elsewhere),
               answered(content_length=1))
    yield case("redirect.head-object-301", "s3", "HeadObject", {"Bucket": "b", "Key": "k"}, response(301, "", elsewhere),
               answered(content_length=1))
    yield case("redirect.head-object-400-probe", "s3", "HeadObject", {"Bucket": "b", "Key": "k"}, answered(400),
               response(200, "", elsewhere), answered(content_length=1))
    yield case("redirect.head-bucket-400", "s3", "HeadBucket", {"Bucket": "b"}, response(400, "", elsewhere), answered())
    yield case("redirect.head-bucket-301", "s3", "HeadBucket", {"Bucket": "b"}, response(301, "", elsewhere), answered())
    yield case("redirect.head-bucket-400-plain", "s3", "HeadBucket", {"Bucket": "b"}, answered(400), answered())
    yield case("redirect.probe", *LIST, answered(301, moved), response(200, "", elsewhere), LISTING)
    yield case("redirect.probe-403", *LIST, answered(301, moved), response(403, "", elsewhere), LISTING)
    yield case("redirect.probe-404", *LIST, answered(301, moved), answered(404))
    yield case("redirect.probe-500", *LIST, answered(301, moved), answered(500))
    yield case("redirect.illegal-location", *LIST, response(400, error("IllegalLocationConstraintException"), elsewhere), LISTING)
    yield case("redirect.other-code-region", *GET, response(404, error("NoSuchKey"), elsewhere))
    for number, region in enumerate(("evil.example.com/", "a b", "1234", "eu-west-1.", "-x", "x" * 64, "")):
        yield case(f"redirect.bad-region.{number}", *LIST, response(301, moved, {**IDS, "x-amz-bucket-region": region}), LISTING)
    yield case("redirect.same-region", *LIST, response(301, moved, {**IDS, "x-amz-bucket-region": "us-east-1"}), LISTING)
    yield case("redirect.remembered", *LIST, response(301, moved, elsewhere), LISTING, LISTING, calls=2)
    yield case("redirect.then-503", *LIST, response(301, moved, elsewhere), answered(503), LISTING)
    yield case("redirect.503-then", *LIST, answered(503), response(301, moved, elsewhere), LISTING)
    yield case("redirect.attempts-1", *LIST, response(301, moved, elsewhere), LISTING, max_attempts=1)
    yield case("redirect.anonymous", *LIST, response(301, moved, elsewhere), LISTING, anonymous=True)
    yield case("redirect.buckets", "s3", "ListBuckets", {}, response(301, moved, elsewhere), answered(body="<ListAllMyBucketsResult/>"))


def cases():
    return [*matrix(), *delays(), *adaptive(), *redirects()]
