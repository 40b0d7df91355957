#!/usr/bin/env python3
"""A peer that means harm, against a real daemon with an honest link.

    tests/e2e/hostile.py --bin build/release/bin [--quick] [--seed N]
                         [--attack REGEX] [--no-tell-apart]
                         [--growth MB] [--no-given-back]
                         [--daemon-flag=--redeem-limit=0 ...]

The daemon "victim" is linked with the honest "john", who all the time asks it
for a number. For each attack a line says what became of the attack, how much
memory and how many descriptors the daemon took before, at most and after, and
how the honest calls went. At last, whether answers that must not differ can be
told apart by their bytes or by their time. Ends with "ok" or with violations
and exit status 1; --daemon-flag takes a limit away, to see them. After an
attack that did harm the daemon is started again, so that the next begins with
one that is well. A flood is made twice: by a stranger, and by a linked peer.

--growth is what the daemon may take beyond its connections; a build with a
sanitizer needs more, and does not give it back.
"""

import argparse
import base64
import contextlib
import hashlib
import math
import multiprocessing
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import threading
import time

import attacks
import raw_grpc
from accounts import LINKED, Account, Violation, staged, until
from answer_timing import compare

# What the daemon may take while it is attacked, beyond what it took before:
# --growth, and so much for each connection that it holds.
MOST_KB_PER_CONNECTION = 128
# And what it may keep of that afterwards.
MOST_LEFT_KB = 24 * 1024
# gRPC's and ours, and one that is refused until it is closed.
DESCRIPTORS_PER_CONNECTION = 3
SPARE_DESCRIPTORS = 64
LEAST_SUCCESS = 0.99
# Of the honest calls that get through a second while nobody attacks. --quick has
# few of them, and runs beside other tests.
LEAST_THROUGHPUT = (0.2, 0.9)
SAMPLES = 2000
PROXY = "127.9.0.1"  # That the daemon trusts.
REDEEM_PAUSE = 0.055  # All sources together may guess twenty times a second.


class Figures:
    """The daemon's memory (kB) and descriptors; the most of both since
    begin()."""

    def __init__(self, process):
        self.folder = pathlib.Path(f"/proc/{process.pid}")
        self.peak = (0, 0)
        self.lock = threading.Lock()
        self.rounds = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def now(self):
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]), len(os.listdir(self.folder / "fd"))
        return 0, 0

    def begin(self):
        with self.lock:
            self.rounds += 1
            self.peak = self.now()

    def _watch(self):
        while True:
            rounds = self.rounds
            try:
                now = self.now()
            except OSError:
                return  # It has ended.
            with self.lock:
                # What was seen before begin() is of the attack before.
                if rounds == self.rounds:
                    self.peak = tuple(map(max, self.peak, now))
            time.sleep(0.05)


class HonestLoad:
    """John asks for one of the victim's numbers, twenty times a second, and
    past his mirror: each call goes to the victim. Runs in a process of its own,
    so that it does not wait for the attacker's."""

    def __init__(self, john):
        self.results, sender = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(
            target=self._run, args=(john, sender), daemon=True)
        self.process.start()
        self.calls = []
        threading.Thread(target=self._collect, daemon=True).start()

    @staticmethod
    def _run(john, sender):
        while True:
            began = time.monotonic()
            command = john.begin("resolve", "201", "--bypass-mirror")
            words, _ = command.communicate()
            took = time.monotonic() - began
            ok = command.returncode == 0 and '"stale":true' not in words
            sender.send((began, took, ok, words))
            time.sleep(max(0, 0.05 - took))

    def _collect(self):
        """All the time: when the pipe is full, John waits."""
        with contextlib.suppress(EOFError, OSError):  # At the end.
            while True:
                self.calls.append(self.results.recv())

    def since(self, began):
        """The calls that began since then."""
        return [c for c in list(self.calls) if c[0] >= began]


def percentile(values, share):
    return sorted(values)[math.ceil(share * len(values)) - 1]


