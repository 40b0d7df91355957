#!/usr/bin/env python3
"""Many real daemons in full mesh: each linked with each, each with a number.

    tests/bench/mesh.py --bin build/release/bin [--daemons 30]

Prints, tab separated, how long linking took, how long it was from then until
every daemon knew every other's number and had all circles green, the same after
all were killed and started again, and the largest resident memory.
"""

import argparse
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from accounts import Violation, staged  # pylint: disable=C0413

PATIENCE_SECONDS = 120


def await_mesh(accounts):
    """Until each knows all others; the time that it took."""
    start = time.monotonic()
    for account in accounts:
        while True:
            status = account.ask("status")
            if (int(status["in_step_count"]) == len(accounts) - 1 and
                    int(status["mirrored_number_count"]) ==
                    len(accounts) - 1):
                break
            if time.monotonic() - start > PATIENCE_SECONDS:
                raise Violation(f"{account.name} has {status}")
            time.sleep(0.05)
        reds = [row for row in account.rows()
                if row["indicator"] != "INDICATOR_GREEN"]
        if reds:
            raise Violation(f"{account.name}: {reds}")
    return time.monotonic() - start


def resident_kib(account):
    for line in open(f"/proc/{account.process.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def measure(accounts):
    for number, account in enumerate(accounts):
        account.start()
        account.ask("number", "add", str(1000 + number), "--destination",
                    "sip:x@10.0.0.5")
    start = time.monotonic()
    for i, issuer in enumerate(accounts):
        for redeemer in accounts[i + 1:]:
            key = issuer.ask("generate-key", redeemer.name)["key"]
            redeemer.ask("link", issuer.name, key)
    print(f"mesh_link_s\t{time.monotonic() - start:.1f}\ts")
    print(f"mesh_in_step_s\t{await_mesh(accounts):.1f}\ts")
    for account in accounts:
        account.kill()
    for account in accounts:
        account.start()
    print(f"mesh_restart_s\t{await_mesh(accounts):.1f}\ts")
    for number, account in enumerate(accounts):
        other = 1000 + (number + 1) % len(accounts)
        if not account.ask("resolve", str(other))["resolution"]["routes"]:
            raise Violation(f"{account.name} does not find {other}")
    print(f"mesh_rss_kib\t{max(map(resident_kib, accounts))}\tKiB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--daemons", type=int, default=30)
    options = parser.parse_args()
    names = [f"account {i}" for i in range(options.daemons)]
    try:
        with staged(names, options.bin.resolve(), "mesh") as accounts:
            measure(accounts)
    except Violation as problem:
        print(f"mesh: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
