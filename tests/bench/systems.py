"""What is measured: pailfs and its peers, mounted; the server; the proxy that counts and delays."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

READY_S = 20
STOP_S = 5
TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """Something to measure did not work; its text says what."""


def is_mounted(path):
    with open("/proc/self/mountinfo") as table:
        return any(line.split()[4] == path for line in table)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def last_line(path):
    try:
        with open(path, errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        return lines[-1][:160] if lines else "it said nothing"
    except OSError:
        return "no log"


class Proxy:
    """peer_proxy in front of a server, for as long as the `with` lasts."""

    def __init__(self, program, server, *options):
        self.stats = tempfile.NamedTemporaryFile(prefix="pailfs-bench-", suffix=".json")
        self.process = subprocess.Popen([program, "--die-with-parent", "--stats", self.stats.name, *options,
                                         server.removeprefix("http://")], stdout=subprocess.PIPE, text=True)
        port = self.process.stdout.readline().strip()
        if not port:
            raise Failure("the proxy does not start")
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.stats.close()

    def reset(self):
        self.process.send_signal(signal.SIGUSR2)

    def counts(self):
        """What has passed so far; the proxy goes on."""
        before = os.stat(self.stats.name).st_ino
        self.process.send_signal(signal.SIGUSR1)
        end = time.monotonic() + STOP_S
        while os.stat(self.stats.name).st_ino == before and time.monotonic() < end:
            time.sleep(0.002)
        with open(self.stats.name) as stats:
            return json.load(stats)


def pailfs_command(system, directory, endpoint, scratch):
    return [system.program, "s3://bench", directory, "-f"], {}


def s3fs_command(system, directory, endpoint, scratch):
    keys = os.path.join(scratch, "s3fs-keys")
    with open(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{os.environ['AWS_ACCESS_KEY_ID']}:{os.environ['AWS_SECRET_ACCESS_KEY']}\n")
    return [system.program, "bench", directory, "-f", "-o", f"url={endpoint},use_path_request_style,passwd_file={keys}",
            "-o", f"endpoint={os.environ['AWS_REGION']},ro"], {}


def rclone_command(system, directory, endpoint, scratch):
    prefix = "RCLONE_CONFIG_BENCH_"
    return ([system.program, "mount", "bench:bench", directory, "--read-only", "--config", "/dev/null",
             "--cache-dir", os.path.join(scratch, "rclone")],
            {prefix + "TYPE": "s3", prefix + "PROVIDER": "Ceph", prefix + "ENDPOINT": endpoint,
             prefix + "ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
             prefix + "SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
             prefix + "REGION": os.environ["AWS_REGION"]})


def geesefs_command(system, directory, endpoint, scratch):
    return [system.program, "-f", "--endpoint", endpoint, "--region", os.environ["AWS_REGION"], "bench", directory], {}


def mountpoint_command(system, directory, endpoint, scratch):
    return [system.program, "bench", directory, "-f", "--read-only", "--force-path-style", "--endpoint-url", endpoint,
            "--region", os.environ["AWS_REGION"]], {}


class System:
    """A filesystem that can be mounted."""

    def __init__(self, name, program, command, version_flag="--version"):
        self.name, self.program, self.command, self.version_flag = name, program, command, version_flag

    def version(self):
        done = subprocess.run([self.program, self.version_flag], capture_output=True, text=True, timeout=20)
        lines = (done.stdout or done.stderr).strip().splitlines()
        return lines[0] if lines else "unknown"


def find_systems(pailfs, extra_path):
    """pailfs and the peers on this machine."""
    path = extra_path + os.pathsep + os.environ.get("PATH", "")
    known = (("s3fs", s3fs_command, "--version"), ("rclone", rclone_command, "version"),
             ("rclone-current", rclone_command, "version"), ("geesefs", geesefs_command, "--version"),
             ("mount-s3", mountpoint_command, "--version"))
    found = [System("pailfs", pailfs, pailfs_command)]
    for name, command, flag in known:
        program = shutil.which(name, path=path)
        if program:
            found.append(System(name, program, command, flag))
    return found


class Mount:
    """A fresh mount of the bucket `bench`, for as long as the `with` lasts."""

    def __init__(self, system, endpoint, scratch):
        self.system = system
        self.directory = tempfile.mkdtemp(prefix=f"mount-{system.name}-", dir=scratch)
        self.log = os.path.join(scratch, f"{system.name}.log")
        command, environment = system.command(system, self.directory, endpoint, scratch)
        full = {**os.environ, "AWS_ENDPOINT_URL": endpoint, **environment}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, env=full, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        try:
            self.wait_ready()
        except BaseException:
            self.end()
            raise
        self.cpu_before = self.cpu()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def wait_ready(self):
        end = time.monotonic() + READY_S
        while not is_mounted(self.directory):
            if self.process.poll() is not None:
                raise Failure(f"{self.system.name} does not mount: {last_line(self.log)}")
            if time.monotonic() > end:
                raise Failure(f"{self.system.name} has not mounted within {READY_S} s")
            time.sleep(0.005)
        subprocess.run(["stat", "-f", self.directory], capture_output=True, timeout=READY_S)
        time.sleep(0.1)

    def end(self):
        for command in (["fusermount3", "-u", self.directory], ["umount", self.directory],
                        ["fusermount3", "-uz", self.directory], ["umount", "-l", self.directory]):
            if not is_mounted(self.directory):
                break
            try:
                subprocess.run(command, capture_output=True, timeout=STOP_S)
            except subprocess.TimeoutExpired:
                pass
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            kill_group(self.process)
            self.process.wait()
        if not is_mounted(self.directory):
            os.rmdir(self.directory)

    def cpu(self):
        """Seconds that the filesystem's process has used, children included."""
        try:
            with open(f"/proc/{self.process.pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            raise Failure(f"{self.system.name} has died: {last_line(self.log)}") from None
        return sum(int(field) for field in fields[11:15]) / TICKS

    def cpu_used(self):
        return self.cpu() - self.cpu_before

    def memory(self):
        """VmHWM and RssAnon, in MiB."""
        values = {}
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name in ("VmHWM", "RssAnon"):
                    values[name] = int(value.split()[0]) / 1024
        return values


class Server:
    """A server of scripts/s3-server: one of its own, or one that is up already."""

    def __init__(self, script, directory, nodelay, own):
        self.script, self.directory, self.own = script, directory, own
        if own:
            flags = ["--nodelay"] if nodelay else []
            subprocess.run([script, "start", "--dir", directory, *flags], check=True, stdin=subprocess.DEVNULL)
        done = subprocess.run([script, "env", "--dir", directory], capture_output=True, text=True)
        if done.returncode:
            raise Failure(done.stderr.strip())
        for line in done.stdout.splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            if name == "AWS_ENDPOINT_URL":
                self.url = value
            else:
                os.environ[name] = value

    def stop(self):
        if self.own:
            subprocess.run([self.script, "stop", "--dir", self.directory], check=False)
