"""Payloads of events: frames well and damaged, events known and unknown, ends well and bad."""
import binascii
import json
import struct

from make import answered, case, response, slug

SELECT = ("s3", "SelectObjectContent", {
    "Bucket": "b", "Key": "k", "Expression": "SELECT * FROM S3Object", "ExpressionType": "SQL",
    "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}})
TAIL = ("logs", "StartLiveTail", {"logGroupIdentifiers": ["arn:aws:logs:us-east-1:1:log-group:g"]})
STREAM = ("lambda", "InvokeWithResponseStream", {"FunctionName": "f", "Payload": "{}"})


def header(name, value, kind=7):
    """A header; value is the encoded one but for strings and bytes."""
    if kind in (6, 7):
        value = value.encode() if isinstance(value, str) else value
        value = struct.pack(">H", len(value)) + value
    return bytes([len(name)]) + name.encode() + bytes([kind]) + value


def frame(headers, payload=b"", prelude_crc=None, message_crc=None, total=None):
    if isinstance(headers, dict):
        headers = b"".join(header(name, value) for name, value in headers.items())
    if isinstance(payload, (dict, list)):
        payload = json.dumps(payload).encode()
    prelude = struct.pack(">II", total if total is not None else 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack(">I", prelude_crc if prelude_crc is not None else binascii.crc32(prelude))
    message = prelude + headers + payload
    return message + struct.pack(">I", message_crc if message_crc is not None else binascii.crc32(message))


def event(kind, payload=b"", content="application/octet-stream", **more):
    return frame({":message-type": "event", ":event-type": kind, ":content-type": content}, payload, **more)


def counts(scanned):
    return f"<Details><BytesScanned>{scanned}</BytesScanned><BytesProcessed>2</BytesProcessed><BytesReturned>3</BytesReturned></Details>"


RECORDS = event("Records", b"a,b\n")
STATS = event("Stats", f"<Stats>{counts(1)}</Stats>".encode(), "text/xml")
PROGRESS = event("Progress", f"<Progress>{counts(4)}</Progress>".encode(), "text/xml")
CONT, END = event("Cont"), event("End")
ERROR = frame({":message-type": "error", ":error-code": "InternalError", ":error-message": "m"})

SELECTS = {
    "well": RECORDS + STATS + END,
    "all": CONT + RECORDS + PROGRESS + RECORDS + STATS + END,
    "many": RECORDS * 300 + END,
    "large": event("Records", b"x" * 100000) + END,
    "empty-records": event("Records") + END,
    "binary": event("Records", bytes(range(256))) + END,
    "only-end": END, "no-end": RECORDS + STATS, "nothing": b"",
    "after-end": END + RECORDS,
    "unknown-event": RECORDS + event("Tomorrow", b"x") + END,
    "unknown-headers": frame({":message-type": "event", ":event-type": "Records", "x": "y"}, b"r") + END,
    "no-message-type": frame({":event-type": "Records"}, b"r") + END,
    "no-event-type": frame({":message-type": "event"}, b"r") + END,
    "other-message-type": frame({":message-type": "news", ":event-type": "Records"}, b"r") + END,
    "no-headers": frame({}, b"r") + END,
    "header-types": frame(b"".join((
        header("a", b"", 0), header("b", b"", 1), header("c", b"\x01", 2), header("d", b"\0\1", 3), header("e", b"\0\0\0\1", 4),
        header("f", b"\0" * 8, 5), header("g", b"xyz", 6), header("h", b"\0" * 8, 8), header("i", b"\0" * 16, 9),
        header(":message-type", "event"), header(":event-type", "Records"))), b"r") + END,
    "error": RECORDS + ERROR,
    "error-first": ERROR,
    "error-no-code": frame({":message-type": "error", ":error-message": "m"}),
    "error-no-message": frame({":message-type": "error", ":error-code": "C"}),
    "exception": RECORDS + frame({":message-type": "exception", ":exception-type": "SomeException"}, b"m"),
    "stats-bad": event("Stats", b"<Stats><Det") + END,
    "stats-empty": event("Stats", b"<Stats/>") + END,
    "bad-prelude-crc": RECORDS + event("Records", b"r", prelude_crc=1) + END,
    "bad-message-crc": RECORDS + event("Records", b"r", message_crc=1) + END,
    "duplicate-headers": RECORDS + frame(header(":message-type", "event") * 2 + header(":event-type", "Records"), b"r") + END,
    "unknown-header-type": RECORDS + frame(header("x", b"", 12) + header(":message-type", "event"), b"r") + END,
    "cut-in-frame": RECORDS + STATS[:20],
    "cut-in-prelude": RECORDS + STATS[:7],
    "total-too-large": RECORDS + event("Records", b"r", total=0x7fffffff),
    "total-too-small": RECORDS + event("Records", b"r", total=8),
    "not-frames": b"<html>this is no stream of events, but a page of a machine in between</html>",
}

TAIL_START = event("sessionStart", {"requestId": "r", "sessionId": "s", "logGroupIdentifiers": ["g"], "logStreamNames": []},
                   "application/json")
TAIL_UPDATE = event("sessionUpdate", {
    "sessionMetadata": {"sampled": False},
    "sessionResults": [{"logStreamName": "s", "logGroupIdentifier": "g", "message": "m ü", "timestamp": 1, "ingestionTime": 2}]},
    "application/json")
INITIAL = event("initial-response", {}, "application/json")
TIMEOUT = frame({":message-type": "exception", ":exception-type": "SessionTimeoutException", ":content-type": "application/json"},
                {"message": "over"})
TAILS = {
    "well": INITIAL + TAIL_START + TAIL_UPDATE * 3,
    "no-results": INITIAL + TAIL_START + event("sessionUpdate", {"sessionMetadata": {"sampled": True}, "sessionResults": []}),
    "timeout": INITIAL + TAIL_START + TIMEOUT,
    "exception-unknown": INITIAL + frame({":message-type": "exception", ":exception-type": "Tomorrow"}, {"message": "m"}),
    "exception-no-message": INITIAL + frame({":message-type": "exception", ":exception-type": "SessionStreamingException"}, {}),
    "no-initial": TAIL_START + TAIL_UPDATE,
    "initial-late": TAIL_START + INITIAL,
    "initial-twice": INITIAL + INITIAL + TAIL_START,
    "initial-exception": TIMEOUT,
    "initial-error": ERROR,
    "nothing": b"", "only-initial": INITIAL, "bad-json": INITIAL + event("sessionUpdate", b"{"), "null": INITIAL + event("sessionUpdate", b"null"),
    "unknown-event": INITIAL + event("sessionEnd", {"x": 1}) + TAIL_START,
}

CHUNK = event("PayloadChunk", b"part")
COMPLETE = event("InvokeComplete", {}, "application/json")
STREAMS = {
    "well": CHUNK + CHUNK + COMPLETE,
    "failed": CHUNK + event("InvokeComplete", {"ErrorCode": "E", "ErrorDetails": "d", "LogResult": "bG9n"}, "application/json"),
    "no-complete": CHUNK, "nothing": b"", "only-complete": COMPLETE, "empty-chunk": event("PayloadChunk") + COMPLETE,
    "error": CHUNK + ERROR,
}


def cases():
    found = []
    lambda_head = {"x-amzn-RequestId": "AMZN1", "X-Amz-Executed-Version": "$LATEST", "Content-Type": "application/vnd.amazon.eventstream"}
    for name, body in SELECTS.items():
        found.append(case(f"stream.select.{name}", *SELECT, answered(body=body)))
    for name, body in TAILS.items():
        for framing in ("length", "chunked"):
            found.append(case(f"stream.tail.{name}.{framing}", *TAIL,
                              response(200, body, {"x-amzn-RequestId": "AMZN1"}, framing=framing)))
    for name, body in STREAMS.items():
        found.append(case(f"stream.lambda.{name}", *STREAM, response(200, body, lambda_head)))
    body = SELECTS["all"]
    for how in ({"framing": "chunked", "chunk": 7}, {"framing": "close"}, {"split": 1}, {"split": 13},
                {"framing": "chunked", "chunk": 1000}):
        found.append(case(f"stream.framing.{slug('-'.join(map(str, how.values())))}", *SELECT, answered(body=body, **how)))
    for name, fault in {"cut": {"content_length": len(body) + 10}, "reset": {"fault": {"end": "reset", "after": 70}},
                        "chunked-cut": {"framing": "chunked", "fault": {"end": "cut", "after": 70}},
                        "stall": {"fault": {"end": "stall", "after": 70}}}.items():
        found.append(case(f"stream.fault.{name}", *SELECT, answered(body=body, **fault), read_timeout_ms=700 if name == "stall" else None))
    for status in (400, 403, 404, 500):
        xml = "<Error><Code>Strange</Code><Message>m</Message></Error>"
        found.append(case(f"stream.status.select-{status}", *SELECT, answered(status, xml)))
        text = '{"__type": "Strange", "message": "m"}'
        found.append(case(f"stream.status.tail-{status}", *TAIL, response(status, text, {"x-amzn-RequestId": "AMZN1"})))
    return found