class Siege:
    """The attacks, one after the other, and what they came to."""

    def __init__(self, victim, honest, third, folder, options):
        self.victim = victim
        self.honest = honest
        self.third = third
        self.options = options
        self.identity = raw_grpc.Identity(folder, "outsider")
        self.folder = folder
        self.john_id = victim.rows()[0]["id"]
        self.address = ("127.0.0.1", victim.port)
        self.figures = Figures(victim.process)
        self.load = HonestLoad(honest)
        self.violations = []
        self.seconds = 2 if options.quick else 10
        self.proxy = PROXY
        self.linked = None  # Who attacks, and his link, if he is a peer.
        self.peers = 0

    def scale(self, quick, full):
        return quick if self.options.quick else full

    def violation(self, words):
        self.violations.append(words)
        print(f"VIOLATION: {words}")

    def expect(self, holds, words):
        if not holds:
            self.violation(words)

    def connect(self, source=None, timeout=10):
        """A connection of whoever attacks."""
        if self.linked is None:
            return raw_grpc.Connection(
                self.address, self.identity.context(), source, timeout)
        identity, key = self.linked
        connection = raw_grpc.Connection(
            self.address, identity.context(), source, timeout)
        try:
            connection.call("Lookup", raw_grpc.field(1, key.interlink_id))
        except BaseException:
            connection.close()
            raise
        return connection

    def attack_as_peer(self, name, function):
        """By somebody who was linked for it, because what one did is held
        against him for a minute."""
        self.peers += 1
        peer = f"peer-{self.peers}"
        identity = raw_grpc.Identity(self.folder, peer)
        self.linked = identity, self.link(identity, peer)[0]
        self.attack(name + ", linked", function)
        self.linked = None
        if function in attacks.TOLD:
            told = [event["interlink_name"] for event in
                    self.victim.ask("events")["events"]
                    if event["kind"] == "PEER_FLOODED"]
            self.expect(told.count(peer) == 1,
                        f"{name}: {peer} is told of {told.count(peer)} times")

    def attack(self, name, function):
        known = len(self.violations)
        before = self.figures.now()
        self.figures.begin()
        began = time.monotonic()
        try:
            outcome, connections = function(self)
        except (OSError, raw_grpc.Refused, Violation) as problem:
            outcome, connections = repr(problem), 0
            self.violation(f"{name}: {problem!r}")
        # At least so long, to have enough honest calls to judge by.
        time.sleep(max(0, self.seconds - (time.monotonic() - began)))
        seconds = time.monotonic() - began
        calls = self.load.since(began)
        peak = self.figures.peak
        after = self.settled(before)
        self.report(name, before, peak, after, calls, outcome)
        most = (before[0] + self.options.growth * 1024 +
                MOST_KB_PER_CONNECTION * connections)
        self.expect(peak[0] <= most, f"{name}: {peak[0]} kB, more than {most}")
        most = before[0] + MOST_LEFT_KB
        self.expect(after[0] <= most or not self.options.given_back,
                    f"{name}: {after[0]} kB are left, more than {most}")
        most = (before[1] + SPARE_DESCRIPTORS +
                DESCRIPTORS_PER_CONNECTION * connections)
        self.expect(peak[1] <= most,
                    f"{name}: {peak[1]} descriptors, more than {most}")
        self.expect(after[1] <= before[1] + SPARE_DESCRIPTORS,
                    f"{name}: {after[1]} descriptors are left of {peak[1]}")
        self.expect(self.victim.process.poll() is None, f"{name}: it ended")
        good = [c for c in calls if c[2]]
        self.expect(calls and len(good) >= LEAST_SUCCESS * len(calls),
                    f"{name}: {len(calls) - len(good)} of {len(calls)} honest "
                    f"calls failed: {[c[3] for c in calls if not c[2]][:1]}")
        least = self.scale(*LEAST_THROUGHPUT) * self.quiet
        self.expect(len(good) / seconds >= least,
                    f"{name}: {len(good) / seconds:.1f} honest calls a second "
                    f"instead of {self.quiet:.1f}")
        if len(self.violations) > known:
            self.renew()

    def renew(self):
        self.victim.kill()
        self.victim.start()
        self.figures = Figures(self.victim.process)
        began = time.monotonic()
        # Else the next attack would be blamed for what this one has stopped.
        until("the honest calls go as they did before",
              lambda: self.is_calm_since(began))

    def is_calm_since(self, began):
        """Whether the latest honest calls went well, a second's worth of them,
        and as fast as while nobody attacks."""
        few = math.ceil(self.quiet) + 1
        calls = self.load.since(began)[-few:]
        if len(calls) < few or not all(c[2] for c in calls):
            return False
        rate = (few - 1) / (calls[-1][0] - calls[0][0])
        return rate >= self.scale(*LEAST_THROUGHPUT) * self.quiet

    def settled(self, before):
        """The figures once the attacker's connections are gone, or 10 s later."""
        deadline = time.monotonic() + 10
        while True:
            after = self.figures.now()
            is_settled = (after[1] <= before[1] + SPARE_DESCRIPTORS and
                          (after[0] <= before[0] + MOST_LEFT_KB or
                           not self.options.given_back))
            if is_settled or time.monotonic() > deadline:
                return after
            time.sleep(0.1)

    def report(self, name, before, peak, after, calls, outcome):
        took = [c[1] * 1000 for c in calls] or [0]
        good = sum(c[2] for c in calls) / max(1, len(calls))
        memory = "/".join(f"{f[0] / 1024:.0f}" for f in (before, peak, after))
        descriptors = "/".join(str(f[1]) for f in (before, peak, after))
        print(f"{name:32} {memory:>12} {descriptors:>17} {good:>7.1%} "
              f"{statistics.median(took):>6.1f} {percentile(took, 0.99):>7.1f}"
              f"  {outcome}", flush=True)

    def link(self, identity, name):
        """Somebody becomes a peer, with a key that was meant for him."""
        key = raw_grpc.Key(self.victim.ask("generate-key", name)["key"])
        request = key.redeem(identity, name)
        with raw_grpc.Connection(self.address, identity.context()) as c:
            c.call("Redeem", request)
        return key, request

    def run(self):
        self.quiet = self.calm()
        self.mallory = raw_grpc.Identity(self.folder, "mallory")
        self.key, self.recorded = self.link(self.mallory, "mallory")
        for function in attacks.ALL:
            name = function.__name__.replace("_", " ")
            if re.search(self.options.attack, name):
                self.attack(name, function)
                if function in attacks.FLOODS:
                    self.attack_as_peer(name, function)
        self.calm()

    def calm(self):
        """How many honest calls a second there are."""
        began = time.monotonic()
        time.sleep(self.seconds)
        now = self.figures.now()
        calls = self.load.since(began)
        self.report("(nothing)", now, now, now, calls, "")
        return len(calls) / (time.monotonic() - began)


