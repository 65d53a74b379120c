"""Compares what botocore and libpail made of the same cases: requests, outputs, errors, bodies, waits."""
import fnmatch
import hashlib
import json
import re
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

# botocore's exceptions as libpail's kinds of failure.
KINDS = {
    "ClientError": {"service error"},
    "EndpointConnectionError": {"cannot connect", "name not resolved"},
    "ConnectTimeoutError": {"connect timeout"},
    "ReadTimeoutError": {"read timeout"},
    "ProxyConnectionError": {"proxy failure"},
    "SSLError": {"TLS failure", "untrusted certificate"},
    "ConnectionClosedError": {"connection closed"},
    "ResponseStreamingError": {"broken response body"},
    "IncompleteReadError": {"incomplete read"},
    "FlexibleChecksumError": {"checksum mismatch"},
    "EventStreamError": {"event stream error"},
    "ResponseParserError": {"malformed response"},
    "NoCredentialsError": {"no credentials"},
    "ParamValidationError": {"invalid parameter"},
    "InvalidRegionError": {"redirect not followed"},
}

UNSIGNED = {"AssumeRoleWithWebIdentity"}

# Headers that differ by nature: of the connection, the program, the moment.
IGNORED_HEADERS = {"host", "user-agent", "x-amz-user-agent", "connection", "proxy-connection", "accept", "accept-encoding", "authorization",
                   "x-amz-date", "date", "amz-sdk-invocation-id", "expect"}


class Expected:
    """The file EXPECTED: lines of `case-pattern fields why`. The fields are separated by commas, each a pattern; with
    `field=value` libpail's value must be that one."""

    def __init__(self, path):
        self.lines = []
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip() and not line.startswith("#"):
                    pattern, fields, _ = line.split(None, 2)
                    for field, _, value in (field.partition("=") for field in fields.split(",")):
                        self.lines.append({"number": number, "pattern": pattern, "field": field, "value": value,
                                           "used": False})

    def covers(self, case_id, field, value):
        """What is said of a case holds for its bare response too."""
        found = False
        names = {case_id, case_id.removeprefix("bare.")}
        for line in self.lines:
            if (any(fnmatch.fnmatchcase(name, line["pattern"]) for name in names) and fnmatch.fnmatchcase(field, line["field"])
                    and (not line["value"] or line["value"] == re.sub(r"\s", "_", str(value)))):
                line["used"] = found = True
        return found

    def unused(self):
        return [line for line in self.lines if not line["used"]]


# ---- requests ----

def header_of(request, name):
    values = [value for key, value in request["headers"] if key.lower() == name]
    return values[0] if values else None


