# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures to reach, one line each, beside their targets: runs the other benchmarks at each size.

Arguments: bench-sync, bench-replica, bench-server, bench_start.py. Sizes: $SATCHEL_BENCH_SIZES.
"""

import json
import os
import subprocess
import sys

SIZES = [int(size) for size in os.environ.get("SATCHEL_BENCH_SIZES", "10000,100000").split(",")]
SYNC, REPLICA, SERVER, START = sys.argv[1:]


def measure(size, *command):
    """The figures that a benchmark prints, as it prints them."""
    environment = {**os.environ, "SATCHEL_BENCH_SIZES": str(size)}
    figures = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("{"):
                print(line, end="", flush=True)
                figures.append(json.loads(line))
    if process.returncode != 0:
        raise SystemExit(f"{command}: {process.returncode}")
    return figures


def find(figures, **members):
    return next(figure for figure in figures if members.items() <= figure.items())


class Table:
    def __init__(self, size):
        self.size = size
        self.rows = []

    def add(self, what, target, measured, floor="", ratio="", reached=None):
        self.rows.append((what, target, measured, floor, ratio, {None: "", True: "yes", False: "no"}[reached]))

    def at_most(self, what, most, measured, unit, floor="", ratio=""):
        self.add(what, f"≤ {most:g} {unit}", f"{measured:g} {unit}", floor, ratio, measured <= most)

    def at_least(self, what, least, measured, unit, floor="", ratio=""):
        self.add(what, f"≥ {least:,} {unit}", f"{measured:,.0f} {unit}", floor, ratio, measured >= least)

    def print(self):
        print(f"\n| {self.size:,} accounts | target | measured | floor | ratio | reached |\n|---|---|---|---|---|---|")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")
        print(flush=True)


def add_first_sync(table, figures):
    first = find(figures, figure="first_sync")
    floor = f"{first['floor_laid_down']:g} s without a network"
    table.at_least("first sync, rows usable", 80000, first["usable_per_second"], "records/s")
    table.at_least("first sync, with indexes and search", 40000, first["records_per_second"], "records/s")
    table.at_most("the same, in size", 120, first["bytes_per_record"], "bytes/record")
    table.at_most("the same, beside laying down", 2, first["times_floor"], "times", floor, f"{first['times_floor']:g}")


def add_exchanges(table, figures):
    for name, figure, most in (("a sync with nothing new", "idle", 3),
                               ("a sync that sends one change", "one_change_sent", 5),
                               ("a sync that brings one change", "one_change_received", 5)):
        small = find(figures, figure=figure)
        table.at_most(name, most, small["p50_ms"], "ms", f"{small['floor_ms']:g} ms for /healthz",
                      f"{small['times_floor']:g}")
    table.at_most("a sync with nothing new, in size", 400, find(figures, figure="idle")["bytes"], "bytes")
    live = find(figures, figure="live")
    table.at_most("an edit shown elsewhere, p50", 50, live["p50_ms"], "ms")
    table.at_most("an edit shown elsewhere, p99", 250, live["p99_ms"], "ms")


def add_pushes(table, figures):
    for groups, most in ((1000, 100), (10000, 1000)):
        push = find(figures, figure="push", groups=groups)
        table.at_most(f"push of {groups:,} edits", most, push["ms"], "ms",
                      f"{push['floor_ms']:g} ms for bare rows on both ends", f"{push['times_floor']:g}")
        table.add("the same, processor time", "", f"{push['processor_ms_of_device']:g} ms on the device, "
                  f"{push['processor_ms_of_server']:g} ms on the server")


def add_server(table, figures):
    for each in (1, 50, 1000):
        pushed = find(figures, figure=f"groups pushed per second, {each} a request")
        table.at_least(f"the server's core, a commit for {each:,}", 2000, pushed["value"], "groups/s",
                       f"{pushed['floor']:,.0f} bare rows/s", f"{pushed['ratio']:g}")


def run(size):
    table = Table(size)
    exchanges = measure(size, SYNC, os.environ["SATCHEL_SERVER"], str(size))
    replica = measure(size, REPLICA, str(size))
    server = measure(size, SERVER, str(size))
    start = measure(size, sys.executable, START)[0]
    add_first_sync(table, exchanges)
    add_exchanges(table, exchanges)
    add_pushes(table, exchanges)
    add_server(table, server)
    table.at_most("a keystroke in the search, p95", 16, find(replica, what="search keystroke")["p95_ms"], "ms")
    table.at_most("until the accounts are shown", 1.3, start["ratio"], "times",
                  f"{start['floor_ms']} ms for a blank window", f"{start['ratio']:g}")
    table.at_most("memory with the accounts shown", 1.5, start["memory_ratio"], "times", "a blank window",
                  f"{start['memory_ratio']:g}")
    return table


def main():
    tables = [run(size) for size in SIZES]
    print(f"\n{os.cpu_count()} processors, load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    for table in tables:
        table.print()


if __name__ == "__main__":
    main()
