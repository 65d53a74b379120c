"""The time that botocore's retries see. Waits are noted instead of waited for, in milliseconds, with a jitter of one half;
time passes by them and by a step each attempt. To be imported before botocore."""
import math
import random
import threading
import time
import types

random.random = lambda: 0.5

BEGIN = 1000.25  # seconds
_STATE = {"now": BEGIN, "step": 0.0, "waits": []}


def _wait(milliseconds):
    if milliseconds > 0:  # a redirect "waits" for nothing
        _STATE["waits"].append(milliseconds)
    _STATE["now"] += milliseconds / 1000


def begin(step_ms):
    _STATE.update(now=BEGIN, step=step_ms / 1000, waits=[])


def waits():
    return _STATE["waits"]


def attempt(**_):
    """An attempt takes its time."""
    _STATE["now"] += _STATE["step"]


class _Condition(threading.Condition):
    """What the adaptive mode's bucket of tokens waits on; in whole milliseconds, as a timer would."""

    def wait(self, timeout=None):
        _wait(math.ceil(timeout * 1000))


time.sleep = lambda seconds: _wait(round(seconds * 1000))

from botocore.retries import bucket  # noqa: E402  pylint: disable=wrong-import-position

bucket.threading = types.SimpleNamespace(Lock=threading.Lock, Condition=_Condition)
bucket.Clock.current_time = lambda self: _STATE["now"]
