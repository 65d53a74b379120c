#!/usr/bin/env python3
"""Prints sigv4_vectors.h: requests signed by botocore (1.44.5), for test_sigv4.c.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install botocore==1.44.5
    /tmp/v/bin/python sigv4_vectors.py > sigv4_vectors.h
"""
import datetime
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TOKEN = "AQoDYXdzEPT//////////wEXAMPLE+token/with=signs=="
NOW = datetime.datetime(2015, 8, 30, 12, 36, 0, tzinfo=datetime.timezone.utc)


def case(name, method="GET", url="https://example.amazonaws.com", path="/", query="", headers=(), body="", s3=False,
         unsigned=False, token=None, region="us-east-1", service="service"):
    return dict(name=name, method=method, url=url, path=path, query=query, headers=headers, body=body, s3=s3,
                unsigned=unsigned, token=token, region=region, service="s3" if s3 else service)


def s3(name, **more):
    more.setdefault("url", "https://bucket.s3.amazonaws.com")
    return case(name, s3=True, **more)


FORM = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
CASES = [
    # Services other than S3: the published cases' shapes first.
    case("get vanilla"),
    case("post vanilla", method="POST"),
    case("query of one", query="Param1=value1"),
    case("query sorted by key", query="Param2=value2&Param1=value1"),
    case("query keys are case sensitive", query="b=1&B=2&a=3&A=4"),
    case("query sorted by value", query="Param1=value2&Param1=Value1&Param1=value1"),
    case("query without a value", query="flag&other="),
    case("query value with equals signs", query="token=a=b==&x=1"),
    case("query that is encoded", query="%E1%88%B4=bar&a%20b=%2F%2B"),
    case("query with empty pairs", query="a=1&&b=2&"),
    case("a key that starts another", query="ab=1&a=2&a-b=3"),
    case("unreserved path", path="/-._~0123456789ABCXYZabcxyz"),
    case("encoded path is encoded again", path="/%E1%88%B4/a%20b"),
    case("sub-delimiters in the path", path="/a:b@c!d$e&f'g(h)i*j+k,l;m=n"),
    case("dot segments go", path="/./a/../b/./c/"),
    case("dot segments above the root", path="/../../a"),
    case("double slashes go", path="//a//b//"),
    case("path of only dots", path="/a/.."),
    case("dots inside names stay", path="/..a/b../..."),
    case("header value trimmed", headers=[("My-Header1", "  value1"), ("My-Header2", " \"a   b   c\"  ")]),
    case("header value with tabs", headers=[("X-Tab", "\ta\t \tb\t")]),
    case("header value empty", headers=[("X-Empty", ""), ("X-Blank", "   ")]),
    case("header repeated", headers=[("My-Header1", "value2"), ("my-header1", "value1"), ("MY-HEADER1", " v  3 ")]),
    case("header names sorted without case", headers=[("Zoo", "1"), ("apple", "2"), ("Apple-a", "3"), ("B", "4")]),
    case("headers that are not signed",
         headers=[("User-Agent", "pail"), ("Connection", "close"), ("Expect", "100-continue"), ("TE", "trailers"),
                  ("X-Amzn-Trace-Id", "Root=1"), ("Transfer-Encoding", "chunked"), ("Accept", "*/*")]),
    case("session token", token=TOKEN),
    case("form", method="POST", headers=FORM, body="Param1=value1", service="sts", url="https://sts.amazonaws.com"),
    case("json", method="POST", service="logs", region="eu-west-1", url="https://logs.eu-west-1.amazonaws.com",
         headers=[("X-Amz-Target", "Logs_20140328.GetLogEvents"), ("Content-Type", "application/x-amz-json-1.1")],
         body='{"logGroupName":"g","limit":10}'),
    case("function path", method="POST", service="lambda", url="https://lambda.us-west-2.amazonaws.com",
         region="us-west-2", path="/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A1%3Afunction%3Af/invocations",
         query="Qualifier=%24LATEST", body="{}"),
    case("a port of its own", url="http://localhost:4566"),
    case("the default port", url="http://localhost:80"),
    case("an IPv6 host", url="http://[::1]:8080"),
    # S3.
    s3("get object", path="/key"),
    s3("head object", method="HEAD", path="/a/b/c.txt"),
    s3("double slashes stay", path="/a//b///c//"),
    s3("dot segments stay", path="/a/../b/./c/.."),
    s3("key is signed as sent", path="/%E6%97%A5%E6%9C%AC%20a%2Bb%25%3F%23~"),
    s3("list", path="/", query="list-type=2&prefix=a%2Fb%20c&delimiter=%2F&encoding-type=url&max-keys=1000"),
    s3("subresource", path="/", query="location"),
    s3("range and condition", path="/k", headers=[("Range", "bytes=0-1048575"),
                                                  ("If-Match", '"9b2cf535f27731c974343645a3985328"')]),
    s3("put", method="PUT", path="/k", body="hello world", headers=[("Content-Type", "text/plain"),
                                                                   ("x-amz-meta-Name", "two  words")]),
    s3("put with the payload unsigned", method="PUT", path="/k", body="hello world", unsigned=True),
    s3("get with the payload unsigned", path="/k", unsigned=True),
    s3("session token", path="/k", token=TOKEN, region="ap-southeast-2"),
    s3("path style at a port", url="http://127.0.0.1:9000", path="/bucket/key", query="versionId=null"),
    s3("select", method="POST", path="/k", query="select&select-type=2", body="<SelectObjectContentRequest/>"),
    s3("other region and service names", url="https://bucket.s3.cn-north-1.amazonaws.com.cn", region="cn-north-1",
       path="/k"),
]


