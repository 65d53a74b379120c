#!/usr/bin/env python3
"""The differential test: botocore and libpail call the same operations against the same scripted answers, and what they
asked and what they made of the answers is compared.

run.py --peer PROGRAM --driver PROGRAM --venv DIR [--only PATTERN] [--verbose]

The virtual environment must hold the botocore that requirements.txt names; scripts/test makes it. Every difference
must be listed in EXPECTED, and every line there must be needed (unless --only leaves cases out).
"""
import argparse
import fnmatch
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
SHARDS = 4  # processes on each side


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--venv", required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def enter_environment(venv):
    """Runs this again by the environment's python, with botocore."""
    if pathlib.Path(sys.prefix).resolve() == pathlib.Path(venv).resolve():
        return
    python = pathlib.Path(venv) / "bin" / "python"
    if not python.exists():
        sys.exit(f"run.py: there is no {python}; scripts/test makes it")
    os.execv(python, [python, *sys.argv])


def pinned_version():
    for line in (HERE / "requirements.txt").read_text().splitlines():
        if line.startswith("botocore"):
            return line.partition("==")[2]
    return None


class Peer:
    """A peer program that plays the cases; its requests when it is done."""

    def __init__(self, program, cases):
        self.process = subprocess.Popen([program, cases], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def finish(self):
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit(f"run.py: the peer ended with {self.process.returncode}")
        requests = {}
        for line in output.splitlines():
            request = json.loads(line)
            requests.setdefault(request["case"], []).append(request)
        return requests


class Places:
    """Where connecting does not go well; `names` as cases.all_cases wants them."""

    def __init__(self, work):
        self.sockets = [socket.socket() for _ in range(5)]
        refused, full, tls, *fillers = self.sockets
        for place in (refused, full, tls):
            place.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in fillers:  # its queue holds one more than it was told
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        tls.listen(50)
        key = f"{work}/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2",
                        "-keyout", key, "-out", key + ".crt"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key + ".crt", key)
        threading.Thread(target=self.shake_hands, args=(tls, context), daemon=True).start()
        self.names = {name: f"127.0.0.1:{place.getsockname()[1]}"
                      for name, place in (("refused", refused), ("full", full), ("untrusted", tls))}

    @staticmethod
    def shake_hands(listener, context):
        while True:
            try:
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    wrapped.recv(1)
            except ssl.SSLError:
                continue
            except OSError:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.sockets:
            each.close()


def clean_environment(home):
    """Nothing of the caller's configuration reaches either side."""
    ret = {name: value for name, value in os.environ.items()
           if not name.startswith("AWS_") and not name.lower().endswith("_proxy")}
    return {**ret, "HOME": home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": f"{home}/none",
            "AWS_SHARED_CREDENTIALS_FILE": f"{home}/none", "PYTHONDONTWRITEBYTECODE": "1"}


def start_shards(command, url, shards, environment):
    return [subprocess.Popen([*command, shard, url], stdout=subprocess.PIPE, text=True, env=environment)
            for shard in shards]


def results_of(processes, who):
    results = {}
    for process in processes:
        output, _ = process.communicate()
        for line in output.splitlines():
            result = json.loads(line)
            results[result["id"]] = result
        if process.returncode != 0:
            sys.exit(f"run.py: a process of {who} ended with {process.returncode}")
    return results


def run_both(options, cases, work):
    """{"botocore" or "libpail": (results, requests)}, both by case."""
    shards = []
    for i in range(SHARDS):
        shards.append(f"{work}/cases{i}.json")
        pathlib.Path(shards[i]).write_text(json.dumps(cases[i::SHARDS]), encoding="utf-8")
    whole = f"{work}/cases.json"
    pathlib.Path(whole).write_text(json.dumps(cases), encoding="utf-8")
    environment = clean_environment(work)
    commands = {"botocore": [sys.executable, str(HERE / "oracle.py")], "libpail": [options.driver]}
    peers = {who: Peer(options.peer, whole) for who in commands}
    processes = {who: start_shards(commands[who], peers[who].url, shards, environment) for who in commands}
    results = {who: results_of(processes[who], who) for who in commands}
    return {who: (results[who], peers[who].finish()) for who in commands}


def judge(options, cases, sides):
    """Prints what is not as it should be; returns how much that is."""
    import compare  # pylint: disable=import-outside-toplevel
    expected = compare.Expected(HERE / "EXPECTED")
    bad = listed = 0
    for case in cases:
        name = case["id"]
        if any(name not in sides[who][0] for who in sides):
            print(f"{name}: no result of {', '.join(who for who in sides if name not in sides[who][0])}")
            bad += 1
            continue
        (theirs, asked_theirs), (ours, asked_ours) = sides["botocore"], sides["libpail"]
        found = compare.differences(case, theirs[name], ours[name], asked_theirs.get(name, []), asked_ours.get(name, []))
        for field, their_value, our_value in found:
            if expected.covers(name, field, our_value):
                listed += 1
                if not options.verbose:
                    continue
            else:
                bad += 1
            print(f"{name}: {field}\n    botocore: {their_value!r}\n    libpail:  {our_value!r}")
    if options.only == "*":
        for line in expected.unused():
            print(f"EXPECTED:{line['number']}: not needed: {line['pattern']} {line['field']}")
            bad += 1
    print(f"{len(cases)} cases, {listed} differences as expected, {bad} not")
    return bad


def main():
    options = arguments()
    enter_environment(options.venv)
    import botocore  # pylint: disable=import-outside-toplevel
    import cases  # pylint: disable=import-outside-toplevel
    if botocore.__version__ != pinned_version():
        sys.exit(f"run.py: botocore is {botocore.__version__}, not {pinned_version()}")
    with tempfile.TemporaryDirectory(prefix="pail-differential-") as work, Places(work) as places:
        chosen = [case for case in cases.all_cases(places.names) if fnmatch.fnmatchcase(case["id"], options.only)]
        bad = judge(options, chosen, run_both(options, chosen, work))
    sys.exit(1 if bad or not chosen else 0)


if __name__ == "__main__":
    main()
