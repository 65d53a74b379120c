"""What the tables of cases are written with."""
from http import HTTPStatus

REASONS = {status.value: status.phrase for status in HTTPStatus}
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "region": "us-east-1"}
IDS = {"x-amz-request-id": "REQ1", "x-amz-id-2": "HOST1"}


def response(status=200, body=b"", headers=None, **more):
    """A response of the peer; `headers` is a dict or, for repeated names, a list of pairs. `more`: see peer_main.c."""
    if isinstance(body, str):
        body = body.encode()
    pairs = list(headers.items()) if isinstance(headers, dict) else [list(pair) for pair in headers or []]
    return {"status": status, "reason": REASONS.get(status, ""), "headers": pairs, "body": body.hex(), **more}


def answered(status=200, body=b"", headers=None, **more):
    """The same, with the ids that S3 gives."""
    return response(status, body, {**IDS, **(headers or {})}, **more)


def case(name, service, operation, params, *responses, mode=None, calls=1, step_ms=20, **config):
    """`config` is the client's: see oracle.client_of. A key that is None is not there. `step_ms`: how long an attempt takes."""
    return {"id": name, "service": service, "operation": operation, "params": params, "mode": mode, "calls": calls, "step_ms": step_ms,
            "config": {key: value for key, value in {**KEYS, **config}.items() if value is not None}, "responses": list(responses)}


def slug(text):
    """Text as a part of a case's name."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in str(text)).strip("-") or "empty"
