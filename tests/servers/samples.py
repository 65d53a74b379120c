#!/usr/bin/env python3
"""The sample data of scripts/aws-server. samples.py TIME_MS MINISTACK_URL MOTO_URL

Both servers, CloudWatch Logs; TIME_MS is when events begin:
  /pail/app        web/1, web/2, worker: 300 events each, one a second, interleaved; every tenth says ERROR
  /pail/many       all: 12,345 events, one every 100 ms
  /pail/odd        same-time: 1,000 events of three timestamps; text: messages with newlines, tabs, CR, quotes, NUL,
                   escapes, non-ASCII, and of 100,000 bytes; empty: no events
  /pail/streams    s-00 to s-74, one event each: more than a page of streams
  pail-plain       here: one event; and pail-plain/nested, a group below the name of a group
  many/group-000 to many/group-119: more than two pages of groups, without streams
ministack alone, Kinesis:
  pail-events      two shards, 400 records that are lines of JSON, by 40 partition keys
  pail-binary      one shard: every byte, NULs, newlines, nothing but a newline, UTF-8 in the partition key, 100,000 bytes
  pail-empty       one shard without records
Lambda (Python, really run), log groups /aws/lambda/NAME as they are invoked:
  echo             answers its payload
  fail             raises ValueError("no such thing")
  log              prints 20 lines, the last with the payload; answers {"lines": 20}
  big              answers a string of payload["size"] characters
moto alone, S3 Select, bucket pail-samples:
  people.csv (also .gz), people.json (a line each): name, city, age; rows.csv: 20,000 rows of number, square, text
"""
import csv
import gzip
import io
import json
import sys
import zipfile

import botocore.config
import botocore.session

REGION = "us-east-1"

TEXTS = [
    "one line",
    "two\nlines",
    "three\nlines\n",
    "\tindented\ttabs",
    "carriage\r\nreturn",
    'quotes " and \\ backslash',
    "grüße, 世界, \U0001f30d",
    "nul \0 inside",
    "escape \x1b[31mred\x1b[0m",
    " ",
    "\n",
    "x" * 100_000,
    "last",
]

PEOPLE = [
    ("ann", "Oslo", 30),
    ("bob", "Łódź", 41),
    ("cy", "New York", 7),
    ("dee", "Tokyo (東京)", 55),
    ("eve", "-", 26),
]

FUNCTIONS = {
    "echo": "def handler(event, context):\n    return event\n",
    "fail": 'def handler(event, context):\n    print("about to fail")\n    raise ValueError("no such thing")\n',
    "log": (
        "def handler(event, context):\n"
        "    for i in range(19):\n"
        '        print(f"line {i}")\n'
        '    print(f"payload {event}")\n'
        '    return {"lines": 20}\n'
    ),
    "big": 'def handler(event, context):\n    return "x" * event["size"]\n',
}


def client(service, url):
    return botocore.session.Session().create_client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


class Logs:
    def __init__(self, url):
        self.logs = client("logs", url)

    def group(self, name, streams=()):
        self.logs.create_log_group(logGroupName=name)
        for stream in streams:
            self.logs.create_log_stream(logGroupName=name, logStreamName=stream)

    def put(self, group, stream, events, batch=5000):
        for start in range(0, len(events), batch):
            out = self.logs.put_log_events(
                logGroupName=group,
                logStreamName=stream,
                logEvents=[{"timestamp": time, "message": text} for time, text in events[start : start + batch]],
            )
            if out.get("rejectedLogEventsInfo"):
                sys.exit(f"samples.py: events of {group} {stream} were rejected")


def fill_logs(url, begin):
    logs = Logs(url)
    logs.group("/pail/app", ["web/1", "web/2", "worker"])
    for index, stream in enumerate(["web/1", "web/2", "worker"]):
        events = []
        for i in range(300):
            level = "ERROR" if i % 10 == 3 else "INFO"
            events.append((begin + i * 1000 + index * 100, f"{level} {stream} request {i} took {i * 7919 % 1000} ms"))
        logs.put("/pail/app", stream, events)

    logs.group("/pail/many", ["all"])
    logs.put("/pail/many", "all", [(begin + i * 100, f"event {i:05}") for i in range(12345)])

    logs.group("/pail/odd", ["same-time", "text", "empty"])
    logs.put("/pail/odd", "same-time", [(begin + i // 400, f"event {i:04}") for i in range(1000)])
    logs.put("/pail/odd", "text", [(begin + i * 1000, text) for i, text in enumerate(TEXTS)])

    logs.group("/pail/streams", [f"s-{i:02}" for i in range(75)])
    for i in range(75):
        logs.put("/pail/streams", f"s-{i:02}", [(begin + i, f"event of stream {i}")])

    logs.group("pail-plain", ["here"])
    logs.put("pail-plain", "here", [(begin, "an event of a group without slashes")])
    logs.group("pail-plain/nested", ["there"])
    logs.put("pail-plain/nested", "there", [(begin, "an event of a nested group")])

    for i in range(120):
        logs.group(f"many/group-{i:03}")


def fill_kinesis(url):
    kinesis = client("kinesis", url)

    def stream(name, shards, records):
        kinesis.create_stream(StreamName=name, ShardCount=shards)
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        for start in range(0, len(records), 100):
            out = kinesis.put_records(
                StreamName=name,
                Records=[{"PartitionKey": key, "Data": data} for key, data in records[start : start + 100]],
            )
            if out["FailedRecordCount"]:
                sys.exit(f"samples.py: records of {name} were rejected")

    stream("pail-events", 2, [(f"key-{i % 40}", json.dumps({"event": i}).encode() + b"\n") for i in range(400)])
    stream(
        "pail-binary",
        1,
        [
            ("bytes", bytes(range(256))),
            ("nul", b"\0\0\0"),
            ("newline", b"\n"),
            ("schlüssel", "größe".encode()),
            ("unterminated", b"no newline"),
            ("lines", b"two\nlines\n"),
            ("large", bytes(i * 7 % 256 for i in range(100_000))),
        ],
    )
    stream("pail-empty", 1, [])


def fill_lambda(url):
    functions = client("lambda", url)
    for name, source in FUNCTIONS.items():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("code.py", source)
        functions.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role="arn:aws:iam::000000000000:role/pail",
            Handler="code.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=20,
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def fill_s3(url):
    s3 = client("s3", url)
    s3.create_bucket(Bucket="pail-samples")

    def put(key, text):
        s3.put_object(Bucket="pail-samples", Key=key, Body=text if isinstance(text, bytes) else text.encode())

    def table(head, rows):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
        return text.getvalue()

    head = ("name", "city", "age")
    people = table(head, PEOPLE)
    put("people.csv", people)
    put("people.csv.gz", gzip.compress(people.encode(), mtime=0))
    put("people.json", "".join(json.dumps(dict(zip(head, row)), ensure_ascii=False) + "\n" for row in PEOPLE))
    put("rows.csv", table(("number", "square", "text"), [(i, i * i, f"row {i} ü") for i in range(20000)]))


def main():
    begin, ministack, moto = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    fill_logs(ministack, begin)
    fill_logs(moto, begin)
    fill_kinesis(ministack)
    fill_lambda(ministack)
    fill_s3(moto)


main()
