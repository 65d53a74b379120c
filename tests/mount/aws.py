#!/usr/bin/env python3
"""What botocore makes of the services that the mount tests mount. aws.py SERVER COMMAND [ARGUMENT]...

SERVER is ministack or moto (scripts/aws-server). Commands:
  tree [GROUP-PREFIX]               the mount's names, "d PATH" or "f PATH", sorted
  save DIR PREFIX...                the streams of groups as files of messages, as a mount shows them
  hour GROUP MS                     the messages of the hour in which MS lies, sorted
  make GROUP STREAM...              makes the group, if it is not there, and the streams
  remove GROUP                      ...and removes it
  put GROUP STREAM TEXT...          events of this moment
  until COMMAND GROUP STREAM TEXT   runs COMMAND in a shell, and puts such events until it has ended: its output
  shards DIR                        the records of every shard, each a file of raw data
  records STREAM                    the records of a stream's shards as JSON lines, as a mount shows them
  make-stream STREAM                makes it, with one shard
  remove-stream STREAM              ...and removes it
  put-records STREAM DATA...        records of one partition key
"""
import base64
import functools
import json
import os
import pathlib
import subprocess
import sys
import time

import botocore.session

HOUR_MS = 3600000


@functools.cache
def client(service):
    return botocore.session.Session().create_client(
        service, endpoint_url=os.environ[f"PAIL_{SERVER.upper()}_URL"], region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test")


def groups(prefix=""):
    more = {"logGroupNamePrefix": prefix} if prefix else {}
    for page in client("logs").get_paginator("describe_log_groups").paginate(**more):
        for group in page["logGroups"]:
            yield group["logGroupName"]


def streams(group):
    for page in client("logs").get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            yield stream["logStreamName"]


def events(group, stream):
    token, given, logs = None, [], client("logs")
    while True:
        more = {"nextToken": token} if token else {}
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **more)
        # At its end a server gives nothing, or the last page once more.
        if page["events"] == given and page["nextForwardToken"] == token:
            return
        yield from page["events"]
        token, given = page["nextForwardToken"], page["events"]


def line(message):
    for end in ("\r\n", "\n"):
        if message.endswith(end):
            message = message[: -len(end)]
            break
    return message.replace("\n", "\n\t") + "\n"


def place(group):
    return group.removeprefix("/")


def tree(prefix=""):
    names = set()

    def add(kind, path):
        names.add((kind, path))
        for parent in pathlib.PurePosixPath(path).parents:
            if str(parent) != ".":
                names.add(("d", str(parent)))

    for group in groups(prefix):
        add("d", f"{place(group)}/@streams")
        for stream in streams(group):
            add("f", f"{place(group)}/@streams/{stream}")
    for kind, path in sorted(names):
        print(kind, path)


def save(directory, *prefixes):
    for prefix in prefixes:
        for group in groups(prefix):
            for stream in streams(group):
                path = pathlib.Path(directory, place(group), "@streams", stream)
                path.parent.mkdir(parents=True, exist_ok=True)
                text = "".join(line(event["message"]) for event in events(group, stream))
                path.write_bytes(text.encode())


def hour(group, ms):
    begin = int(ms) // HOUR_MS * HOUR_MS
    lines = [line(event["message"]) for stream in streams(group) for event in events(group, stream)
             if begin <= event["timestamp"] < begin + HOUR_MS]
    print("".join(sorted(lines)), end="")


def make(group, *names):
    logs = client("logs")
    if group not in groups(group):
        logs.create_log_group(logGroupName=group)
    for name in names:
        logs.create_log_stream(logGroupName=group, logStreamName=name)


def remove(group):
    client("logs").delete_log_group(logGroupName=group)


def put(group, stream, *texts):
    now = int(time.time() * 1000)
    client("logs").put_log_events(logGroupName=group, logStreamName=stream,
                                  logEvents=[{"timestamp": now, "message": text} for text in texts])


def until(command, group, stream, text):
    running = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE)
    while True:
        try:
            out, _ = running.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            put(group, stream, text)
    sys.stdout.buffer.write(out)
    sys.exit(running.returncode)


def shard_records(stream):
    kinesis = client("kinesis")
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=stream):
        for shard in page["Shards"]:
            iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"],
                                                  ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            records = []
            while iterator:
                answer = kinesis.get_records(ShardIterator=iterator)
                records += answer["Records"]
                iterator = answer.get("NextShardIterator")
                if answer["MillisBehindLatest"] == 0 and not answer["Records"]:
                    break
            yield shard["ShardId"], records


def shards(directory):
    for page in client("kinesis").get_paginator("list_streams").paginate():
        for stream in page["StreamNames"]:
            for shard, records in shard_records(stream):
                path = pathlib.Path(directory, stream, shard)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"".join(record["Data"] for record in records))


def records(stream):
    for shard, found in shard_records(stream):
        for record in found:
            shown = {"SequenceNumber": record["SequenceNumber"], "PartitionKey": record["PartitionKey"]}
            try:
                shown["Data"] = record["Data"].decode()
            except UnicodeDecodeError:
                shown["DataBase64"] = base64.b64encode(record["Data"]).decode()
            print(json.dumps({"shard": shard, **shown}, sort_keys=True))


def make_stream(stream):
    client("kinesis").create_stream(StreamName=stream, ShardCount=1)
    client("kinesis").get_waiter("stream_exists").wait(
        StreamName=stream, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def remove_stream(stream):
    client("kinesis").delete_stream(StreamName=stream)


def put_records(stream, *data):
    client("kinesis").put_records(
        StreamName=stream, Records=[{"PartitionKey": "key", "Data": text.encode()} for text in data])


SERVER, COMMAND = sys.argv[1:3]
COMMANDS = (tree, save, hour, make, remove, put, until, shards, records, make_stream, remove_stream, put_records)
{command.__name__.replace("_", "-"): command for command in COMMANDS}[COMMAND](*sys.argv[3:])
