"""CloudWatch Logs on both servers."""
import time

from servers import SAMPLES_MS, Follower, TestCase, client, rfc3339, unique

STREAMS = {
    "/pail/app": ("web/1", "web/2", "worker"),
    "/pail/many": ("all",),
    "/pail/odd": ("same-time", "text", "empty"),
    "pail-plain": ("here",),
    "pail-plain/nested": ("there",),
}


def as_message(event):
    text = event["message"]
    if text.endswith("\r\n"):
        text = text[:-2]
    elif text.endswith("\n"):
        text = text[:-1]
    return text.replace("\n", "\n\t") + "\n"


def as_timestamp(event, stream=""):
    return f"{rfc3339(event['timestamp'])} {stream}{as_message(event)}"


def as_json(event):
    known = {"timestamp": rfc3339(event["timestamp"]), "ingestionTime": rfc3339(event["ingestionTime"]), "message": event["message"]}
    known.update({name: event[name] for name in ("logStreamName", "eventId") if name in event})
    return known


def get_all(logs, group, stream, **more):
    """All events of a stream, as botocore gives them page by page: until the token is the one that was sent (with which ministack
    gives events, if it is that of a last page)."""
    found, token = [], None
    while True:
        sent = {"nextToken": token} if token else {}
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **sent, **more)
        found += page["events"]
        if page["nextForwardToken"] == token:
            return found
        token = page["nextForwardToken"]


def filter_all(logs, group, **more):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **more)
    return [event for page in pages for event in page["events"]]


