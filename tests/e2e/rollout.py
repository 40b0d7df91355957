#!/usr/bin/env python3
"""What a restart costs, measured on real daemons under a load of Resolve calls.

    rollout.py --bin build/release/bin [--rounds 3] [--down SECONDS] [--figures]

Two linked accounts; Mike's PBX asks without pause. First John's daemon is restarted
(a peer's rolling restart): no answer may be lost, because Mike has John's numbers in
his mirror. --down keeps it away for longer in the last round, as a pod is that waits
for its volume. Then Mike's own is: the time without answers, and what it is made of.
Prints what was measured, tab separated. Times are judged only with --figures.
"""

import argparse
import itertools
import pathlib
import socket
import sys
import threading
import time

from accounts import Violation, staged, until
from raw_grpc import (Connection, Refused, DATA, END_HEADERS, END_STREAM, HEADERS,
                      field, fields, frame, request_headers)

RESOLVE = "/interlink.v1.ResolverService/Resolve"
PATIENCE_SECONDS = 30


class Pbx(Connection):
    """A connection of the PBX, to the daemon's unix socket."""

    def __init__(self, path, timeout=5):  # pylint: disable=super-init-not-called
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(timeout)
        plain.connect(str(path))
        self.greet(plain)

    def resolve(self, number):
        """The Resolution: its fields."""
        stream = next(self.streams)
        message = field(1, number)
        self.send(frame(HEADERS, END_HEADERS, stream, request_headers(RESOLVE)) +
                  frame(DATA, END_STREAM, stream,
                        b"\0" + len(message).to_bytes(4, "big") + message))
        return fields(fields(self.answer(stream))[1][0])


def is_in_step(account):
    return int(account.ask("status")["in_step_count"]) == 1


class Load(threading.Thread):
    """Asks for numbers, one after the other, until it is told to stop."""

    def __init__(self, account, numbers):
        super().__init__(daemon=True)
        self.account, self.numbers = account, numbers
        self.calls = self.stale = 0
        self.slowest = 0.0
        self.failures = []
        self.over = threading.Event()
        self.start()

    def run(self):
        with Pbx(self.account.folder / "api.sock") as pbx:
            for number in itertools.cycle(self.numbers):
                if self.over.is_set():
                    return
                began = time.monotonic()
                try:
                    resolution = pbx.resolve(number)
                    if 2 not in resolution:
                        raise Refused(None, "no route")
                    self.stale += 4 in resolution
                # Also what is wrong with this program: a load that is gone
                # would lose nothing.
                except Exception as problem:  # pylint: disable=W0718
                    self.failures.append(f"{number}: {problem!r}")
                    return
                self.calls += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                time.sleep(0.001)  # Bounded: a thousand a second at most.

    def end(self):
        self.over.set()
        self.join()


def restart_peer(mike, john, rounds, down):
    """John's daemon is restarted while Mike's PBX asks for John's numbers."""
    loads = [Load(mike, [str(300 + n) for n in range(first, 50, 2)])
             for first in range(2)]
    stops, greens = [], []
    for left in reversed(range(rounds)):
        stops.append(john.stop())
        time.sleep(0 if left else down)
        began = time.monotonic()
        john.start()
        until("Mike is in step again", lambda: is_in_step(mike), PATIENCE_SECONDS)
        greens.append(time.monotonic() - began)
    for load in loads:
        load.end()
    failures = [failure for load in loads
                for failure in load.failures or
                ([] if load.calls else ["nothing was asked"])]
    if failures:
        raise Violation(f"answers were lost: {failures}")
    return {
        "peer_restart_calls": sum(load.calls for load in loads),
        "peer_restart_failures": 0,
        "peer_restart_stale": sum(load.stale for load in loads),
        "peer_restart_slowest_ms": 1000 * max(load.slowest for load in loads),
        "peer_sigterm_to_exit_ms": 1000 * max(stops),
        "peer_start_to_in_step_ms": 1000 * max(greens),
    }


def first_answer(account, number):
    """When the daemon, which was just started, has answered."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with Pbx(account.folder / "api.sock") as pbx:
                if 2 in pbx.resolve(number):
                    return time.monotonic()
        except (Refused, OSError):
            pass
        if time.monotonic() > deadline:
            raise Violation(f"{account.name} does not answer for {number}")
        time.sleep(0.001)


class Answers(threading.Thread):
    """Notes when the last answer before the end of a daemon came."""

    def __init__(self, account, number):
        super().__init__(daemon=True)
        self.account, self.number = account, number
        self.last = 0.0
        self.start()

    def run(self):
        try:
            with Pbx(self.account.folder / "api.sock") as pbx:
                while True:
                    pbx.resolve(self.number)
                    self.last = time.monotonic()
        except (Refused, OSError):
            pass


def restart_self(mike, rounds):
    """Mike's own daemon is restarted: for a local number, and for John's."""
    figures = {}
    for name, number in (("local", "201"), ("peer", "300")):
        gaps, exits, firsts = [], [], []
        for _ in range(rounds):
            answers = Answers(mike, number)
            until("there are answers", lambda a=answers: a.last > 0, PATIENCE_SECONDS)
            mike.stop()
            ended = time.monotonic()
            answers.join()
            started = time.monotonic()
            mike.spawn()
            first = first_answer(mike, number)
            gaps.append(first - answers.last)
            exits.append(ended - answers.last)
            firsts.append(first - started)
            until("Mike is in step again", lambda: is_in_step(mike), PATIENCE_SECONDS)
        figures |= {
            f"own_restart_{name}_gap_ms": 1000 * max(gaps),
            f"own_restart_{name}_last_answer_to_exit_ms": 1000 * max(exits),
            f"own_restart_{name}_start_to_answer_ms": 1000 * max(firsts),
        }
    return figures


def measure(mike, john, rounds, down):
    for account in (mike, john):
        account.start()
    mike.ask("number", "add", "201", "--destination", "sip:reception@10.0.0.5")
    for n in range(50):
        john.ask("number", "add", str(300 + n), "--destination", "sip:x@10.1.0.5")
    key = mike.ask("generate-key", "john")["key"]
    john.ask("link", "mike", key)
    until("Mike is in step", lambda: is_in_step(mike), PATIENCE_SECONDS)
    return restart_peer(mike, john, rounds, down) | restart_self(mike, rounds)


LIMITS = {
    "peer_restart_slowest_ms": 850,
    "peer_sigterm_to_exit_ms": 2000,
    "own_restart_local_start_to_answer_ms": 300,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--down", type=float, default=0)
    parser.add_argument("--figures", action="store_true")
    options = parser.parse_args()
    try:
        with staged(("mike", "john"), options.bin.resolve(), "rollout") as accounts:
            figures = measure(*accounts, options.rounds, options.down)
    except Violation as problem:
        print(f"rollout: {problem}", file=sys.stderr)
        return 1
    for name, value in figures.items():
        print(f"{name}\t{value:.0f}")
    above = [name for name, most in LIMITS.items() if figures[name] > most]
    if options.figures and above:
        print(f"rollout: more than it may be: {above}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
