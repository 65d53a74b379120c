"""What is done: the objects, and each workload as a filesystem and as the bare client does it."""
import contextlib
import json
import os
import shutil
import subprocess
import time

from systems import Failure, kill_group

KIB, MIB = 1 << 10, 1 << 20


class TooSlow(Exception):
    """The workload has not ended within its time."""


class Sizes:
    """How much of everything there is."""

    def __init__(self, quick, large):
        self.big = (64 if quick else 1024) * MIB
        self.four = (16 if quick else 256) * MIB
        self.photos, self.photo_size = (10 if quick else 150), 4 * MIB
        self.logs, self.log_directories, self.log_size = (100 if quick else 2000), 20, 36 * KIB
        self.top, self.sub, self.sub_files, self.top_files = (5 if quick else 100), 10, 18, 20
        self.flat = 500 if quick else 10000
        self.large = (100, 50, 20) if large else None
        self.random_reads = 30 if quick else 300

    def log_names(self):
        return [f"logs/d{i % self.log_directories:02d}/log-{i:04d}.log" for i in range(self.logs)]

    def objects(self, group):
        """(size, key) of each object of a group."""
        if group == "big":
            yield self.big, "big/big-0.bin"
        elif group == "four":
            yield from ((self.four, f"four/four-{i}.bin") for i in range(4))
        elif group == "photos":
            yield from ((self.photo_size, f"photos/photo-{i:03d}.jpg") for i in range(self.photos))
        elif group == "logs":
            yield from ((self.log_size, name) for name in self.log_names())
        elif group == "tree":
            for i in range(self.top):
                yield from ((10, f"tree/a{i:03d}/x{k:02d}") for k in range(self.top_files))
                for j in range(self.sub):
                    yield from ((10, f"tree/a{i:03d}/b{j:02d}/f{k:02d}") for k in range(self.sub_files))
        elif group == "flat":
            yield from ((10, f"flat/name-{i:05d}.txt") for i in range(self.flat))
        elif group == "large":
            top, sub, files = self.large
            for i in range(top):
                for j in range(sub):
                    yield from ((10, f"large/a{i:03d}/b{j:02d}/f{k:02d}") for k in range(files))


def drop_caches(what=3):
    subprocess.run(["sh", "-c", f"echo {what} >/proc/sys/vm/drop_caches"], check=True)


