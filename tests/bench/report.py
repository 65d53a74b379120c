"""The results as tables, as JSON, and as a plot."""
import json
import os
import platform
import shutil
import statistics
import subprocess


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def number(value):
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


class Results:
    """Every run of every cell: (mode, workload, system) to a list of dicts, each with `value` or `failed`."""

    def __init__(self, modes, workloads, systems, about):
        self.modes, self.workloads, self.systems, self.about = modes, workloads, systems, about
        self.cells = {}

    def add(self, mode, workload, system, result):
        self.cells.setdefault((mode, workload.name, system), []).append(result)

    def runs(self, mode, workload, system):
        return self.cells.get((mode, workload.name, system), [])

    def gave_up(self, mode, workload, system):
        return any("failed" in run for run in self.runs(mode, workload, system))

    def best_way(self, mode, workload, system):
        """Of the ways the bare client did it, the one with the least median: the least of all single runs would be
        luck. None: there is one way only."""
        runs = [run["ways"] for run in self.runs(mode, workload, system) if "ways" in run]
        return min(runs[0], key=lambda way: median(run[way]["value"] for run in runs)) if runs else None

    def of(self, mode, workload, system, what="value"):
        way = self.best_way(mode, workload, system)
        return median(run["ways"][way].get(what) if "ways" in run else run.get(what)
                      for run in self.runs(mode, workload, system))

    def shown(self, mode, workload, system):
        """A cell's text: the median, or why there is none."""
        failed = [run["failed"] for run in self.runs(mode, workload, system) if "failed" in run]
        value = self.of(mode, workload, system)
        return failed[0] if failed and (value is None or failed[0].startswith(">")) else number(value)

    def ratio(self, mode, workload, system, base):
        value, basis = (self.of(mode, workload, name) for name in (system, base))
        return f"{value / basis:.2f}" if value and basis else ""

    def table(self, mode):
        """pailfs beside the bare client (its ratio to it), and each peer with its ratio to pailfs."""
        peers = [name for name in self.systems if name != "pailfs"]
        head = [mode, "", "raw", "conns", "pailfs", "/raw"]
        for peer in peers:
            head += [peer, "/pailfs"]
        rows = [head]
        for workload in self.workloads:
            row = [workload.name, workload.unit, self.shown(mode, workload, "raw"),
                   self.best_way(mode, workload, "raw") or "",
                   self.shown(mode, workload, "pailfs"), self.ratio(mode, workload, "pailfs", "raw")]
            for peer in peers:
                row += [self.shown(mode, workload, peer), self.ratio(mode, workload, peer, "pailfs")]
            rows.append(row)
        return rows

    def costs(self, mode):
        """Requests, processor seconds, peak memory."""
        rows = [[f"{mode}: requests, CPU s, peak MB", "raw", "", *(cell for name in self.systems
                                                                  for cell in (name, "", ""))]]
        for workload in self.workloads:
            row = [workload.name, number(self.of(mode, workload, "raw", "requests")),
                   number(self.of(mode, workload, "raw", "cpu_s"))]
            for name in self.systems:
                requests = self.of(mode, workload, name, "requests")
                row += [f"{requests:.0f}" if requests is not None else "-"]
                row += [number(self.of(mode, workload, name, what)) for what in ("cpu_s", "peak_mib")]
            rows.append(row)
        return rows

    def tails(self, mode):
        """What only single reads have: the slowest."""
        rows = [[f"{mode}: p99, ms", "raw", *self.systems]]
        for workload in self.workloads:
            values = [self.of(mode, workload, name, "p99") for name in ("raw", *self.systems)]
            if any(value is not None for value in values):
                rows.append([workload.name, *map(number, values)])
        return rows

    def idle(self):
        rows = [["idle, private MB (RssAnon)", *self.systems]]
        values = [median(run.get("idle_mib") for key, runs in self.cells.items() if key[2] == name for run in runs)
                  for name in self.systems]
        return [*rows, ["", *map(number, values)]]

    def failures(self):
        return sorted({f"{mode}, {workload}, {system}: {run['failed']}"
                       for (mode, workload, system), runs in self.cells.items() for run in runs
                       if "failed" in run and not run["failed"].startswith(">")})

    def print(self):
        for mode in self.modes:
            print_rows(self.table(mode))
        for mode in self.modes:
            print_rows(self.costs(mode))
            tails = self.tails(mode)
            if len(tails) > 1:
                print_rows(tails)
        print_rows(self.idle())
        for failure in self.failures():
            print(f"failed: {failure}")

    def save(self, path):
        cells = [{"mode": mode, "workload": workload, "system": system, "runs": runs}
                 for (mode, workload, system), runs in self.cells.items()]
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path, "w") as file:
            json.dump({**self.about, "workloads": {w.name: {"about": w.about, "unit": w.unit} for w in self.workloads},
                       "cells": cells}, file, indent=1)
            file.write("\n")


def print_rows(rows):
    """First column to the left, the others to the right."""
    rows = [[cell if len(cell) <= 30 else "failed" for cell in row] if at else row for at, row in enumerate(rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(widths[at]) if at == 0 else cell.rjust(widths[at])
                        for at, cell in enumerate(row)).rstrip())


def machine():
    model = ""
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"cpus": os.cpu_count(), "cpu": model, "kernel": platform.release()}


GNUPLOT = """set terminal svg size 800,500
set output '{prefix}.svg'
set xlabel 'added round trip, ms'
set ylabel 'MB/s'
set yrange [0:*]
set key outside
set datafile missing '?'
set title 'one large object, dd bs=1M'
plot {lines}
"""


def plot(prefix, delays, systems, rates):
    """rates[system][delay]: MB/s or None. Writes PREFIX.dat and PREFIX.gp, and PREFIX.svg where gnuplot is."""
    os.makedirs(os.path.dirname(os.path.abspath(prefix)), exist_ok=True)
    with open(f"{prefix}.dat", "w") as data:
        data.write("# ms " + " ".join(systems) + "\n")
        for delay in delays:
            row = [rates[name].get(delay) for name in systems]
            data.write(f"{delay} " + " ".join("?" if rate is None else f"{rate:.1f}" for rate in row) + "\n")
    lines = ", ".join(f"'{prefix}.dat' using 1:{at + 2} with linespoints title '{name}'"
                      for at, name in enumerate(systems))
    with open(f"{prefix}.gp", "w") as script:
        script.write(GNUPLOT.format(prefix=prefix, lines=lines))
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot", f"{prefix}.gp"], check=False)