def linking_id(victim):
    """Of a row that stays LINKING, because the key's issuer is nowhere."""
    interlink_id = os.urandom(16)
    key = (raw_grpc.field(1, interlink_id) +
           raw_grpc.field(2, os.urandom(32)) +
           raw_grpc.field(3, os.urandom(16)) +
           raw_grpc.field(4, os.urandom(32)) +
           raw_grpc.field(5, "127.0.0.1:1"))
    key += hashlib.sha256(key).digest()[:4]
    text = "ilk1_" + base64.urlsafe_b64encode(key).decode().rstrip("=")
    victim.begin("link", "nobody", text)
    until("the row is there", lambda: victim.row(interlink_id.hex()))
    return interlink_id


def comparisons(victim, folder, options):
    """What must not be told apart, one after the other. The daemon has no limit
    on lookups, because this takes more of them than any allows."""
    seed = options.seed
    number = ["number", "add", "--destination", "sip:201@10.0.0.5"]
    victim.ask(*number, "202", "--private")
    key = raw_grpc.Key(victim.ask("generate-key", "mallory")["key"])
    pending = raw_grpc.Key(victim.ask("generate-key", "pending")["key"])
    mallory = raw_grpc.Identity(folder, "mallory")
    link = raw_grpc.field(1, key.interlink_id)
    with raw_grpc.Connection(key.address, mallory.context()) as connection:
        connection.call("Redeem", key.redeem(mallory))

        def lookup(digits):
            message = link + raw_grpc.field(2, digits)
            return lambda: connection.call("Lookup", message)

        def terminate():
            return connection.call("Terminate", raw_grpc.field(1, os.urandom(16)))

        def redeem(interlink_id):
            """With a proof of another secret."""
            message = pending.redeem(mallory)[18:-32] + bytes(32)
            message = raw_grpc.field(1, interlink_id) + message

            def ask():
                try:
                    return connection.call("Redeem", message)
                except raw_grpc.Refused as refusal:
                    return f"{refusal.status} {refusal.message}"
            return ask

        yield compare("Lookup, private and absent",
                      (lookup("202"), lookup("203")), SAMPLES, seed)
        # The control: that two calls are not the same one has to be found.
        # With a pause, because the event loop's work has a budget.
        control = compare("Lookup and Terminate (control)",
                          (lookup("203"), terminate), 150, seed, REDEEM_PAUSE)
        control.same_bytes = True
        print(control)
        if not control.can_be_told_apart():
            raise Violation("no difference at all is found by time")

        def stranger(interlink_id):
            message = (raw_grpc.field(1, interlink_id) +
                       raw_grpc.field(3, bytes(32)))

            def ask():
                try:
                    return connection.call("Lookup", message)
                except raw_grpc.Refused as refusal:
                    return f"{refusal.status} {refusal.message}"
            return ask

        for name, known in (("linking", linking_id(victim)),
                            ("pending", pending.interlink_id)):
            yield compare(f"Lookup, {name} and unknown id",
                          (stranger(known), stranger(os.urandom(16))),
                          150, seed, REDEEM_PAUSE)
        yield compare("Redeem, wrong proof and unknown id",
                      (redeem(pending.interlink_id), redeem(os.urandom(16))),
                      150 if options.quick else SAMPLES, seed, REDEEM_PAUSE)


