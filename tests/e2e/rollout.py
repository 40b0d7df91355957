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
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from raw_grpc import (Connection, Refused, DATA, END_HEADERS, END_STREAM, HEADERS,
                      field, fields, frame, request_headers)

RESOLVE = "/interlink.v1.ResolverService/Resolve"
PATIENCE_SECONDS = 30


class Violation(Exception):
    pass


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


class Account:

    def __init__(self, name, programs, folder):
        self.name, self.programs, self.home = name, programs, folder / name
        self.home.mkdir()
        self.socket = self.home / "api.sock"
        self.port = 0
        self.process = None

    def start(self):
        (self.home / "ready").unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [self.programs / "interlinkd", "--data-dir", self.home / "data",
             "--account-name", self.name, "--http-listen", "none",
             "--federation-listen", f"127.0.0.1:{self.port}",
             "--api-socket", self.socket, "--ready-file", self.home / "ready"],
            stdout=subprocess.DEVNULL, stderr=open(self.home / "log", "a"))

    def await_ready(self):
        await_that(lambda: (self.home / "ready").exists(), f"{self.name} is ready")
        for line in (self.home / "ready").read_text().splitlines():
            if line.startswith("federation="):
                self.port = int(line.rpartition(":")[2])

    def stop(self):
        """SIGTERM; the seconds until it had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        if status != 0:
            raise Violation(f"{self.name} ended with {status}")
        return time.monotonic() - began

    def ask(self, *arguments):
        said = subprocess.run(
            [self.programs / "interlinkctl", "--api-socket", self.socket,
             "--output", "json", *arguments],
            capture_output=True, text=True, check=False)
        if said.returncode != 0:
            raise Violation(f"{self.name}: {arguments}: {said.stderr}")
        return json.loads(said.stdout or "{}")

    def is_in_step(self):
        return int(self.ask("status")["in_step_count"]) == 1

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def await_that(condition, claim, pause=0.02):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Violation(f"not in time: {claim}")
        time.sleep(pause)


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
        with Pbx(self.account.socket) as pbx:
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
        john.await_ready()
        await_that(mike.is_in_step, "Mike is in step again", 0.1)
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
            with Pbx(account.socket) as pbx:
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
            with Pbx(self.account.socket) as pbx:
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
            await_that(lambda a=answers: a.last > 0, "there are answers")
            mike.stop()
            ended = time.monotonic()
            answers.join()
            started = time.monotonic()
            mike.start()
            first = first_answer(mike, number)
            mike.await_ready()
            gaps.append(first - answers.last)
            exits.append(ended - answers.last)
            firsts.append(first - started)
            await_that(mike.is_in_step, "Mike is in step again", 0.1)
        figures |= {
            f"own_restart_{name}_gap_ms": 1000 * max(gaps),
            f"own_restart_{name}_last_answer_to_exit_ms": 1000 * max(exits),
            f"own_restart_{name}_start_to_answer_ms": 1000 * max(firsts),
        }
    return figures


def measure(mike, john, rounds, down):
    for account in (mike, john):
        account.start()
        account.await_ready()
    mike.ask("number", "add", "201", "--destination", "sip:reception@10.0.0.5")
    for n in range(50):
        john.ask("number", "add", str(300 + n), "--destination", "sip:x@10.1.0.5")
    key = mike.ask("generate-key", "john")["key"]
    john.ask("link", "mike", key)
    await_that(mike.is_in_step, "Mike is in step", 0.1)
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
    folder = pathlib.Path(tempfile.mkdtemp(prefix="interlink-rollout-"))
    mike, john = (Account(name, options.bin.resolve(), folder)
                  for name in ("mike", "john"))
    try:
        figures = measure(mike, john, options.rounds, options.down)
        for name, value in figures.items():
            print(f"{name}\t{value:.0f}")
        short = [name for name, most in LIMITS.items() if figures[name] > most]
        if options.figures and short:
            raise Violation(f"more than it may be: {short}")
        return 0
    except Violation as problem:
        print(f"rollout: {problem}", file=sys.stderr)
        for account in (mike, john):
            print(os.linesep.join((account.home / "log").read_text()
                                  .splitlines()[-5:]), file=sys.stderr)
        return 1
    finally:
        for account in (mike, john):
            account.kill()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
