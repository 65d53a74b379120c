"""Every kind of member in every protocol: as output, as input, and the errors of the protocols that S3 does not speak."""
import json

from make import answered, case, response

# Bodies of the JSON protocols.
JSON = {
    "empty-object": "{}", "unknown": '{"Tomorrow": {"a": [1]}, "Text": "t"}', "null": "null", "array": "[]", "string": '"x"',
    "number": "1", "empty": "", "spaces": " \n", "truncated": '{"Text": "a', "not-json": "hello", "html": "<html></html>",
    "trailing": '{"Text": "a"} x', "twice": '{"Text": "a", "Text": "b"}', "bom": "\ufeff{}", "spaced": ' {\n "Text" : "a" }\n ',
    "bad-utf8": b'{"Text": "\xff"}', "utf16": '{"Text": "a"}'.encode("utf-16"), "other-case": '{"text": "a"}',
    "deep": '{"x":' + "[" * 200 + "]" * 200 + "}", "comment": '{/* c */"Text": "a"}', "single-quotes": "{'Text': 'a'}",
}
JSON_MEMBERS = {
    "Text": ['"a"', '""', "null", '"\\u00fc\\u65e5"', '"\\ud83d\\ude00"', '"a\\u0000b"', '"\\ud83d"', "1", "true", "{}", '"a\\nb\\t\\"\\\\"'],
    "Blob": ['"aGk="', '""', "null", '"!!!"', '"aGk"', '"aG k="', '"aGk=\\n"', "1"],
    "Small": ["1", "0", "-1", "1.0", "1.5", '"7"', "null", "true", "2147483647", "2147483648", "1e3", '""'],
    "Big": ["1", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.0", "1e2"],
    "Real": ["1", "1.5", "-0.25", "1e300", "1e400", '"NaN"', '"Infinity"', '"-Infinity"', '"1.5"', "null", "NaN", "0.1"],
    "Flag": ["true", "false", "null", '"true"', "1", "0"],
    "Time": ["1795355669.615", "0", "1", "-1", "1795355669", '"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05.678Z"',
             '"Fri, 02 Jan 2026 03:04:05 GMT"', '"1795355669"', '"x"', '""', "null", "1e9", "253402300799", "0.000001"],
    "Part": ["{}", "null", '{"Name": "n", "Size": 1}', '{"Inner": {"Inner": {"Name": "deep"}}}', '{"x:kind": "k"}', "[]", '"x"'],
    "Texts": ["[]", '["a", "b"]', '["a", null, "b"]', "null", '"x"', "{}", '[""]', "[1]"],
    "FlatTexts": ['["a"]'], "FlatText": ['["a"]'],
    "Parts": ["[]", '[{"Name": "a"}, {}]', "[null]", '[{"Size": 1}, null]'],
    "Map": ["{}", '{"a": "b"}', '{"a": null}', '{"": ""}', "null", "[]", '{"a": "1", "a": "2"}', '{"b": "1", "a": "2"}'],
    "Numbers": ['{"a": 1, "b": 2}', '{"a": null}', '{"a": "x"}'],
    "Choice": ['{"One": "1"}', '{"Other": "2"}', "{}", '{"One": "1", "Other": "2"}', '{"One": "1", "Other": null}',
               '{"Unknown": 1}', '{"__type": "x", "One": "1"}', "null"],
    "Lenient": ["1", '"x"'],
}

# What stands in a Thing or a DoThingResult.
XML_MEMBERS = {
    "Text": ["<Text>a</Text>", "<Text/>", "<Text></Text>", "<Text> a </Text>", "<Text>a&amp;b&#10;</Text>", "<Text>ü日</Text>"],
    "Blob": ["<Blob>aGk=</Blob>", "<Blob/>", "<Blob>!!!</Blob>", "<Blob>aGk</Blob>", "<Blob>aG k=</Blob>"],
    "Small": ["<Small>1</Small>", "<Small>-1</Small>", "<Small/>", "<Small>1.0</Small>", "<Small>2147483648</Small>",
              "<Small>x</Small>", "<Small>1_000</Small>", "<Small>٣</Small>", "<Small>0x10</Small>"],
    "Big": ["<Big>9007199254740993</Big>", "<Big>9223372036854775807</Big>", "<Big>9223372036854775808</Big>"],
    "Real": ["<Real>1</Real>", "<Real>1.5</Real>", "<Real>-1e-3</Real>", "<Real>NaN</Real>", "<Real>Infinity</Real>",
             "<Real>-Infinity</Real>", "<Real>x</Real>", "<Real/>", "<Real>inf</Real>", "<Real> 1.5 </Real>"],
    "Flag": ["<Flag>true</Flag>", "<Flag>false</Flag>", "<Flag/>", "<Flag>1</Flag>"],
    "Time": ["<Time>2026-01-02T03:04:05.678Z</Time>", "<Time>1767323045</Time>", "<Time>Fri, 02 Jan 2026 03:04:05 GMT</Time>",
             "<Time>x</Time>"],
    "Part": ["<Part/>", "<Part><Name>n</Name><Size>1</Size></Part>", "<Part><Inner><Inner><Name>deep</Name></Inner></Inner></Part>",
             '<Part xmlns:x="urn:x" x:kind="k"><Name>n</Name></Part>', '<Part kind="k"/>'],
    "Texts": ["<Texts/>", "<Texts><member>a</member><member>b</member></Texts>", "<Texts><member/></Texts>",
              "<Texts><other>a</other></Texts>", "<Texts><member>a</member></Texts><Texts><member>b</member></Texts>"],
    "FlatTexts": ["<FlatText>a</FlatText>", "<FlatText>a</FlatText><FlatText>b</FlatText>", "<FlatText/>",
                  "<FlatText>a</FlatText><Text>t</Text><FlatText>b</FlatText>"],
    "Parts": ["<Parts><Item><Name>a</Name></Item><Item/></Parts>", "<Parts/>"],
    "FlatParts": ["<FlatPart><Name>a</Name></FlatPart>", "<FlatPart/><FlatPart><Size>1</Size></FlatPart>"],
    "Map": ["<Map/>", "<Map><entry><key>a</key><value>b</value></entry></Map>",
            "<Map><entry><key>a</key><value>b</value></entry><entry><key>c</key><value/></entry></Map>",
            "<Map><entry><value>b</value><key>a</key></entry></Map>",
            "<Map><entry><key>a</key><value>1</value></entry><entry><key>a</key><value>2</value></entry></Map>",
            "<Map><entry><value>b</value></entry></Map>", "<Map><entry><key>a</key></entry></Map>"],
    "FlatMap": ["<FlatMap><key>a</key><value>b</value></FlatMap>",
                "<FlatMap><key>a</key><value>b</value></FlatMap><FlatMap><key>c</key><value>d</value></FlatMap>"],
    "Numbers": ["<Numbers><entry><K>a</K><V>1</V></entry></Numbers>", "<Numbers><entry><K>a</K><V>x</V></entry></Numbers>"],
    "Choice": ["<Choice><One>1</One></Choice>", "<Choice/>", "<Choice><One>1</One><Other>2</Other></Choice>",
               "<Choice><Unknown>1</Unknown></Choice>"],
}
XML_WHOLE = {
    "empty": "", "spaces": " ", "truncated": "{open}<Text>a", "not-xml": "hello", "html": "<html></html>", "other-root": "<Other/>",
    "nothing": "{open}{close}", "unknown": "{open}<Tomorrow><a/></Tomorrow><Text>t</Text>{close}",
}

INPUTS = {
    "nothing": {}, "text": {"Text": "a b&c=d+e/ü\n"}, "text-empty": {"Text": ""}, "blob": {"Blob": "hi\u0001"}, "blob-empty": {"Blob": ""},
    "small": {"Small": -1}, "big": {"Big": 2**53 + 1}, "real": {"Real": 1.5}, "real-whole": {"Real": 2.0}, "real-small": {"Real": 1e-7},
    "flag-true": {"Flag": True}, "flag-false": {"Flag": False}, "time": {"Time": "2026-01-02T03:04:05Z"},
    "time-ms": {"Time": "2026-01-02T03:04:05.678Z"}, "time-old": {"Time": "1969-12-31T23:59:59Z"},
    "part": {"Part": {"Name": "n", "Size": 1, "Inner": {"Name": "i"}}}, "part-attribute": {"Part": {"Kind": "k", "Name": "n"}},
    "part-empty": {"Part": {}}, "texts": {"Texts": ["a", "b"]}, "texts-empty": {"Texts": []}, "texts-empty-string": {"Texts": [""]},
    "flat-texts": {"FlatTexts": ["a", "b"]}, "parts": {"Parts": [{"Name": "a"}, {"Size": 2}]}, "parts-empty": {"Parts": [{}]},
    "flat-parts": {"FlatParts": [{"Name": "a"}, {"Size": 2}]}, "map": {"Map": {"a": "b", "c": "d"}}, "map-empty": {"Map": {}},
    "flat-map": {"FlatMap": {"a": "b"}}, "numbers": {"Numbers": {"a": 1}}, "choice": {"Choice": {"Other": "o"}},
    "several": {"Text": "t", "Small": 1, "Part": {"Name": "n"}, "Texts": ["x"], "Map": {"k": "v"}},
    "markup": {"Text": "<a href=\"x\">&'</a>"}, "unicode": {"Text": "😀\u2028"}, "control": {"Text": "\t\r\n"}, "slashes": {"Text": "a/b\\c"},
}

AMZN = {"x-amzn-RequestId": "AMZN1"}
JSON_ERRORS = {
    "type": ('{"__type": "SomeError", "message": "m"}', {}),
    "type-namespace": ('{"__type": "com.amazon.coral#SomeError", "message": "m"}', {}),
    "type-url": ('{"__type": "SomeError:http://internal.amazon.com/coral/x/", "message": "m"}', {}),
    "type-both": ('{"__type": "aws.x#SomeError:http://y#z", "message": "m"}', {}),
    "message-upper": ('{"__type": "SomeError", "Message": "M"}', {}),
    "message-both": ('{"__type": "SomeError", "message": "m", "Message": "M"}', {}),
    "no-message": ('{"__type": "SomeError"}', {}),
    "message-null": ('{"__type": "SomeError", "message": null}', {}),
    "code": ('{"code": "CodeError", "message": "m"}', {}),
    "code-upper": ('{"Code": "CodeError", "message": "m"}', {}),
    "code-and-type": ('{"code": "CodeError", "__type": "TypeError", "message": "m"}', {}),
    "header": ('{"message": "m"}', {"x-amzn-ErrorType": "HeaderError"}),
    "header-url": ('{"message": "m"}', {"x-amzn-ErrorType": "HeaderError:http://x/"}),
    "header-namespace": ('{"message": "m"}', {"x-amzn-ErrorType": "aws.x#HeaderError"}),
    "header-and-type": ('{"__type": "TypeError", "message": "m"}', {"x-amzn-ErrorType": "HeaderError"}),
    "query-error": ('{"__type": "TypeError", "message": "m"}', {"x-amzn-query-error": "AWS.Old.Code;Sender"}),
    "query-error-bad": ('{"__type": "TypeError", "message": "m"}', {"x-amzn-query-error": "AWS.Old.Code"}),
    "query-error-more": ('{"__type": "TypeError", "message": "m"}', {"x-amzn-query-error": "A;B;C"}),
    "empty": ("", {}), "spaces": (" ", {}), "empty-object": ("{}", {}), "array": ("[]", {}), "null": ("null", {}), "text": ("sorry", {}),
    "html": ("<html>no</html>", {}), "xml": ("<Error><Code>X</Code></Error>", {}), "truncated": ('{"__type": "So', {}),
    "number": ('{"__type": 1}', {}), "type-empty": ('{"__type": "", "message": "m"}', {}),
}
XML_ERRORS = {
    "response": "<ErrorResponse><Error><Type>Sender</Type><Code>SomeError</Code><Message>m</Message></Error>"
                "<RequestId>BODY</RequestId></ErrorResponse>",
    "response-namespaced": '<ErrorResponse xmlns="http://things/"><Error><Code>SomeError</Code><Message>m</Message></Error>'
                           "<RequestId>BODY</RequestId></ErrorResponse>",
    "error": "<Error><Code>SomeError</Code><Message>m</Message><RequestId>BODY</RequestId></Error>",
    "ec2": "<Response><Errors><Error><Code>SomeError</Code><Message>m</Message></Error></Errors><RequestID>BODY</RequestID></Response>",
    "no-code": "<ErrorResponse><Error><Message>m</Message></Error></ErrorResponse>",
    "empty": "", "text": "sorry", "html": "<html>no</html>", "truncated": "<ErrorResponse><Err",
    "metadata": "<ErrorResponse><Error><Code>SomeError</Code></Error><ResponseMetadata><RequestId>META</RequestId></ResponseMetadata>"
                "</ErrorResponse>",
}


def thing(name, protocol, answer, params=None, **more):
    return case(f"things.{protocol}.{name}", f"things-{protocol}", "DoThing", params or {}, answer, **more)


def json_outputs():
    for protocol in ("json", "rest-json"):
        for name, body in JSON.items():
            yield thing(f"whole.{name}", protocol, response(200, body, AMZN))
        for member, values in JSON_MEMBERS.items():
            for number, value in enumerate(values):
                yield thing(f"member.{member}-{number}", protocol, response(200, f'{{"{member}": {value}}}', AMZN))
        for status in (201, 202, 204):
            yield thing(f"status.{status}", protocol, response(status, '{"Text": "a"}' if status != 204 else b"", AMZN))


def xml_outputs():
    for protocol, head, tail in (
            ("rest-xml", "<Thing>", "</Thing>"),
            ("query", "<DoThingResponse><DoThingResult>",
             "</DoThingResult><ResponseMetadata><RequestId>META1</RequestId></ResponseMetadata></DoThingResponse>")):
        for name, body in XML_WHOLE.items():
            yield thing(f"whole.{name}", protocol, answered(body=body.format(open=head, close=tail)))
        for member, values in XML_MEMBERS.items():
            for number, value in enumerate(values):
                yield thing(f"member.{member}-{number}", protocol, answered(body=head + value + tail))
    result = "<DoThingResult><Text>t</Text></DoThingResult>"
    for name, body in {
        "no-metadata": f"<DoThingResponse>{result}</DoThingResponse>",
        "no-result": "<DoThingResponse><ResponseMetadata><RequestId>META1</RequestId></ResponseMetadata></DoThingResponse>",
        "namespaced": f'<DoThingResponse xmlns="http://things/">{result}</DoThingResponse>',
        "other-root": f"<Surprise>{result}</Surprise>",
        "metadata-first": f"<DoThingResponse><ResponseMetadata><RequestId>META1</RequestId></ResponseMetadata>{result}</DoThingResponse>",
        "metadata-more": f"<DoThingResponse>{result}<ResponseMetadata><RequestId>META1</RequestId><Other>o</Other>"
                         "</ResponseMetadata></DoThingResponse>",
        "other-result": "<DoThingResponse><OtherResult><Text>t</Text></OtherResult></DoThingResponse>",
    }.items():
        yield thing(f"wrapper.{name}", "query", answered(body=body))


def inputs():
    answers = {"json": "{}", "rest-json": "{}", "rest-xml": "<Thing/>",
               "query": "<DoThingResponse><DoThingResult/></DoThingResponse>"}
    for protocol, body in answers.items():
        for name, params in INPUTS.items():
            yield thing(f"input.{name}", protocol, answered(body=body), params)


def errors():
    for status in (400, 403, 500):
        for protocol in ("json", "rest-json"):
            for name, (body, headers) in JSON_ERRORS.items():
                yield thing(f"error.{name}.{status}", protocol, response(status, body, {**AMZN, **headers}))
        for protocol in ("rest-xml", "query"):
            for name, body in XML_ERRORS.items():
                yield thing(f"error.{name}.{status}", protocol, answered(status, body))
    throttled = {"json": json.dumps({"__type": "ThrottlingException"}), "query": XML_ERRORS["response"].replace("SomeError", "Throttling")}
    for protocol, body in throttled.items():
        yield thing("retry.throttled", protocol, response(400, body, AMZN))
        yield thing("retry.legacy-throttled", protocol, response(400, body, AMZN), retry_mode="legacy")
    yield thing("retry.ids-none", "json", response(400, JSON_ERRORS["type"][0]))
    yield thing("retry.ids-s3", "json", answered(400, JSON_ERRORS["type"][0]))
    yield thing("retry.ids-s3-good", "json", answered(200, "{}"))


def cases():
    return [*json_outputs(), *xml_outputs(), *inputs(), *errors()]