def sign(c):
    full = c["url"] + c["path"] + ("?" + c["query"] if c["query"] else "")
    request = AWSRequest(method=c["method"], url=full, data=c["body"].encode())
    for name, value in c["headers"]:
        request.headers[name] = value
    if c["unsigned"]:
        request.context["client_config"] = Config(s3={"payload_signing_enabled": False})
    kind = botocore.auth.S3SigV4Auth if c["s3"] else botocore.auth.SigV4Auth
    signer = kind(Credentials(*KEY, c["token"]), c["service"], c["region"])
    seen = []
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, **k: NOW):
        original = signer.canonical_request
        signer.canonical_request = lambda r: seen.append(original(r)) or seen[-1]
        signer.add_auth(request)
    return seen[0], request.headers["Authorization"]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n") + '"'


def main():
    print("/* Written by sigv4_vectors.py: requests and what botocore makes of them. */")
    print("/* clang-format off */")
    print("static const struct vector vectors[] = {")
    for c in CASES:
        canonical, authorization = sign(c)
        print("    {")
        for field in ("name", "method", "url", "path", "query", "body", "region", "service"):
            if c[field]:
                print(f"        .{field} = {quoted(c[field])},")
        if c["headers"]:
            print("        .headers =")
            lines = [quoted(f"{n}:{v}\n") for n, v in c["headers"]]
            print("            " + "\n            ".join(lines) + ",")
        for field in ("s3", "unsigned"):
            if c[field]:
                print(f"        .{field}_payload = true," if field == "unsigned" else f"        .{field} = true,")
        if c["token"]:
            print(f"        .token = {quoted(c['token'])},")
        lines = canonical.split("\n")
        parts = [quoted(line + "\n") for line in lines[:-1]] + [quoted(lines[-1])]
        print("        .canonical =")
        print("            " + "\n            ".join(parts) + ",")
        scope, names, signature = authorization.split(", ")
        print("        .authorization =")
        print(f"            {quoted(scope + ', ')}\n            {quoted(names + ', ')}\n            {quoted(signature)},")
        print("    },")
    print("};")


main()
