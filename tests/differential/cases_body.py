"""Streamed bodies: framing, splits, ways of reading, faults."""
from make import answered, case, slug

GET = ("s3", "GetObject", {"Bucket": "b", "Key": "k"})


def content(size):
    """Lines of many lengths and terminators, up to `size` bytes."""
    text = b""
    number = 0
    while len(text) < size:
        text += b"line %d" % number + (b"\n", b"\r\n", b"\n\n", b"\r", b"\x0b\x0c\x85\n")[number % 5]
        number += 1
    return text[:size]


SIZES = (0, 1, 5, 1024, 1025, 70000)
READS = ("read", "read:1", "read:5", "read:1024", "read:100000")

# A fault of the body, what surrounds it, and whether the content length is then known.
FAULTS = {
    "cut": {"content_length": 10},
    "cut-at-0": {"content_length": 10, "body": b""},
    "cut-last": {"content_length": 6},
    "reset": {"fault": {"end": "reset", "after": 3}},
    "reset-at-0": {"fault": {"end": "reset", "after": 0}},
    "stall": {"fault": {"end": "stall", "after": 3}},
    "stall-at-0": {"fault": {"end": "stall", "after": 0}},
    "excess": {"fault": {"excess": 3}},
    "chunked-cut": {"framing": "chunked", "chunk": 2, "fault": {"end": "cut", "after": 3}},
    "chunked-cut-between": {"framing": "chunked", "chunk": 2, "fault": {"end": "cut", "after": 4}},
    "chunked-cut-at-0": {"framing": "chunked", "chunk": 2, "fault": {"end": "cut", "after": 0}},
    "chunked-bad": {"framing": "chunked", "chunk": 2, "fault": {"end": "bad_chunk", "after": 2}},
    "chunked-bad-at-0": {"framing": "chunked", "chunk": 2, "fault": {"end": "bad_chunk", "after": 0}},
    "chunked-reset": {"framing": "chunked", "chunk": 2, "fault": {"end": "reset", "after": 2}},
    "chunked-stall": {"framing": "chunked", "chunk": 2, "fault": {"end": "stall", "after": 2}},
    "close-reset": {"framing": "close", "fault": {"end": "reset", "after": 3}},
    "close-stall": {"framing": "close", "fault": {"end": "stall", "after": 3}},
}


def wells():
    for size in SIZES:
        for framing in ("length", "chunked", "close"):
            for read in READS:
                if size > 5000 and read in ("read:1", "read:5"):
                    continue
                yield case(f"body.well.{size}.{framing}.{slug(read)}", *GET, answered(body=content(size), framing=framing),
                           mode=read)
    for split in (1, 7):
        for framing in ("length", "chunked", "close"):
            yield case(f"body.split.{split}.{framing}", *GET, answered(body=content(300), framing=framing, split=split, chunk=split),
                       mode="read:100")
    yield case("body.bytes", *GET, answered(body=bytes(range(256)) * 9), mode="read:1000")
    yield case("body.gzip", *GET, answered(body=b"\x1f\x8b\x08\x00junk", headers={"Content-Encoding": "gzip"}), mode="read")
    yield case("body.chunk-1", *GET, answered(body=b"abc", framing="chunked", chunk=1), mode="read:2")
    yield case("body.head-split", *GET, answered(body=b"abc", head_split=1), mode="read")
    yield case("body.interim-100", *GET, answered(body=b"abc", fault={"interim": 100}), mode="read")
    yield case("body.interim-103", *GET, answered(body=b"abc", fault={"interim": 103, "interim_count": 2}), mode="read")
    yield case("body.late", *GET, answered(body=b"abc", fault={"body_delay_ms": 50}), mode="read")
    yield case("body.bare", *GET, answered(body=b"", framing="none", headers={"Content-Length": "0"}), mode="read")


TEXTS = {
    "empty": b"", "one": b"a", "line": b"a\n", "unterminated": b"a\nb", "empty-lines": b"\n\na\n\n", "cr": b"a\rb\r", "crlf": b"a\r\nb\r\n",
    "mixed": b"a\rb\nc\r\nd\n\re", "cr-cr-lf-lf": b"\r\r\n\n", "lone-cr": b"\r", "cr-end": b"a\r", "no-separators": b"a\x0b\x0c\x1c\x85b",
    "unicode": "a\u2028b\u2029c\u0085d\n".encode(), "nul": b"a\0b\n\0", "long": b"x" * 3000 + b"\n" + b"y" * 1024 + b"\r\n" + b"z",
    "crlf-at-1024": b"x" * 1023 + b"\r\nabc\n", "many": content(5000),
}
WAYS = ("iter_lines", "iter_lines:1", "iter_lines:2", "iter_lines:3", "iter_lines_keepends", "iter_lines_keepends:1",
        "iter_lines_keepends:7", "readline", "readlines", "iter", "iter_chunks", "iter_chunks:3", "readinto:4")


def texts():
    for name, text in TEXTS.items():
        for way in WAYS:
            framing = "chunked" if way.endswith(("1", "7")) else "length"
            yield case(f"body.text.{name}.{slug(way)}", *GET, answered(body=text, framing=framing, chunk=5), mode=way)


def faults():
    for name, how in FAULTS.items():
        for read in ("read", "read:3", "read:100", "readinto:100", "iter_chunks:2", "iter", "iter_lines", "iter_lines:1",
                     "readline", "readlines"):
            if "stall" in name and read in ("read:3", "iter", "iter_lines:1", "readlines", "readinto:100"):
                continue
            answer = {"body": b"he\nlo", **how}
            yield case(f"body.fault.{name}.{slug(read)}", *GET, answered(**answer), mode=read,
                       read_timeout_ms=700 if "stall" in name else None)


def cases():
    return [*wells(), *texts(), *faults()]
