"""Failures below HTTP, and answers that are no HTTP."""
from make import answered, case

GET = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})
LIST = ("s3", "ListObjectsV2", {"Bucket": "b"})
HEAD = ("s3", "HeadObject", {"Bucket": "b", "Key": "k"})
BODY = "<ListBucketResult><Name>b</Name></ListBucketResult>"
GOOD = {"get": answered(body=b"good"), "list": answered(body=BODY), "head": answered(content_length=4)}
OPERATIONS = {"get": GET, "list": LIST, "head": HEAD}

# Before a whole head has come.
HEAD_FAULTS = {
    "closed": {"end": "cut", "in_head": True},
    "closed-in-head": {"end": "cut", "in_head": True, "after": 20},
    "reset": {"end": "reset", "in_head": True},
    "reset-in-head": {"end": "reset", "in_head": True, "after": 20},
    "stalled": {"end": "stall", "in_head": True},
    "stalled-in-head": {"end": "stall", "in_head": True, "after": 20},
    "garbage": {"instead_of_head": "garbage garbage\r\n\r\n", "end": "cut", "after": 0},
    "bad-status": {"instead_of_head": "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"},
    "bad-length": {"instead_of_head": "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "end": "cut"},
    "no-colon": {"instead_of_head": "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 51\r\n\r\n"},
    "folded": {"instead_of_head": "HTTP/1.1 200 OK\r\nx-amz-meta-a: 1\r\n 2\r\nContent-Length: 51\r\n\r\n"},
    "http-1.0": {"instead_of_head": "HTTP/1.0 200 OK\r\nContent-Length: 51\r\n\r\n"},
    "http-1.0-close": {"instead_of_head": "HTTP/1.0 200 OK\r\n\r\n", "close": True},
    "huge-header": {"huge_header": 70000},
}

# In the body of a document.
BODY_FAULTS = {
    "cut": {"content_length": 200},
    "reset": {"fault": {"end": "reset", "after": 5}},
    "stalled": {"fault": {"end": "stall", "after": 5}},
    "chunked-cut": {"framing": "chunked", "chunk": 9, "fault": {"end": "cut", "after": 20}},
    "chunked-bad": {"framing": "chunked", "chunk": 9, "fault": {"end": "bad_chunk", "after": 18}},
    "excess": {"fault": {"excess": 7}},
}


def faults():
    for short, operation in OPERATIONS.items():
        for name, fault in HEAD_FAULTS.items():
            bad = answered(body=b"" if short == "head" else BODY, fault=fault)
            more = {"mode": "read", "read_timeout_ms": 700 if "stall" in name else None}
            yield case(f"transport.head.{name}.{short}", *operation, bad, **more)
            yield case(f"transport.head-then-good.{name}.{short}", *operation, bad, GOOD[short], **more)
    for name, how in BODY_FAULTS.items():
        more = {"read_timeout_ms": 700 if "stall" in name else None}
        yield case(f"transport.body.{name}.list", *LIST, answered(body=BODY, **how), **more)
        yield case(f"transport.body-then-good.{name}.list", *LIST, answered(body=BODY, **how), GOOD["list"], **more)
        yield case(f"transport.error-body.{name}.get", *GET,
                   answered(404, "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>", **how), **more)
    for mode in ("legacy", "adaptive"):
        for name, bad in {"closed": answered(fault=HEAD_FAULTS["closed"]), "reset-in-body": answered(body=BODY, **BODY_FAULTS["reset"]),
                          "stalled": answered(fault=HEAD_FAULTS["stalled"])}.items():
            more = {"retry_mode": mode, "read_timeout_ms": 100 if name == "stalled" else None}
            yield case(f"transport.{mode}.{name}", *LIST, bad, **more)
            yield case(f"transport.{mode}.{name}-then-good", *LIST, bad, GOOD["list"], **more)
    yield case("transport.close-between", *LIST, answered(503, fault={"close": True}), GOOD["list"])


def connecting(places):
    refused, full, untrusted = places["refused"], places["full"], places["untrusted"]
    yield case("transport.refused", *LIST, endpoint=f"http://{refused}")
    yield case("transport.refused-legacy", *LIST, endpoint=f"http://{refused}", retry_mode="legacy")
    yield case("transport.refused-once", *GET, endpoint=f"http://{refused}", max_attempts=1)
    yield case("transport.unresolved", *LIST, endpoint="http://no-such-host.invalid")
    yield case("transport.connect-timeout", *LIST, endpoint=f"http://{full}", connect_timeout_ms=300)
    yield case("transport.proxy-refused", *LIST, endpoint="http://no-such-host.invalid", proxy=f"http://{refused}")
    yield case("transport.proxy-unresolved", *LIST, endpoint="http://no-such-host.invalid", proxy="http://no-such-proxy.invalid")
    yield case("transport.tls-refused", *LIST, endpoint=f"https://{refused}")
    yield case("transport.tls-none", *LIST, tls=True, connect_timeout_ms=700, read_timeout_ms=700)
    yield case("transport.tls-untrusted", *LIST, endpoint=f"https://{untrusted}")
    nobody = {"access_key": None, "secret_key": None}
    yield case("transport.no-credentials", *GET, GOOD["get"], **nobody)
    yield case("transport.no-credentials-anonymous", *GET, GOOD["get"], anonymous=True, **nobody)


def cases(places):
    return [*faults(), *connecting(places)]