def tell_apart(programs, folder, options):
    victim = Account("timed", programs, folder)
    victim.extra = ["--lookup-limit", "0", "--redeem-limit", "0"]
    victim.start()
    try:
        victim.ask("number", "add", "201", "--destination", "sip:201@10.0.0.5")
        for comparison in comparisons(victim, folder, options):
            print(comparison)
            if comparison.can_be_told_apart():
                yield f"can be told apart: {comparison}"
    finally:
        victim.kill()


def besiege(victim, john, tim, options):
    """What broke a rule."""
    victim.extra = ["--trusted-proxies", PROXY, *options.daemon_flag]
    for account in (victim, john, tim):
        account.start()
    victim.ask("number", "add", "201", "--destination", "sip:201@10.0.0.5")
    john.ask("link", "victim", victim.ask("generate-key", "john")["key"])
    folder = victim.folder.parent
    siege = Siege(victim, john, tim, folder, options)
    os.nice(19)  # It is the daemon's strength that is measured.
    print(f"{'attack':32} {'memory MB':>12} {'descriptors':>17} "
          f"{'honest':>7} {'p50 ms':>6} {'p99 ms':>7}  outcome")
    siege.run()
    violations = siege.violations
    if options.tell_apart:
        violations += tell_apart(options.bin.resolve(), folder, options)
    if victim.row(siege.john_id)["state"] != LINKED:
        violations.append("the honest link is gone")
    return violations


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--attack", default="")
    parser.add_argument("--growth", type=int, default=64)
    parser.add_argument("--given-back", default=True,
                        action=argparse.BooleanOptionalAction)
    parser.add_argument("--tell-apart", default=True,
                        action=argparse.BooleanOptionalAction)
    parser.add_argument("--daemon-flag", action="append", default=[])
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    print(f"seed {options.seed}")
    try:
        with staged(("victim", "john", "tim"), options.bin.resolve(), "hostile",
                    scratch=options.scratch) as accounts:
            violations = besiege(*accounts, options)
    except (Violation, subprocess.TimeoutExpired) as problem:
        violations = [str(problem)]
    print("\n".join(violations) or "ok")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