class Logs:
    """On `server`, which the classes below name."""

    def setUp(self):
        self.logs = client(self.server, "logs")

    def new_stream(self):
        group = unique("/pail/test")
        self.logs.create_log_group(logGroupName=group)
        self.logs.create_log_stream(logGroupName=group, logStreamName="s")
        self.addCleanup(self.logs.delete_log_group, logGroupName=group)
        return group

    def put(self, group, *texts, stream="s", ms=None):
        now = ms or int(time.time() * 1000)
        events = [{"timestamp": now, "message": text} for text in texts]
        self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def test_groups(self):
        for prefix in ([], ["many/"], ["/pail/"], ["none"]):
            given = {"logGroupNamePrefix": prefix[0]} if prefix else {}
            pages = self.logs.get_paginator("describe_log_groups").paginate(**given)
            groups = [group for page in pages for group in page["logGroups"]]
            self.assertEqual(self.pail(self.server, "logs", "groups", *prefix).splitlines(), [group["logGroupName"] for group in groups])
            self.assertEqual(self.json_lines(self.server, "logs", "groups", "--json", *prefix), groups)
        self.assertGreater(len(groups) + self.pail(self.server, "logs", "groups").count("\n"), 100)

    def test_streams(self):
        for group in [*STREAMS, "/pail/streams", "many/group-007"]:
            pages = self.logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
            streams = [stream for page in pages for stream in page["logStreams"]]
            self.assertEqual(self.pail(self.server, "logs", "streams", group).splitlines(), [stream["logStreamName"] for stream in streams])
            self.assertEqual(self.json_lines(self.server, "logs", "streams", "--json", group), streams)
        self.assertEqual(self.pail(self.server, "logs", "streams", "/pail/app", "web/"), "web/1\nweb/2\n")
        recent = self.pail(self.server, "logs", "streams", "--recent", "/pail/streams").splitlines()
        self.assertEqual(sorted(recent), [f"s-{i:02}" for i in range(75)])

    def test_get(self):
        for group, streams in STREAMS.items():
            for stream in streams:
                events = get_all(self.logs, group, stream)
                self.assertEqual(self.pail(self.server, "logs", "get", group, stream), "".join(map(as_message, events)))
                self.assertEqual(self.pail(self.server, "logs", "get", group, stream, "--format", "timestamp"),
                                 "".join(map(as_timestamp, events)))
                self.assertEqual(self.json_lines(self.server, "logs", "get", group, stream, "--format", "json"),
                                 list(map(as_json, events)))
        self.assertEqual(len(get_all(self.logs, "/pail/many", "all")), 12345)

    def test_get_between(self):
        since, until = SAMPLES_MS + 100_000, SAMPLES_MS + 900_050
        events = get_all(self.logs, "/pail/many", "all", startTime=since, endTime=until)
        shown = self.pail(self.server, "logs", "get", "/pail/many", "all", "--since", rfc3339(since), "--until", rfc3339(until))
        self.assertEqual(shown, "".join(map(as_message, events)))
        self.assertEqual(len(events), 8001)
        self.assertEqual(self.pail(self.server, "logs", "get", "/pail/many", "all", "--since", "1s"), "")

    def test_missing(self):
        for words in (("get", "/pail/none", "s"), ("get", "/pail/app", "none"), ("streams", "/pail/none"), ("filter", "/pail/none")):
            self.assertIn("ResourceNotFoundException: ", self.pail_fails(self.server, 3, "logs", *words))

    def test_follow(self):
        """Nothing is shown twice, lost or reordered while a stream grows."""
        group = self.new_stream()
        self.put(group, "first", "second")
        follower = Follower(self.server, "logs", "get", "-f", group, "s")
        self.assertEqual(follower.take(2), ["first\n", "second\n"])
        same = int(time.time() * 1000)
        for i in range(4):
            self.put(group, f"{i}a", f"{i}b", ms=same)
            self.assertEqual(follower.take(2), [f"{i}a\n", f"{i}b\n"])
        rest, status, said = follower.stop()
        self.assertEqual((rest, status, said), ([], -2, ""))

    def test_filter(self):
        for given, words in (
            ({}, []),
            ({"filterPattern": "ERROR"}, ["ERROR"]),
            ({"logStreamNames": ["web/1", "worker"]}, ["--stream", "web/1", "--stream", "worker"]),
            ({"startTime": SAMPLES_MS + 5000, "endTime": SAMPLES_MS + 9999},
             ["--since", rfc3339(SAMPLES_MS + 5000), "--until", rfc3339(SAMPLES_MS + 10000)]),
        ):
            events = filter_all(self.logs, "/pail/app", **given)
            self.assertEqual(self.pail(self.server, "logs", "filter", "/pail/app", *words), "".join(map(as_message, events)))
            self.assertEqual(self.pail(self.server, "logs", "filter", "/pail/app", *words, "--format", "timestamp"),
                             "".join(as_timestamp(event, event["logStreamName"] + " ") for event in events))
            self.assertEqual(self.json_lines(self.server, "logs", "filter", "/pail/app", *words, "--format", "json"),
                             list(map(as_json, events)))
            self.assertGreater(len(events), 10)
        events = filter_all(self.logs, "/pail/many")
        self.assertEqual(self.pail(self.server, "logs", "filter", "/pail/many"), "".join(map(as_message, events)))

    def test_follow_a_filter(self):
        group = self.new_stream()
        self.logs.create_log_stream(logGroupName=group, logStreamName="t")
        self.put(group, "ERROR 1", "INFO 1")
        follower = Follower(self.server, "logs", "filter", "-f", group, "ERROR")
        self.assertEqual(follower.take(1), ["ERROR 1\n"])
        self.put(group, "ERROR 2", "INFO 2", stream="t")
        self.assertEqual(follower.take(1), ["ERROR 2\n"])
        # Late, and before what was shown.
        self.put(group, "ERROR late", ms=int(time.time() * 1000) - 5000)
        self.assertEqual(follower.take(1), ["ERROR late\n"])
        rest, status, said = follower.stop()
        self.assertEqual((rest, status, said), ([], -2, ""))

    def test_example(self):
        events = get_all(self.logs, "/pail/app", "worker")
        expected = "".join(f"[{rfc3339(event['timestamp'])[:19].replace('T', ' ')}] {event['message']}\n" for event in events)
        self.assertEqual(self.example(self.server, "log_events", "/pail/app", "worker"), expected)


class OnMinistack(Logs, TestCase):
    server = "ministack"

    def test_get_by_arn(self):
        groups = self.logs.describe_log_groups(logGroupNamePrefix="pail-plain")["logGroups"]
        arn = groups[0]["logGroupArn"]
        self.assertEqual(self.pail(self.server, "logs", "get", arn, "here"), "an event of a group without slashes\n")

    def test_tail(self):
        group = self.new_stream()
        self.put(group, "before")
        follower = Follower(self.server, "logs", "tail", group, "--format", "message")
        # A session begins some time after it was asked for: what comes before is not shown.
        shown = []
        for i in range(60):
            self.put(group, f"event {i}")
            shown = follower.take(1, wait_s=1)
            if shown:
                break
        self.assertRegex(shown[0], "^event [0-9]+\n$")
        number = int(shown[0].split()[1])
        self.put(group, "the last")
        expected = [f"event {n}\n" for n in range(number + 1, i + 1)] + ["the last\n"]
        self.assertEqual(follower.take(len(expected)), expected)
        rest, status, said = follower.stop()
        self.assertEqual((rest, status, said), ([], -2, ""))

    def test_tail_of_nothing(self):
        self.assertEqual(self.pail_fails(self.server, 3, "logs", "tail", "/pail/none"), "pail: /pail/none: no such log group\n")


class OnMoto(Logs, TestCase):
    server = "moto"
