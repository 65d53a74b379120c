"""Kinesis, Lambda and STS on ministack, S3 Select on moto."""
import base64
import json
import pathlib
import shlex
import subprocess
import time
from datetime import datetime, timezone

from servers import Follower, TestCase, client, environment, unique

# CSV as moto writes it has an empty line at its end.
SELECTIONS = [
    ("people.csv", "select * from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, {"CSV": {"QuoteFields": "ASNEEDED"}}, []),
    ("people.csv", "select * from s3object s where s.name = 'bob'", {"CSV": {"FileHeaderInfo": "USE"}}, {"JSON": {"RecordDelimiter": "\n"}}, ["--output", "json"]),
    ("people.csv.gz", "select * from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, {"CSV": {"QuoteFields": "ASNEEDED"}}, []),
    ("people.json", "select name, age from s3object", {"JSON": {"Type": "LINES"}}, {"JSON": {"RecordDelimiter": "\n"}}, []),
    ("people.json", "select city from s3object s where s.name = 'dee'", {"JSON": {"Type": "LINES"}}, {"JSON": {"RecordDelimiter": "\n"}},
     ["--json"]),
    ("people.json", "select city from s3object", {"JSON": {"Type": "LINES"}}, {"CSV": {"QuoteFields": "ASNEEDED"}}, ["--output", "csv"]),
    ("rows.csv", "select * from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, {"CSV": {"QuoteFields": "ASNEEDED"}}, []),
]


def whole(time):
    """A time as pail prints it: as exact as it is."""
    text = time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return text + "Z"


class Kinesis(TestCase):
    def setUp(self):
        self.kinesis = client("ministack", "kinesis")

    def records(self, stream):
        """Of each shard, as botocore reads them; `Data` is bytes."""
        for shard in self.kinesis.list_shards(StreamName=stream)["Shards"]:
            iterator = self.kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
            page = self.kinesis.get_records(ShardIterator=iterator["ShardIterator"])
            self.assertEqual(page["MillisBehindLatest"], 0)
            yield shard["ShardId"], page["Records"]

    def as_json(self, shard, record):
        known = {name: record[name] for name in ("SequenceNumber", "PartitionKey", "EncryptionType") if name in record}
        known["ApproximateArrivalTimestamp"] = whole(record["ApproximateArrivalTimestamp"])
        try:
            known["Data"] = record["Data"].decode()
        except UnicodeDecodeError:
            known["DataBase64"] = base64.b64encode(record["Data"]).decode()
        return {"ShardId": shard, **known}

    def test_lists(self):
        names = self.kinesis.list_streams()["StreamNames"]
        self.assertEqual(self.pail("ministack", "kinesis", "streams").splitlines(), names)
        summaries = self.json_lines("ministack", "kinesis", "streams", "--json")
        self.assertEqual([each["StreamARN"] for each in summaries], [each["StreamARN"] for each in self.kinesis.list_streams()["StreamSummaries"]])
        for name in ("pail-events", "pail-empty"):
            shards = self.kinesis.list_shards(StreamName=name)["Shards"]
            self.assertEqual(self.pail("ministack", "kinesis", "shards", name).splitlines(), [shard["ShardId"] for shard in shards])
            self.assertEqual(self.json_lines("ministack", "kinesis", "shards", "--json", name), shards)

    def test_get(self):
        for stream in ("pail-events", "pail-binary", "pail-empty"):
            raw, line, known = {}, {}, {}
            for shard, records in self.records(stream):
                raw[shard] = b"".join(record["Data"] for record in records)
                line[shard] = b"".join(record["Data"] if record["Data"].endswith(b"\n") else record["Data"] + b"\n" for record in records)
                known[shard] = [self.as_json(shard, record) for record in records]
            for shard in raw:
                of_shard = ("kinesis", "get", stream, "--shard", shard, "--format")
                self.assertEqual(self.run_pail_bytes(*of_shard, "raw"), raw[shard])
                self.assertEqual(self.run_pail_bytes(*of_shard, "line"), line[shard])
                self.assertEqual(self.json_lines("ministack", *of_shard, "json"), known[shard])
            # All shards, each in order.
            shown = self.json_lines("ministack", "kinesis", "get", stream, "--format", "json")
            for shard in known:
                self.assertEqual([record for record in shown if record["ShardId"] == shard], known[shard])
            self.assertEqual(len(shown), sum(map(len, known.values())))

    def run_pail_bytes(self, *words):
        import servers
        return self.run_program("ministack", [servers.PAIL, *words])[0]

    def test_missing(self):
        for words in (("get", "none"), ("shards", "none"), ("get", "pail-events", "--shard", "none")):
            self.assertIn("ResourceNotFoundException: ", self.pail_fails("ministack", 3, "kinesis", *words))

    def new_stream(self, shards=2):
        name = unique("pail-test")
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        self.addCleanup(self.kinesis.delete_stream, StreamName=name)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        return name

    def test_follow(self):
        name = self.new_stream()
        self.kinesis.put_record(StreamName=name, PartitionKey="a", Data=b"before")
        follower = Follower("ministack", "kinesis", "get", "-f", name)
        self.assertEqual(follower.take(1), ["before\n"])
        for i in range(4):
            sent = [f"{key}{i}\n" for key in "abcdefgh"]
            self.kinesis.put_records(StreamName=name, Records=[{"PartitionKey": line[0], "Data": line.encode()} for line in sent])
            self.assertEqual(sorted(follower.take(len(sent))), sent)
        rest, status, said = follower.stop()
        self.assertEqual((rest, status, said), ([], -2, ""))

    def test_since_and_latest(self):
        name = self.new_stream(1)
        self.kinesis.put_record(StreamName=name, PartitionKey="a", Data=b"one")
        (_, records), = self.records(name)
        arrived = records[0]["ApproximateArrivalTimestamp"].timestamp()
        after = datetime.fromtimestamp(int(arrived) + 2, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertEqual(self.pail("ministack", "kinesis", "get", name, "--since", after), "")
        self.assertEqual(self.pail("ministack", "kinesis", "get", name, "--latest"), "")
        self.assertEqual(self.pail("ministack", "kinesis", "get", name, "--since", "1h"), "one\n")

    def test_example(self):
        for shard, records in self.records("pail-events"):
            iterator = self.kinesis.get_shard_iterator(StreamName="pail-events", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
            expected = "".join(f"Record data: {record['Data'].decode()}\n" for record in records)
            self.assertEqual(self.example("ministack", "stream_records", iterator["ShardIterator"]), expected)


class Lambda(TestCase):
    def setUp(self):
        self.functions = client("ministack", "lambda")

    def test_list(self):
        known = self.functions.list_functions()["Functions"]
        self.assertEqual(self.pail("ministack", "functions").splitlines(), [each["FunctionName"] for each in known])
        self.assertEqual(self.json_lines("ministack", "functions", "--json"), known)

    def test_invoke(self):
        for name, payload in (("echo", '{"a": [1, "ü", null]}'), ("echo", "{}"), ("big", '{"size": 300000}'), ("log", '{"x": 1}')):
            answer = self.functions.invoke(FunctionName=name, Payload=payload)["Payload"].read().decode()
            self.assertEqual(self.pail("ministack", "invoke", name, "--payload", payload), answer)
            self.assertEqual(self.pail("ministack", "invoke", name, "--payload", "-", stdin=payload.encode()), answer)
            self.assertEqual(self.pail("ministack", "invoke", name, "--payload", payload, "--stream"), answer)

    def test_failure(self):
        import servers
        expected = self.functions.invoke(FunctionName="fail")
        self.assertEqual(expected["FunctionError"], "Unhandled")
        payload = expected["Payload"].read()
        known = json.loads(payload)
        for more in ([], ["--stream"]):
            out, err = self.run_program("ministack", [servers.PAIL, "invoke", "fail", *more], status=6)
            self.assertEqual(out, payload)
            self.assertEqual(err.decode(), f"pail: fail: the function failed (Unhandled): {known['errorType']}: {known['errorMessage']}\n")
        self.assertIn("ResourceNotFoundException: ", self.pail_fails("ministack", 3, "invoke", "none"))

    def test_log(self):
        import servers
        expected = base64.b64decode(self.functions.invoke(FunctionName="log", Payload='{"x": 1}', LogType="Tail")["LogResult"]).decode()
        out, err = self.run_program("ministack", [servers.PAIL, "invoke", "log", "--tail", "--payload", '{"x": 1}'])
        self.assertEqual(out, b'{"lines": 20}')
        self.assertEqual(err.decode(), expected + "\n")
        self.assertIn("line 18\n", expected)

    def test_later(self):
        self.assertEqual(self.pail("ministack", "invoke", "echo", "--dry-run"), "")
        logs = client("ministack", "logs")
        mark = unique("mark")
        self.assertEqual(self.pail("ministack", "invoke", "log", "--async", "--payload", json.dumps({"mark": mark})), "")
        # It is called: its log says so, followed by name of the group that Lambda writes it to.
        follower = Follower("ministack", "logs", "filter", "-f", "/aws/lambda/log", mark)
        self.addCleanup(follower.stop)
        self.assertIn(mark, "".join(follower.take(1)))
        self.assertTrue(logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/log")["logGroups"])

    def test_example(self):
        self.assertEqual(self.example("ministack", "invoke_function", "echo"), 'Lambda result: {"key":"value"}\n')
        self.assertEqual(self.example("ministack", "invoke_function", "fail", status=1), "The function failed: no such thing\n")


    def test_a_complaint_begins_a_line(self):
        """Where both go to one place; the answer has no newline at its end."""
        import servers
        for more in ([], ["--stream"]):
            done = subprocess.run([servers.PAIL, "invoke", "fail", *more], env=environment("ministack"), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60)
            self.assertEqual(done.returncode, 6)
            *answer, complaint, end = done.stdout.decode().split("\n")
            self.assertTrue(answer)
            self.assertTrue(complaint.startswith("pail: fail: the function failed"), done.stdout)
            self.assertEqual(end, "")


class Sts(TestCase):
    def test_whoami(self):
        for server in ("ministack", "moto"):
            known = client(server, "sts").get_caller_identity()
            self.assertEqual(self.pail(server, "whoami"),
                             f"Account: {known['Account']}\nArn: {known['Arn']}\nUserId: {known['UserId']}\nCredentials: environment\n")
            shown, = self.json_lines(server, "whoami", "--json")
            self.assertEqual({name: shown[name] for name in ("Account", "Arn", "UserId")},
                             {name: known[name] for name in ("Account", "Arn", "UserId")})
            self.assertEqual(shown["CredentialsSource"], "environment")

    def test_an_endpoint_of_s3_alone(self):
        """Said in words, by every service; and where the keys come from is known all the same."""
        import servers
        out, err = self.run_program("rgw", [servers.PAIL, "whoami"], status=1)
        self.assertEqual(out, b"Credentials: environment\n")
        self.assertIn(b"pail: whoami: MethodNotAllowed: the endpoint answered as S3 does; is it the endpoint of STS?", err)
        out, err = self.run_program("rgw", [servers.PAIL, "whoami", "--json"], status=1)
        self.assertEqual(json.loads(out), {"CredentialsSource": "environment"})
        for status, service, *words in ((1, "CloudWatch Logs", "logs", "groups"), (1, "CloudWatch Logs", "logs", "tail", "/g"),
                                        (1, "Kinesis", "kinesis", "streams"), (4, "Lambda", "functions"), (4, "Lambda", "invoke", "f")):
            with self.subTest(service):
                said = self.pail_fails("rgw", status, *words)
                self.assertIn(f": the endpoint answered as S3 does; is it the endpoint of {service}? (", said)
                self.assertNotIn("<", said)


class Select(TestCase):
    def setUp(self):
        self.s3 = client("moto", "s3")

    def select(self, key, expression, given, wanted):
        """Rows and counts, as botocore gives them."""
        given = {"CompressionType": "GZIP" if key.endswith(".gz") else "NONE", **given}
        out = self.s3.select_object_content(Bucket="pail-samples", Key=key, Expression=expression, ExpressionType="SQL",
                                            InputSerialization=given, OutputSerialization=wanted)
        events = list(out["Payload"])
        self.assertIn("End", events[-1])
        rows = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
        details, = (event["Stats"]["Details"] for event in events if "Stats" in event)
        return rows.decode(), details

    def test_select_of_the_readme(self):
        """As it is written there, but for the bucket."""
        readme = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
        line, = (line for line in readme.splitlines() if line.startswith("pail select "))
        _, *words = shlex.split(line.replace("s3://my-bucket/", "s3://pail-samples/"))
        self.assertEqual(self.pail("moto", *words).strip(), "ann")

    def test_select(self):
        import servers
        for key, expression, given, wanted, words in SELECTIONS:
            rows, counts = self.select(key, expression, given, wanted)
            self.assertGreater(len(rows), 10)
            url = f"s3://pail-samples/{key}"
            self.assertEqual(self.pail("moto", "select", url, expression, *words), rows)
            out, err = self.run_program("moto", [servers.PAIL, "select", url, expression, *words, "--stats"])
            self.assertEqual(out.decode(), rows)
            self.assertEqual(err.decode(), f"{counts['BytesScanned']} bytes scanned, {counts['BytesProcessed']} processed, "
                                           f"{counts['BytesReturned']} returned\n")

    def test_missing(self):
        self.assertIn("NoSuchKey: ", self.pail_fails("moto", 3, "select", "s3://pail-samples/none", "select * from s3object"))

    def test_example(self):
        rows, counts = self.select("people.csv", "select * from s3object", {"CSV": {"FileHeaderInfo": "USE"}}, {"CSV": {"QuoteFields": "ASNEEDED"}})
        self.assertEqual(self.example("moto", "select", "pail-samples", "people.csv", "select * from s3object"),
                         rows + f"({counts['BytesScanned']} bytes scanned)\n")
