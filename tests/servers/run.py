#!/usr/bin/env python3
"""pail and the examples against real servers: what they show is what botocore reads there.

run.py --pail PROGRAM --examples DIR --venv DIR [NAME]...

The servers are those that the environment names (`eval "$(scripts/aws-server env)"`, then the same of scripts/s3-server, whose
keys are the ones to be left there; scripts/test starts both). NAME is a test as unittest names it: test_logs,
test_logs.OnMoto.test_get.
"""
import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pail", required=True)
    parser.add_argument("--examples", required=True)
    parser.add_argument("--venv", required=True)
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def enter_environment(venv):
    """Runs this again by the environment's python, with botocore."""
    if pathlib.Path(sys.prefix).resolve() == pathlib.Path(venv).resolve():
        return
    python = pathlib.Path(venv) / "bin" / "python"
    if not python.exists():
        sys.exit(f"run.py: there is no {python}; scripts/aws-server start makes it")
    os.execv(python, [python, *sys.argv])


def main():
    options = arguments()
    enter_environment(options.venv)
    for name in ("PAIL_MINISTACK_URL", "PAIL_MOTO_URL", "PAIL_SAMPLES_MS", "PAIL_RGW_URL"):
        if name not in os.environ:
            sys.exit(f"run.py: {name} is not set; scripts/aws-server and s3-server start the servers, scripts/test runs this")
    import unittest

    import servers

    servers.PAIL = options.pail
    servers.EXAMPLES = options.examples
    loader = unittest.TestLoader()
    if options.names:
        suite = loader.loadTestsFromNames(options.names)
    else:
        suite = loader.discover(str(HERE), pattern="test_*.py")
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    sys.exit(not result.wasSuccessful() or result.testsRun == 0)


main()
