"""What the tests share: clients of botocore, and running pail."""
import functools
import json
import os
import queue
import signal
import subprocess
import threading
import time
import unittest
import uuid
from datetime import datetime, timezone

import botocore.config
import botocore.session

PAIL = EXAMPLES = None  # run.py sets them
URLS = {name: os.environ[f"PAIL_{name.upper()}_URL"] for name in ("ministack", "moto", "rgw")}
SAMPLES_MS = int(os.environ["PAIL_SAMPLES_MS"])
WAIT_S = 60


@functools.cache
def client(server, service):
    return botocore.session.Session().create_client(
        service, endpoint_url=URLS[server], region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=botocore.config.Config(s3={"addressing_style": "path"}))


def environment(server, **more):
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TMPDIR") if name in os.environ}
    sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": URLS.get(server, server), **keep, **sanitizers, **more,
    }


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def rfc3339(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


class Follower:
    """A pail that goes on until it is interrupted."""

    def __init__(self, server, *words):
        self.process = subprocess.Popen([PAIL, *words], env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode())
        self.lines.put(None)

    def take(self, count, wait_s=WAIT_S):
        """The next lines; fewer if it ended or nothing came."""
        found = []
        until = time.monotonic() + wait_s
        while len(found) < count:
            try:
                line = self.lines.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                break
            if line is None:
                break
            found.append(line)
        return found

    def stop(self):
        """Interrupts it: what else it printed, its exit status, what it complained of."""
        self.process.send_signal(signal.SIGINT)
        self.thread.join(WAIT_S)
        said = self.process.stderr.read().decode()
        self.process.stderr.close()
        self.process.stdout.close()
        status = self.process.wait(WAIT_S)
        rest = []
        while (line := self.lines.get()) is not None:
            rest.append(line)
        return rest, status, said


class TestCase(unittest.TestCase):
    maxDiff = 4000

    def run_program(self, server, words, status=0, stdin=None, **more):
        """What it prints to standard output and error, as bytes."""
        done = subprocess.run(words, env=environment(server, **more), input=stdin, capture_output=True, timeout=WAIT_S)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stdout, done.stderr

    def pail(self, server, *words, **more):
        out, err = self.run_program(server, [PAIL, *words], **more)
        if not more.get("status"):
            self.assertEqual(err, b"")
        return out.decode()

    def pail_fails(self, server, status, *words):
        """Its one line of complaint; nothing is printed."""
        out, err = self.run_program(server, [PAIL, *words], status=status)
        self.assertEqual(out, b"")
        self.assertEqual(err.count(b"\n"), 1)
        return err.decode()

    def json_lines(self, server, *words):
        return [json.loads(line) for line in self.pail(server, *words).splitlines()]

    def example(self, server, name, *words, **more):
        out, err = self.run_program(server, [f"{EXAMPLES}/example_{name}", *words], **more)
        return out.decode() + err.decode()
