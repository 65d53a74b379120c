"""oracle.py CASES URL: what botocore makes of the peer's answers, one JSON object a line for each case of the file.

{"id", "output", "meta", "error", "body", "body_error", "waits"}: the operation's output as pail_output_json shows one,
the metadata, the exception; what the case's mode read of the body, in pieces, and how that failed; the waits before
requests in milliseconds (passing_time). A "bare" case is a response for get_response, without a peer.
"""
import base64
import datetime
import io
import json
import math
import sys

import passing_time  # noqa: E402  before botocore

import botocore.session  # noqa: E402
import things  # noqa: E402
from botocore import UNSIGNED  # noqa: E402
from botocore.awsrequest import AWSResponse  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from botocore.eventstream import EventStream  # noqa: E402
from botocore.response import StreamingBody, get_response  # noqa: E402
from urllib3 import HTTPHeaderDict  # noqa: E402


def shown(value):
    """A parsed value as pail_output_json would show it."""
    if isinstance(value, dict):
        return {name: shown(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shown(each) for each in value]
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc)
        fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
        return value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + fraction + "Z"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (StreamingBody, EventStream)):
        return None
    return value


def meta_of(metadata):
    checksum = metadata.get("ChecksumAlgorithm")
    return {
        "status": metadata.get("HTTPStatusCode"),
        "request_id": metadata.get("RequestId"),
        "host_id": metadata.get("HostId"),
        "headers": list(metadata.get("HTTPHeaders", {}).items()),
        "retry_attempts": metadata.get("RetryAttempts", 0),
        "max_attempts_reached": metadata.get("MaxAttemptsReached", False),
        "quota_reached": metadata.get("RetryQuotaReached", False),
        "checksum_algorithm": checksum,
    }


def service_error(kind, response, operation):
    metadata = response.get("ResponseMetadata", {})
    told = response.get("Error", {})
    return {
        "kind": kind,
        "code": told.get("Code"),
        "message": told.get("Message"),
        "status": metadata.get("HTTPStatusCode"),
        "request_id": metadata.get("RequestId"),
        "host_id": metadata.get("HostId"),
        "operation": operation,
    }


def error_of(error):
    if isinstance(error, ClientError):
        kind = type(error).__name__ if type(error).__name__ == "EventStreamError" else "ClientError"
        return service_error(kind, error.response, error.operation_name)
    values = getattr(error, "kwargs", {})
    return {
        "kind": type(error).__name__,
        "text": str(error),
        "expected": values.get("expected_bytes", 0),
        "actual": values.get("actual_bytes", 0),
    }


def read_into(body, n):
    buffer = bytearray(n)
    while got := body.readinto(buffer):
        yield bytes(buffer[:got])


def one_by_one(read):
    while got := read():
        yield got


# A mode is NAME or NAME:NUMBER; each yields the pieces that its reader gets.
MODES = {
    "read": lambda body, n: iter([body.read()]) if n is None else one_by_one(lambda: body.read(n)),
    "readinto": read_into,
    "iter": lambda body, n: iter(body),
    "iter_chunks": lambda body, n: body.iter_chunks(n or 1024),
    "iter_lines": lambda body, n: body.iter_lines(n or 1024),
    "iter_lines_keepends": lambda body, n: body.iter_lines(n or 1024, keepends=True),
    "readline": lambda body, n: one_by_one(body.readline),
    "readlines": lambda body, n: iter(body.readlines()),
}


def run_mode(mode, body, result):
    name, _, number = mode.partition(":")
    pieces = []
    try:
        for piece in MODES[name](body, int(number) if number else None):
            pieces.append(piece.hex())
    except Exception as error:  # pylint: disable=broad-except
        result["body_error"] = error_of(error)
    result["body"] = pieces


def run_events(stream, result):
    events = []
    try:
        for event in stream:
            events.append(shown(event))
    except Exception as error:  # pylint: disable=broad-except
        result["body_error"] = error_of(error)
    result["events"] = events


