"""What a soak is made of: the mount and what is measured of it, the program that loads it, the server that dies."""
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time

from systems import Failure, is_mounted

READY_S = 60
STOP_S = 20


def now_ms():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000


def wait_for(process, seconds):
    """Its exit status, None if it has not ended by then."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


class Mount:
    """pailfs in front, with the bucket mounted."""

    def __init__(self, program, source, directory, log, environment, options):
        self.directory, self.log = directory, log
        os.mkdir(directory)
        with open(log, "w") as out:
            self.process = subprocess.Popen([program, source, directory, "-f", "-o", ",".join(options)], stdout=out,
                                            stderr=out, stdin=subprocess.DEVNULL, env={**os.environ, **environment})

    def wait_ready(self):
        end = time.monotonic() + READY_S
        while not is_mounted(self.directory):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failure(f"pailfs does not mount:\n{self.said()}")
            time.sleep(0.01)

    def said(self, most=4000):
        with open(self.log, errors="replace") as log:
            return log.read()[-most:]

    def stats(self):
        """The counters of user.pail.stats. Waits for as long as the mount does."""
        text = os.getxattr(self.directory, "user.pail.stats").decode()
        return {name: int(value) for name, _, value in (line.partition(" ") for line in text.splitlines())}

    def sample(self):
        memory = {}
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name in ("VmRSS", "RssAnon"):
                    memory[name] = int(value.split()[0]) / 1024
        return {"rss": memory["VmRSS"], "anon": memory["RssAnon"],
                "files": len(os.listdir(f"/proc/{self.process.pid}/fd")), "at": now_ms(), **self.stats()}

    def unmount(self):
        """The exit status; None if it has none within a time."""
        subprocess.run(["fusermount3", "-u", self.directory], capture_output=True, timeout=STOP_S, check=False)
        return wait_for(self.process, STOP_S)

    def __exit__(self, *_):
        """Whatever state it is in."""
        for command in (["fusermount3", "-uz", self.directory], ["umount", "-l", self.directory]):
            if is_mounted(self.directory):
                subprocess.run(command, capture_output=True, timeout=STOP_S, check=False)
        if wait_for(self.process, 2) is None:
            self.process.kill()
            self.process.wait()


class Sampler(threading.Thread):
    """A sample of the mount each second. It hangs when the mount does, and who asks for its age sees it."""

    def __init__(self, mount):
        super().__init__(daemon=True)
        self.mount, self.samples, self.failure = mount, [], None
        self.began = time.monotonic()
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            self.began = time.monotonic()
            try:
                self.samples.append(self.mount.sample())
            except OSError as failure:
                self.failure = f"the mount's counters cannot be had: {failure}"
                return
            self.stopping.wait(1)

    def age(self):
        """Of the question that is open."""
        return time.monotonic() - self.began

    def stop(self):
        self.stopping.set()

    def __exit__(self, *_):
        self.stop()


class Load:
    """soak_load: orders in, findings out."""

    def __init__(self, program, directory, readers, seed, stuck_s):
        self.process = subprocess.Popen([program, "run", directory, str(readers), str(seed), str(stuck_s)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.findings = queue.SimpleQueue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.findings.put(json.loads(line))
        self.findings.put(None)

    def order(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def finding(self, seconds):
        """The next, or None after so many seconds."""
        try:
            found = self.findings.get(timeout=seconds)
        except queue.Empty:
            return None
        if found is None:
            raise Failure(f"soak_load has ended: {wait_for(self.process, 1)}")
        return found

    def finish(self):
        """The exit status of one that has nothing to do any more."""
        self.process.stdin.close()
        return wait_for(self.process, STOP_S)

    def __exit__(self, *_):
        self.process.kill()
        # Threads of it may hang in a mount that is ended next.
        wait_for(self.process, 1)


class Server:
    """A server of scripts/s3-server of our own, which can be killed."""

    def __init__(self, script, directory):
        self.script, self.directory = script, directory

    def start(self):
        try:
            self.call("start", "--nodelay")
            text = self.call("env", capture_output=True, text=True).stdout
        except subprocess.CalledProcessError:
            raise Failure("the S3 server does not start") from None
        pairs = (line.removeprefix("export ").partition("=") for line in text.splitlines())
        self.environment = {name: value for name, _, value in pairs}
        self.url = self.environment["AWS_ENDPOINT_URL"]

    def call(self, command, *options, **how):
        return subprocess.run([self.script, command, "--dir", self.directory, *options], check=True,
                              stdin=subprocess.DEVNULL, **how)

    def down(self):
        self.call("down")

    def up(self):
        self.call("up")

    def __exit__(self, *_):
        subprocess.run([self.script, "stop", "--dir", self.directory], check=False)


def signals_end():
    """A signal is an exception, so that what was started is ended."""
    def interrupt(number, frame):
        del frame
        raise KeyboardInterrupt(signal.Signals(number).name)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)


def remove(scratch):
    """Unless something is mounted there still."""
    if not any(is_mounted(entry.path) for entry in os.scandir(scratch)):
        shutil.rmtree(scratch, ignore_errors=True)