class Run:
    """One run of one workload over one mount."""

    def __init__(self, tools, sizes, mount, scratch, timeout):
        self.tools, self.sizes, self.mount, self.scratch, self.timeout = tools, sizes, mount, scratch, timeout

    def shell(self, command, text=None, timed=True):
        """Run a command at the mount's root; its output and the seconds it took."""
        began = time.perf_counter()
        process = subprocess.Popen(["bash", "-o", "pipefail", "-c", command], cwd=self.mount.directory, text=True,
                                   stdin=subprocess.PIPE if text else subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"}, start_new_session=True)
        try:
            out, err = process.communicate(text, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            kill_group(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
            raise TooSlow from None
        if process.returncode:
            lines = err.strip().splitlines()
            raise Failure(f"{command.split()[0]}: {lines[0] if lines else process.returncode}")
        return out.strip(), time.perf_counter() - began

    def probe(self, arguments, text=None):
        return json.loads(self.shell(f"{self.tools.probe} {arguments}", text)[0])


def expect(found, wanted):
    if str(found) != str(wanted):
        raise Failure(f"wrong answer: {str(found)[:40]} where {wanted} is right")


def seconds(command, count=None):
    """A workload that is one command; what it prints must be count(sizes)."""
    def run(r):
        out, took = r.shell(command)
        if count:
            expect(out, count(r.sizes))
        return {"value": took}
    return run


def run_second(r):
    r.shell("dd if=big/big-0.bin of=/dev/null bs=1M status=none")
    return seconds("dd if=big/big-0.bin of=/dev/null bs=1M status=none")(r)


def run_cp(r):
    target = os.path.join(r.scratch, "copy")
    try:
        _, took = r.shell(f"cp -r logs {target}")
        bytes_copied = sum(os.path.getsize(os.path.join(at, name))
                           for at, _, names in os.walk(target) for name in names)
        expect(bytes_copied, r.sizes.logs * r.sizes.log_size)
        return {"value": took}
    finally:
        shutil.rmtree(target, ignore_errors=True)


def random_reads(size):
    def run(r):
        result = r.probe(f"random big/big-0.bin {size} {r.sizes.random_reads} 7")
        return {"value": result["p50_ms"], "p99": result["p99_ms"]}
    return run


def run_dirents(r):
    result = r.probe("dirents flat")
    return {"value": result["first_ms"], "whole_s": result["seconds"]}


def one_of_each(sizes):
    """The last log of each directory."""
    return sizes.log_names()[-sizes.log_directories:]


def run_first(r):
    result = r.probe("first", "\n".join(one_of_each(r.sizes)))
    return {"value": result["p50_ms"], "p99": result["p99_ms"]}


def run_first_listed(r):
    r.shell("ls -lR logs >/dev/null")
    return run_first(r)


STALLED = 64


def run_stat(r):
    """Attributes that a listing has named, while reads of another object wait for their first byte."""
    r.shell("ls -lR logs >/dev/null")
    drop_caches(2)
    readers = [subprocess.Popen(["dd", "if=big/big-0.bin", "of=/dev/null", "bs=64K", "count=1", f"skip={i * 16}",
                                 "status=none"], cwd=r.mount.directory, start_new_session=True)
               for i in range(STALLED)]
    try:
        time.sleep(0.5)
        result = r.probe("stat", "\n".join(r.sizes.log_names()))
        if any(reader.poll() is not None for reader in readers):
            raise Failure("a slow read was over too soon")
    finally:
        for reader in readers:
            kill_group(reader)
        for reader in readers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                reader.wait(10)
    return {"value": result["p50_ms"], "p99": result["p99_ms"], "max": result["max_ms"]}


def raw_small(sizes):
    return [["small", str(n), "bench", "logs/"] for n in (16, 64)]


def raw_list(prefix):
    return lambda sizes: [["list", "bench", prefix]]


def raw_random(size):
    return lambda sizes: [["random", "bench/big/big-0.bin", str(sizes.big), str(sizes.random_reads), "7", size]]


def raw_sequential(sizes):
    return [["get", str(n), "8M", "bench/big/big-0.bin", str(sizes.big)] for n in (1, 4, 8)]


def raw_readers(sizes):
    names = [word for size, key in sizes.objects("four") for word in (f"bench/{key}", str(size))]
    return [["get", str(n), "8M", *names] for n in (4, 8)]


def raw_photos(sizes):
    return [["small", str(n), "bench", "photos/"] for n in (8, 16)]


def raw_first(sizes):
    return [["first"]]


class Workload:
    """run: over a mount, a dict with `value`, in `unit`. raw: the bare client's arguments, alternatives of which the
    best counts, or None. groups: the objects it needs."""

    def __init__(self, name, about, groups, run, raw=None, unit="s", size=None, slow=False, needs=None):
        self.name, self.about, self.groups, self.run, self.raw = name, about, groups, run, raw
        self.unit, self.size, self.slow, self.needs = unit, size, slow, needs


FOUR = " & ".join(f"dd if=four/four-{i}.bin of=/dev/null bs=1M status=none" for i in range(4))
WORKLOADS = (
    Workload("sequential", "dd bs=1M of one large object", ["big"],
             seconds("dd if=big/big-0.bin of=/dev/null bs=1M status=none"), raw_sequential, size="big"),
    Workload("readers", "four dd of four objects at once", ["four"], seconds(FOUR + " & wait"), raw_readers),
    Workload("second", "dd of the same object again", ["big"], run_second, raw_sequential, size="big"),
    Workload("grep", "grep -rc over logs of 36 KB in 20 directories", ["logs"],
             seconds("grep -rc ERROR logs | wc -l", lambda s: s.logs), raw_small),
    Workload("rg", "rg -c over the same", ["logs"], seconds("rg -c ERROR logs | wc -l", lambda s: s.logs), raw_small,
             needs="rg"),
    Workload("cat", "cat */* of the same", ["logs"],
             seconds("cat logs/*/* | wc -c", lambda s: s.logs * s.log_size), raw_small),
    Workload("tar", "tar c of the same", ["logs"], seconds("tar c logs | cat >/dev/null"), raw_small),
    Workload("cp", "cp -r of the same", ["logs"], run_cp, raw_small),
    Workload("photos", "cat * of objects of 4 MiB in one directory", ["photos"],
             seconds("cat photos/* | wc -c", lambda s: s.photos * s.photo_size), raw_photos),
    Workload("find", "find, keys in a tree of directories", ["tree"],
             seconds("find tree | wc -l", lambda s: 1 + s.top * (1 + s.top_files + s.sub * (1 + s.sub_files))),
             raw_list("tree/")),
    Workload("ls-lR", "ls -lR of the same", ["tree"],
             seconds("ls -lR tree | grep -c ^-", lambda s: s.top * (s.top_files + s.sub * s.sub_files)),
             raw_list("tree/")),
    Workload("find-large", "find, 100,000 keys (--large)", ["large"],
             seconds("find large -type f | wc -l", lambda s: s.large[0] * s.large[1] * s.large[2]), raw_list("large/")),
    Workload("ls", "ls of one large directory", ["flat"], seconds("ls flat | wc -l", lambda s: s.flat),
             raw_list("flat/")),
    Workload("dirents", "the first getdents of the same", ["flat"], run_dirents, unit="ms"),
    Workload("random-64k", "random reads of 64 KiB, p50", ["big"], random_reads("64K"), raw_random("64K"), "ms"),
    Workload("random-4k", "random reads of 4 KiB, p50", ["big"], random_reads("4K"), raw_random("4K"), "ms"),
    Workload("first", "first byte of a file not listed before, p50", ["logs"], run_first, raw_first, "ms"),
    Workload("first-listed", "first byte of a listed file, p50", ["logs"], run_first_listed, raw_first, "ms"),
    Workload("stat", "stat of listed files while 64 reads wait, p50", ["big", "logs"], run_stat, unit="ms", slow=True),
)
