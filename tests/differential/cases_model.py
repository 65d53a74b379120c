"""Every operation of libpail's tables with every member that botocore's models give it: all at once, each alone, none."""
import base64
import json

import botocore.session

from cases_stream import CHUNK, COMPLETE, END, INITIAL, RECORDS, TAIL_START
from make import answered, case, response

OPERATIONS = {
    "s3": ("GetObject", "HeadObject", "HeadBucket", "ListObjectsV2", "ListBuckets", "GetBucketLocation", "SelectObjectContent"),
    "logs": ("DescribeLogGroups", "DescribeLogStreams", "GetLogEvents", "FilterLogEvents", "StartLiveTail"),
    "kinesis": ("ListStreams", "DescribeStreamSummary", "ListShards", "GetShardIterator", "GetRecords"),
    "lambda": ("Invoke", "InvokeWithResponseStream", "ListFunctions", "GetFunctionConfiguration"),
    "sts": ("GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"),
}
DEEP = 6
STREAMS = {"SelectObjectContent": RECORDS + END, "StartLiveTail": INITIAL + TAIL_START, "InvokeWithResponseStream": CHUNK + COMPLETE}

# Values that botocore or the protocol restrict more than the model does.
FIXED = {"Bucket": "bkt", "EncodingType": "url", "ExpressionType": "SQL"}


def sample_input(shape, name, depth=0):
    """A value for a member, as a caller gives it, valid by the model."""
    kind = shape.type_name
    if name in FIXED:
        return FIXED[name]
    if kind == "structure":
        return {key: sample_input(each, key, depth + 1) for key, each in shape.members.items()
                if depth < DEEP}
    if kind == "list":
        return [sample_input(shape.member, name, depth + 1)] * max(1, shape.metadata.get("min", 1))
    if kind == "map":
        return {"key": sample_input(shape.value, name, depth + 1)}
    if kind in ("string", "blob"):
        text = shape.enum[0] if getattr(shape, "enum", None) else f"the {name}"
        return text.ljust(shape.metadata.get("min", 0), "x")
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return "2026-01-02T03:04:05Z"
    return max(1, shape.metadata.get("min", 1))


def scalar(shape, place):
    """What stands for a scalar in a header, in XML or in JSON."""
    kind = shape.type_name
    if kind == "timestamp":
        form = shape.serialization.get("timestampFormat") or {"header": "rfc822", "xml": "iso8601", "json": "unixTimestamp"}[place]
        return {"rfc822": "Fri, 02 Jan 2026 03:04:05 GMT", "iso8601": "2026-01-02T03:04:05.678Z", "unixTimestamp": 1795355669.615}[form]
    if kind == "boolean":
        return True if place == "json" else "true"
    if kind in ("integer", "long"):
        number = 2**40 if kind == "long" else 7
        return number if place == "json" else str(number)
    if kind in ("float", "double"):
        return 1.5 if place == "json" else "1.5"
    if kind == "blob":
        return base64.b64encode(b"bytes of " + shape.name.encode()).decode()
    return f"a {shape.name}"


def json_of(shape):
    kind = shape.type_name
    if kind == "structure":
        return {each.serialization.get("name", key): json_of(each) for key, each in shape.members.items()}
    if kind == "list":
        return [json_of(shape.member)] * 2
    if kind == "map":
        return {"key": json_of(shape.value)}
    return scalar(shape, "json")


def element(name, inside):
    return f"<{name}>{inside}</{name}>"


def xml_of(shape, name):
    """The element, or elements, of a member."""
    kind = shape.type_name
    if kind == "structure":
        return element(name, "".join(xml_of(each, each.serialization.get("name", key)) for key, each in shape.members.items()
                                     if not each.serialization.get("location")))
    if kind == "list":
        if shape.serialization.get("flattened"):
            return xml_of(shape.member, name) * 2
        return element(name, xml_of(shape.member, shape.member.serialization.get("name", "member")) * 2)
    if kind == "map":
        return element(name, element("entry", element("key", "k") + xml_of(shape.value, "value")))
    return element(name, scalar(shape, "xml"))


def head_of(output):
    headers = {}
    status = 200
    for key, each in (output.members if output else {}).items():
        where = each.serialization.get("location")
        if where == "header":
            name = each.serialization["name"]
            headers[name] = scalar(each, "header")
            if name.startswith("x-amz-checksum-") and name != "x-amz-checksum-type":
                headers[name] = "AAAA-2"  # of parts: nothing is verified
        elif where == "headers":
            headers[each.serialization["name"] + "one"] = "1"
    return status, headers


def restricted(output):
    """Without what is in the head."""
    return {key: each for key, each in output.members.items() if not each.serialization.get("location")}


def answer_of(model):
    """A response with every member of the output."""
    output = model.output_shape
    protocol = model.service_model.resolved_protocol
    if output is None:
        return answered()
    status, headers = head_of(output)
    payload = output.serialization.get("payload")
    if any(each.serialization.get("eventstream") for each in output.members.values()):
        return answered(status, STREAMS[model.name], headers)
    if payload:
        return answered(status, b"the payload", headers)
    if model.name.startswith("Head"):
        length = int(headers.pop("Content-Length", 0))
        return answered(status, b"", headers, content_length=length)
    if model.name == "GetBucketLocation":
        return answered(status, "<LocationConstraint>eu-west-1</LocationConstraint>")
    if protocol in ("json", "rest-json"):
        return response(status, json.dumps(json_of(output)), {"x-amzn-RequestId": "AMZN1", **headers})
    inside = "".join(xml_of(each, each.serialization.get("name", key)) for key, each in restricted(output).items())
    if protocol == "query":
        metadata = element("ResponseMetadata", element("RequestId", "REQ1"))
        return response(status, element(f"{model.name}Response", element(output.serialization["resultWrapper"], inside) + metadata),
                        {"x-amzn-RequestId": "REQ1"})
    root = output.serialization.get("name") or {"ListObjectsV2": "ListBucketResult", "ListBuckets": "ListAllMyBucketsResult"}[model.name]
    return answered(status, element(root, inside), headers)


def cases_of(service, model):
    shape = model.input_shape
    every = sample_input(shape, "") if shape else {}
    required = {name: every[name] for name in (shape.required_members if shape else ())}
    answer = answer_of(model)
    answer["headers"] = [pair for pair in answer["headers"] if pair[0].lower() != "content-length"]
    prefix = f"model.{service}.{model.name}"
    yield case(f"{prefix}.every", service, model.name, every, answer, mode="read")
    yield case(f"{prefix}.required", service, model.name, required, answer, mode="read")
    for name, value in every.items():
        if name not in required:
            params = {key: each for key, each in every.items() if key in required or key == name}
            yield case(f"{prefix}.with-{name}", service, model.name, params, answer, mode="read")
        else:
            without = {key: each for key, each in required.items() if key != name}
            yield case(f"{prefix}.without-{name}", service, model.name, without, answer)


def cases():
    session = botocore.session.Session()
    found = []
    for service, names in OPERATIONS.items():
        models = session.get_service_model(service)
        for name in names:
            found += cases_of(service, models.operation_model(name))
    return found
