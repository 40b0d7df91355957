#!/usr/bin/env python3
"""Strikes daemons at random moments of linking and of deletion.

    tests/e2e/kill_loop.py --bin build/dev/bin [--iterations 100] [--seed N]
                           [--longest-stop SECONDS]

Mike generates a key; John enters it, and in every second round Tim enters the
same one at the same time. Somewhere on the way Mike's, John's or both daemons
are killed with -9 and started again, or stopped (SIGSTOP) for some time that
may be longer than a call may take. Then, whatever happened:

  * Mike and exactly one of the others are linked, or nobody is;
  * a key never links two accounts, not even for a moment;
  * after a delete, with another blow on its way, both still have the link or
    neither has; and an answered delete is never undone.

The random numbers are reproducible by --seed; the races are not.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import time

from accounts import FAILED, LINKED, PENDING, Violation, staged, state_of, until


class KillLoop:
    """The rounds."""

    def __init__(self, accounts, seed, longest_stop):
        self.mike, self.john, self.tim = accounts
        self.random = random.Random(seed)
        self.longest_stop = longest_stop
        self.kills = 0
        self.stops = 0
        self.linked_rounds = 0
        self.cut_short = 0  # Links that the blows came in time for.

    def strike_some(self, earliest, latest):
        """Strikes Mike, John or both, some time from now, and mends it."""
        victims = self.random.choice(
            [[self.mike], [self.john], [self.mike, self.john]])
        stopped = [v for v in victims if self.random.random() < 0.3]
        time.sleep(self.random.uniform(earliest, latest))
        for victim in victims:
            if victim in stopped:
                victim.freeze()
                self.stops += 1
            else:
                victim.kill()
                self.kills += 1
        for victim in victims:
            if victim not in stopped:
                victim.start()
        if stopped:
            time.sleep(self.random.uniform(0, self.longest_stop))
        for victim in stopped:
            victim.thaw()

    def round(self, number, link_seconds):
        name = f"round {number}"
        made = self.mike.ask("generate-key", name)
        key, interlink_id = made["key"], made["interlink"]["id"]
        redeemers = [self.john, self.tim] if number % 2 else [self.john]
        entering = [r.begin("--timeout", "20", "link", name, key)
                    for r in redeemers]
        self.strike_some(0.3 * link_seconds, 1.2 * link_seconds)
        for command in entering:
            command.communicate(timeout=60)
        if entering[0].returncode != 0:
            self.cut_short += 1

        partner = until("linked or not",
                        lambda: self.settled(interlink_id, redeemers))
        if partner is not True:
            self.linked_rounds += 1
            self.delete(partner, interlink_id, name)
        self.tidy()

    def settled(self, interlink_id, redeemers):
        """The account that Mike is linked with, True for none, False: wait."""
        states = [state_of(r, interlink_id) for r in redeemers]
        linked = [r for r, s in zip(redeemers, states) if s == LINKED]
        if len(linked) > 1:
            raise Violation(f"key {interlink_id} linked two accounts")
        if any(s not in (LINKED, FAILED, None) for s in states):
            return False
        issuer = self.mike.row(interlink_id)
        if issuer is None:
            raise Violation("the issuer's row is gone and nobody deleted it")
        if linked:
            if issuer["state"] != LINKED:
                return False
            if issuer["peer_account_id"] != linked[0].account_id:
                raise Violation("the issuer is linked with somebody else")
            return linked[0]
        return issuer["state"] == PENDING

    def delete(self, partner, interlink_id, name):
        """Deletes on one side with a blow on the way."""
        deleter, other = self.random.sample([self.mike, partner], 2)
        began = time.monotonic()
        command = deleter.begin("delete", name)
        self.strike_some(0, 0.05)
        words, _ = command.communicate(timeout=60)
        answered = command.returncode == 0

        def both_or_neither():
            here = state_of(deleter, interlink_id)
            there = state_of(other, interlink_id)
            if here is not None and answered:
                raise Violation(f"{deleter.name}'s answered delete is undone")
            if here is not None and there is None:
                return False  # The pull path has it next.
            return (here is None) == (there is None)

        until(f"{name} deleted on both or on neither side, "
              f"{time.monotonic() - began:.1f} s after: {words}",
              both_or_neither)

    def tidy(self):
        """What is left over is deleted, and then all three have nothing."""
        everybody = [self.mike, self.john, self.tim]
        for account in everybody:
            for row in account.rows():
                # Its peer's deletion may come first.
                account.begin("delete", row["name"]).communicate(timeout=60)
        until("everything deleted everywhere",
              lambda: not any(a.rows() for a in everybody))


def seconds_to_link(mike, john):
    """How long an undisturbed link takes here, to aim the kills at it."""
    key = mike.ask("generate-key", "measure")["key"]
    began = time.monotonic()
    john.ask("link", "measure", key)
    took = time.monotonic() - began
    john.ask("delete", "measure")
    until("the measured link deleted", lambda: not mike.rows())
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--longest-stop", type=float, default=2)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()

    print(f"seed {options.seed}")
    number = 0
    try:
        with staged(("mike", "john", "tim"), options.bin.resolve(), "kill",
                    scratch=options.scratch) as accounts:
            for account in accounts:
                account.start()
            loop = KillLoop(accounts, options.seed, options.longest_stop)
            link_seconds = seconds_to_link(accounts[0], accounts[1])
            for number in range(1, options.iterations + 1):
                loop.round(number, link_seconds)
    except (Violation, subprocess.TimeoutExpired) as problem:
        print(f"round {number}: {problem}")
        return 1
    print(f"{number} rounds, {loop.kills} kills, {loop.stops} stops, "
          f"{loop.cut_short} links cut short, {loop.linked_rounds} ended linked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