def client_of(session, case, url):
    config = case.get("config", {})
    seconds = lambda name: config[name] / 1000 if config.get(name) else 60  # noqa: E731
    options = {"connect_timeout": seconds("connect_timeout_ms"), "read_timeout": seconds("read_timeout_ms")}
    retries = {}
    if config.get("max_attempts"):
        retries["total_max_attempts"] = config["max_attempts"]
    if "retries" in config:
        retries["max_attempts"] = config["retries"]
    if config.get("retry_mode"):
        retries["mode"] = config["retry_mode"]
    if retries:
        options["retries"] = retries
    if config.get("anonymous"):
        options["signature_version"] = UNSIGNED
    if config.get("addressing"):
        options["s3"] = {"addressing_style": config["addressing"]}
    if config.get("proxy"):
        options["proxies"] = {"http": config["proxy"], "https": config["proxy"]}
    own = f"{url}/{case['id']}"
    if config.get("tls"):
        own = own.replace("http:", "https:")
    if config.get("through_peer"):
        options["proxies"] = {"http": url}
    return session.create_client(
        case["service"],
        region_name=config.get("region"),
        endpoint_url=config.get("endpoint") or own,
        aws_access_key_id=config.get("access_key"),
        aws_secret_access_key=config.get("secret_key"),
        aws_session_token=config.get("token"),
        config=Config(inject_host_prefix=False, **options),
    )


def call_once(client, case):
    result = {}
    try:
        # As the client's method does, by the operation's own name.
        output = client._make_api_call(case["operation"], case.get("params", {}))  # pylint: disable=protected-access
    except Exception as error:  # pylint: disable=broad-except
        result["error"] = error_of(error)
        metadata = (getattr(error, "response", None) or {}).get("ResponseMetadata")
        if metadata is not None:
            result["meta"] = meta_of(metadata)
        return result
    take_output(case, output, result)
    return result


def take_output(case, output, result):
    metadata = output.pop("ResponseMetadata", {})
    result["output"] = shown(output)
    result["meta"] = meta_of(metadata)
    for value in output.values():
        if isinstance(value, EventStream):
            run_events(value, result)
            value.close()
        elif isinstance(value, StreamingBody) and case.get("mode"):
            run_mode(case["mode"], value, result)
            value.close()


class RawBody(io.BytesIO):
    """What get_response needs of urllib3's response."""

    def stream(self):
        yield self.read()


def bare_once(session, case):
    described = case["responses"][0]
    headers = HTTPHeaderDict()
    for name, value in described["headers"]:
        headers.add(name, value.encode().decode("latin-1"))  # as Python's http reads them
    model = session.get_service_model(case["service"]).operation_model(case["operation"])
    response = AWSResponse("http://bare", described["status"], headers, RawBody(bytes.fromhex(described["body"])))
    result = {}
    try:
        _, parsed = get_response(model, response)
    except Exception as error:  # pylint: disable=broad-except
        return {"error": error_of(error)}
    if "Error" in parsed:
        result["error"] = service_error("ClientError", parsed, model.name)
        result["meta"] = meta_of(parsed["ResponseMetadata"])
    else:
        take_output(case, parsed, result)
    return result


def result_of(session, case, url):
    if case.get("bare"):
        return bare_once(session, case)
    client = client_of(session, case, url)
    client.meta.events.register_last("before-send", passing_time.attempt)
    for _ in range(case.get("calls", 1)):
        result = call_once(client, case)
    client.close()
    return result


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    session = botocore.session.Session()
    things.install(session.get_component("data_loader"))
    for case in cases:
        passing_time.begin(case.get("step_ms", 0))
        result = result_of(session, case, sys.argv[2])
        result = {"id": case["id"], "waits": passing_time.waits(), **result}
        print(json.dumps(result, default=lambda value: type(value).__name__), flush=True)


if __name__ == "__main__":
    main()
