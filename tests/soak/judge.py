"""What a soak is judged by: the findings of the load, and what the mount's memory and descriptors may be."""
import collections
import statistics

# What an operation may fail with while the server is away, as README's table has it: nobody answers, the connection
# breaks before an answer or in it, the deadline passes; what was throttled last before.
AWAY = {"ECONNREFUSED", "ECONNRESET", "EIO", "ETIMEDOUT", "EBUSY"}


class Window:
    """A time without a server. `absorbed`: so short that nothing may fail of it."""

    def __init__(self, down, absorbed):
        self.down, self.up, self.absorbed = down, None, absorbed

    def meets(self, began, ended, after_ms=0):
        return ended >= self.down and (self.up is None or began <= self.up + after_ms)


class Judge:
    """Gathers what is wrong: `faults`, each once with a count."""

    def __init__(self, after_ms):
        self.after_ms = after_ms  # from a server's return on nothing may fail any more
        self.windows, self.counts = [], {}
        self.excused, self.faults = collections.Counter(), collections.Counter()

    def fault(self, text):
        self.faults[text] += 1

    def take(self, found):
        """A finding of the load's. True if it answers an order."""
        event = found["event"]
        if event in ("tick", "quiet"):
            self.counts = found
        elif event == "error":
            self.take_error(found)
        elif event == "wrong":
            self.fault(f"wrong {found['what']}: {found['path']} at {found['offset']}")
        elif event == "stuck":
            self.fault(f"{found['op']} of {found['path']} has not come back after {found['age']} ms")
        return event == "quiet"

    def take_error(self, found):
        name = found["errno"]
        met = [w for w in self.windows if w.meets(found["began"], found["ended"], self.after_ms)]
        if name in AWAY and any(not window.absorbed for window in met):
            self.excused[name] += 1
        else:
            when = "in an outage that nobody may notice" if met else "with the server there"
            self.fault(f"{found['op']}: {name} {when}")

    def steady(self, samples, settle_ms):
        """The samples that were taken with the server there, and there for some time."""
        return [s for s in samples if not any(w.meets(s["at"], s["at"], settle_ms) for w in self.windows)]

    def compare(self, what, early, late, growth, most):
        """A figure that must not grow by more than `growth`, nor ever be above `most`."""
        if late - early > growth:
            self.fault(f"{what} grows from {early:.1f} to {late:.1f}: more than by {growth}")
        if max(early, late) > most:
            self.fault(f"{what} is {max(early, late):.1f}: more than {most}")


def ends(values):
    """Medians of the first third and of the last."""
    third = max(1, len(values) // 3)
    return statistics.median(values[:third]), statistics.median(values[-third:])
