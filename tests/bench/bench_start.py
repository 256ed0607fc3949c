# SPDX-License-Identifier: GPL-3.0-or-later
"""How long until Satchel shows its accounts, and what memory it takes, against a blank libadwaita window."""

import json
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
import harness  # noqa: E402

SIZES = [int(size) for size in os.environ.get("SATCHEL_BENCH_SIZES", "10000,100000").split(",")]
RUNS = 7


def make_replica(folder, size):
    """A device that has synced so many accounts."""
    server = harness.Server(folder)
    territory = server.add_territory("North")
    server.add_user("anna", "North")
    csv = os.path.join(folder, "csv")
    os.makedirs(csv)
    with open(os.path.join(csv, "account.csv"), "w", encoding="utf-8") as file:
        file.write("name,city,phone,territory,stage\n")
        for i in range(size):
            file.write(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i % 26]}ccount {i},City {i % 500},030 {i:07},{territory},customer\n")
    server.run("import", csv)
    server.start()
    device = harness.Device(folder, server, "anna", "phone").enroll()
    device.sync()
    server.stop()
    return device


def measure(arguments, environment):
    """Wall seconds and the most memory, in KiB."""
    begin = time.monotonic()
    child = os.posix_spawnp(arguments[0], arguments, environment)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise SystemExit(f"{arguments}: {status}")
    return time.monotonic() - begin, usage.ru_maxrss


def main():
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="satchel-bench-") as folder:
            device = make_replica(folder, size)
            picture = os.path.join(folder, "picture.png")
            blank = [os.environ["BLANK_WINDOW"], picture]
            app = [os.environ["SATCHEL"], "--replica", device.replica, "--page", "accounts", "--screenshot", picture,
                   "--width", "1280", "--height", "800"]
            times = {"blank": [], "app": []}
            for run in range(RUNS + 1):
                for name, arguments in (("blank", blank), ("app", app)):
                    figure = measure(arguments, device.environment)
                    if run > 0:  # the first one warms the caches
                        times[name].append(figure)
            seconds = {name: statistics.median(figure[0] for figure in figures) for name, figures in times.items()}
            memory = {name: statistics.median(figure[1] for figure in figures) for name, figures in times.items()}
            print(json.dumps({
                "name": "start", "accounts": size, "ms": round(seconds["app"] * 1000),
                "floor_ms": round(seconds["blank"] * 1000), "ratio": round(seconds["app"] / seconds["blank"], 2),
                "memory_mib": round(memory["app"] / 1024), "memory_ratio": round(memory["app"] / memory["blank"], 2)}),
                flush=True)


if __name__ == "__main__":
    main()