def signature_problem(request, config, service, unsigned):
    """Why the request is not signed as botocore would sign it, or None."""
    authorization = header_of(request, "authorization")
    if config.get("anonymous") or unsigned:
        return "signed, but anonymous" if authorization else None
    match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, "
                         r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", authorization or "")
    if not match:
        return f"Authorization: {authorization}"
    _, _, region, name, listed, signature = match.groups()
    listed = listed.split(";")
    body = bytes.fromhex(request["body"])
    claimed = header_of(request, "x-amz-content-sha256")
    if claimed not in (None, "UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
        return "x-amz-content-sha256 is not the body's"
    missing = {key.lower() for key, _ in request["headers"] if key.lower().startswith("x-amz-")} - set(listed)
    if missing or "host" not in listed:
        return f"not signed: {sorted(missing | {'host'} - set(listed))}"
    target = request["target"]
    again = AWSRequest(method=request["method"], data=body,
                       url=target if target.startswith("http:") else f"http://{header_of(request, 'host')}{target}")
    for key, value in request["headers"]:
        if key.lower() != "authorization":
            again.headers[key] = value
    again.context["timestamp"] = header_of(request, "x-amz-date")
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(
        Credentials(config["access_key"], config["secret_key"], config.get("token")), name, region)

    def headers_to_sign(signed):
        ret = HTTPHeaders()
        for key, value in signed.headers.items():
            if key.lower() in listed:
                ret[key.lower()] = value
        return ret

    signer.headers_to_sign = headers_to_sign
    canonical = signer.canonical_request(again)
    wanted = signer.signature(signer.string_to_sign(again, canonical), again)
    return None if wanted == signature else f"not the signature of {canonical!r}"


def query_of(target):
    pairs = target.partition("?")[2].split("&") if "?" in target else []
    return sorted((unquote_plus(name), unquote_plus(value)) for name, _, value in (pair.partition("=") for pair in pairs))


def scope_of(request):
    match = re.search(r"Credential=[^/]+/\d+/([^/]+/[^/]+)", header_of(request, "authorization") or "")
    return match.group(1) if match else None


def headers_of(request):
    ret = {}
    for name, value in request["headers"]:
        if name.lower() not in IGNORED_HEADERS:
            ret.setdefault(name.lower(), []).append(value)
    if "amz-sdk-request" in ret:  # ttl is of the moment
        ret["amz-sdk-request"] = [re.sub(r"ttl=\w+; ", "", value) for value in ret["amz-sdk-request"]]
    body = bytes.fromhex(request["body"])
    if ret.get("x-amz-content-sha256") == [hashlib.sha256(body).hexdigest()]:
        ret["x-amz-content-sha256"] = ["the body's"]
    # What documents look like means nothing.
    if body[:1] in (b"", b"{", b"<") or "urlencoded" in (header_of(request, "content-type") or ""):
        ret.pop("content-length", None)
    return ret


def body_of(request):
    """The body in a form in which order and spelling that mean nothing are gone."""
    body = bytes.fromhex(request["body"])
    kind = header_of(request, "content-type") or ""
    if "json" in kind and body:
        return json.loads(body)
    if "x-www-form-urlencoded" in kind:
        return sorted(unquote_plus(pair.decode()) for pair in body.split(b"&"))
    try:
        return ElementTree.canonicalize(body.decode())
    except (ElementTree.ParseError, UnicodeDecodeError):
        return body.hex()


def compare_requests(case, oracle, driver):
    """Yields (field, botocore's, libpail's)."""
    yield "requests.count", len(oracle), len(driver)
    for i, (theirs, ours) in enumerate(zip(oracle, driver)):
        where = f"requests.{i}"
        yield f"{where}.method", theirs["method"], ours["method"]
        yield f"{where}.path", theirs["target"].partition("?")[0], ours["target"].partition("?")[0]
        yield f"{where}.query", query_of(theirs["target"]), query_of(ours["target"])
        yield f"{where}.scope", scope_of(theirs), scope_of(ours)
        a, b = headers_of(theirs), headers_of(ours)
        for name in sorted(a.keys() | b.keys()):
            yield f"{where}.headers.{name}", a.get(name), b.get(name)
        yield f"{where}.body", body_of(theirs), body_of(ours)
    for who, requests in (("botocore", oracle), ("libpail", driver)):
        for i, request in enumerate(requests):
            problem = signature_problem(request, case.get("config", {}), case["service"], case["operation"] in UNSIGNED)
            yield f"requests.{i}.signature", None, problem and f"{who}: {problem}"


# ---- results ----

def compare_values(where, theirs, ours):
    """Member by member, so that a difference has a name of its own."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(theirs.keys() | ours.keys()):
            yield from compare_values(f"{where}.{name}", theirs.get(name, "(absent)"), ours.get(name, "(absent)"))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for i, (a, b) in enumerate(zip(theirs, ours)):
            yield from compare_values(f"{where}.{i}", a, b)
    else:
        yield where, theirs, ours


def joined_headers(pairs):
    ret = {}
    for name, value in pairs or []:
        ret.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in ret.items()}


def compare_errors(where, theirs, ours):
    theirs_kind = theirs["kind"] if theirs else None
    ours_kind = ours["kind"] if ours else None
    same = theirs_kind == ours_kind or ours_kind in KINDS.get(theirs_kind, ())
    yield f"{where}.kind", theirs_kind, theirs_kind if same else ours_kind
    if not theirs or not ours:
        return
    if "code" in theirs and ours_kind in ("service error", "event stream error"):
        told = ("code", "message", "operation")
        if theirs_kind == "ClientError":  # botocore's EventStreamError has no metadata
            told += ("status", "request_id", "host_id")
        for name in told:
            yield f"{where}.{name}", theirs[name] or "", ours[name] or ""
    if theirs_kind == "IncompleteReadError" and same:
        for name in ("expected", "actual"):
            yield f"{where}.{name}", theirs[name], ours[name]


def same_waits(case, theirs, ours):
    """The last millisecond of an adaptive client's is a matter of rounding."""
    slack = 1 if case["config"].get("retry_mode") == "adaptive" else 0
    return len(theirs) == len(ours) and all(abs(a - b) <= slack for a, b in zip(theirs, ours))


def compare_results(case, oracle, driver):
    yield from compare_errors("error", oracle.get("error"), driver.get("error"))
    if "output" in oracle and "output" in driver:
        yield from compare_values("output", oracle["output"], driver["output"])
    theirs, ours = oracle.get("meta"), driver.get("meta")
    if theirs and ours:
        for name in ("status", "retry_attempts", "max_attempts_reached", "quota_reached"):
            yield f"meta.{name}", theirs[name], ours[name]
        for name in ("request_id", "host_id", "checksum_algorithm"):
            yield f"meta.{name}", theirs[name] or "", ours[name] or ""
        yield from compare_values("meta.headers", joined_headers(theirs["headers"]), joined_headers(ours["headers"]))
    yield from compare_errors("body_error", oracle.get("body_error"), driver.get("body_error"))
    if "body" in oracle and "body" in driver:
        yield "body", oracle["body"], driver["body"]
    yield from compare_values("events", oracle.get("events"), driver.get("events"))
    waits = driver["waits"]
    yield "waits", oracle["waits"], oracle["waits"] if same_waits(case, oracle["waits"], waits) else waits


def differences(case, oracle, driver, oracle_requests, driver_requests):
    """[(field, botocore's, libpail's)] of what is not the same."""
    found = list(compare_requests(case, oracle_requests, driver_requests))
    found += compare_results(case, oracle, driver)
    return [(field, theirs, ours) for field, theirs, ours in found if theirs != ours]
