#!/usr/bin/env python3
"""Kills or stops a daemon at each failpoint (store/failpoint.h).

    tests/e2e/failpoints.py --bin build/dev/bin [--all] [--filter REGEX]
                            [--jobs N]

Each blow is a story of its own: Mike generates a key, John enters it, John
resolves Mike's number, one of them deletes; one of the two daemons dies on the
way, and is started again at once. Nobody generates a second key. Then:

  * what was answered OK stands, at once and afterwards;
  * an attempt that was stored ends linked on both sides, and one that was not
    leaves the key as good as it was;
  * both sides turn green, and John gets Mike's number;
  * a deletion that was answered is over here at once, ends on both sides, is
    confirmed, and stays so (with --all also when both are killed once more);
  * no daemon takes its store for an older copy of itself, or comes back as
    another account;
  * it really died there.

A blow that stops instead of killing ends after two seconds, and with --all
when the other side has turned amber. --all also repeats every blow in each
role, and for commits and files at each of their times. Exits with 77 if the
build has no failpoints.
"""

import argparse
import concurrent.futures
import dataclasses
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from accounts import LINKED, PENDING, Account, Violation, until

NAME = "the link"
NUMBER = "301"
AMBER = "INDICATOR_AMBER"
GREEN = "INDICATOR_GREEN"
STOP_SECONDS = 2  # In a short run.
LATE_SECONDS = 6  # More than a call may take, for a peer that has no link yet.
AMBER_SECONDS = 45
COMPLAINTS = re.compile(
    r"Sanitizer|runtime error:|Check failed|terminate called")

# Who is struck at a failpoint, by the part he has in linking or in deleting, and
# at which times of passing it. Everybody makes a number of commits on the way.
LINKERS = {"issuer": (1,), "redeemer": (1,)}
STRUCK = {
    "commit/unwritten": {"issuer": range(1, 8), "redeemer": range(1, 7)},
    "commit/synced": {"issuer": range(1, 8), "redeemer": range(1, 7)},
    "backup/copied": {"keeper": (1,)},
    "restore/copied": {"restorer": (1,)},
    "restore/moved": {"restorer": (1,)},
    "start/unidentified": LINKERS,
    "start/unready": LINKERS,
    "redeem/unsent": {"redeemer": (1,)},
    "redeem/sent": {"redeemer": (1,)},
    "redeem/answered": {"redeemer": (1,)},
    "redeem/established": {"redeemer": (1,)},
    "issue/received": {"issuer": (1,)},
    "issue/linked": {"issuer": (1,)},
    "delete/committed": {"deleter": (1,)},
    "delete/undelivered": {"deleter": (1,)},
    "delete/received": {"deleted": (1,)},
    "delete/confirming": {"deleted": (1,)},
    "delete/settling": {"deleter": (1,)},
    "generation/unwritten": {"issuer": (1, 2), "redeemer": (1, 2)},
    "generation/unrenamed": {"issuer": (1, 2), "redeemer": (1, 2)},
    "session/greeted": LINKERS,
    "session/introduced": LINKERS,
}
# Of those that are passed often, what a short run has; and where it stops.
SHORT_HITS = {
    ("commit/unwritten", "issuer"): (5,),
    ("commit/unwritten", "redeemer"): (4,),
    ("commit/synced", "issuer"): (3, 6),
    ("commit/synced", "redeemer"): (3, 6),
}
SHORT_STOPS = {("issue/linked", "issuer"), ("delete/committed", "deleter")}


@dataclasses.dataclass(frozen=True)
class Blow:
    """Which daemon is struck, where, and how."""

    failpoint: str
    hit: int
    action: str  # "kill" or "stop".
    role: str
    deleter: str  # "issuer" or "redeemer".

    def __str__(self):
        return (f"{self.failpoint}:{self.hit}:{self.action} of the {self.role},"
                f" deleted by the {self.deleter}")

    def victim(self):
        """Mike's part ("issuer") or John's."""
        others = {"issuer": "redeemer", "redeemer": "issuer"}
        return {"deleter": self.deleter, "deleted": others[self.deleter],
                "keeper": "issuer", "restorer": "issuer"}.get(
                    self.role, self.role)


def blows(everything):
    """All there are, or those of a short run."""
    turn = itertools.cycle(LINKERS)
    for failpoint, roles in STRUCK.items():
        for role, hits in roles.items():
            if not everything:
                hits = SHORT_HITS.get((failpoint, role), (1,))
            for hit in hits:
                for deleter in LINKERS if everything else (next(turn),):
                    yield Blow(failpoint, hit, "kill", role, deleter)
            if role != "restorer" and (
                    everything or (failpoint, role) in SHORT_STOPS):
                yield Blow(failpoint, hits[0], "stop", role, next(turn))


class StruckAccount(Account):
    """An account whose daemon dies or stops at a failpoint, once."""

    def __init__(self, name, programs, folder):
        super().__init__(name, programs, folder)
        self.hits = 0
        self.is_stopped = False
        self.blow = None
        self.hold = None  # Called while it is stopped, and returns why not.
        self.problem = None

    def arm(self, blow, hold):
        self.blow, self.hold = blow, hold

    def start(self):
        super().start()
        self.check_end()

    def spawn(self):
        if self.process is not None:
            self.check_end()
        self.environment = {}
        if self.blow and not self.hits:
            self.environment["INTERLINK_FAILPOINT"] = (
                f"{self.blow.failpoint}:{self.blow.hit}:{self.blow.action}")
        super().spawn()
        if self.blow and self.blow.action == "stop":
            threading.Thread(target=self._go_on, args=(self.process,)).start()

    def check_end(self):
        """A daemon that has ended was killed by its failpoint, no other way."""
        status = self.process.poll()
        if status is None or self.blow is None:
            return
        if status != -signal.SIGKILL or self.blow.action != "kill":
            raise Violation(f"{self.name}'s daemon ended with {status}")
        self.hits = 1

    def _go_on(self, process):
        """Waits until the daemon has stopped, holds it, and lets it go on."""
        stat = pathlib.Path(f"/proc/{process.pid}/stat")
        while process.poll() is None:
            try:
                state = stat.read_text().rsplit(")", 1)[1].split()[0]
            except OSError:  # It has just ended.
                return
            if state == "T":
                self.is_stopped = True
                self.hits = 1
                try:
                    self.problem = self.hold()
                except Violation as problem:
                    self.problem = str(problem)
                process.send_signal(signal.SIGCONT)
                self.is_stopped = False
                return
            time.sleep(0.01)

    def revive(self):
        """Starts a daemon that has died."""
        if self.process.poll() is not None:
            self.start()

    def again(self):
        """Killed once more, by us, and started."""
        self.blow = None
        self.kill()
        self.start()

    def begin(self, *arguments):
        return super().begin("--timeout", "60", *arguments)


class Story:
    """One link, from its key to its deletion, with one blow on the way."""

    def __init__(self, blow, programs, folder, patient):
        self.blow = blow
        self.programs = programs
        self.patient = patient
        self.folder = folder
        self.issuer = StruckAccount("mike", programs, folder)
        self.redeemer = StruckAccount("john", programs, folder)
        self.accounts = [self.issuer, self.redeemer]
        self.deleter = getattr(self, blow.deleter)
        self.other = next(a for a in self.accounts if a is not self.deleter)

    # What the administrators do, and the daemons that die under their hands.

    def revive(self):
        for account in self.accounts:
            if account.process:
                account.revive()

    def ask(self, account, *arguments):
        """Exit status and answer of a command, None if its daemon was struck.

        Nobody asks a daemon that is stopped: it may answer, or time out.
        """
        while account.is_stopped:
            time.sleep(0.05)
        self.revive()
        hits = account.hits
        command = account.begin(*arguments)
        while command.poll() is None:
            self.revive()
            time.sleep(0.02)
        words = command.stdout.read()
        self.revive()
        if command.returncode and account.hits != hits:
            return None, None
        return command.returncode, json.loads(words) if words.strip() else {}

    def order(self, account, *arguments):
        """The answer of a command that is good; None if there was none."""
        status, answer = self.ask(account, *arguments)
        if status not in (0, None):
            raise Violation(f"{account.name}: {arguments[0]} ended with "
                            f"{status}: {answer}")
        return answer

    def order_again(self, account, *arguments):
        """The answer; given again if the daemon dies, which changes nothing."""
        while True:
            answer = self.order(account, *arguments)
            if answer is not None:
                return answer

    def row(self, account):
        """The one row that there may be."""
        rows = self.order_again(account, "list").get("interlinks", [])
        if len(rows) > 1:
            raise Violation(f"{account.name} has {len(rows)} rows")
        return rows[0] if rows else None

    def state(self, account):
        row = self.row(account)
        return row["state"] if row else None

    def is_linked(self, account):
        other = next(a for a in self.accounts if a is not account)
        row = self.row(account)
        if row and row["state"] == LINKED and (
                row["peer_account_id"] != other.account_id):
            raise Violation(f"{account.name} is linked with somebody else")
        return row is not None and row["state"] == LINKED

    def until(self, what, condition):
        """Asks often at first: every question starts a program."""
        pauses = itertools.chain((0.02, 0.05, 0.1, 0.2), itertools.repeat(0.4))
        until(what, lambda: condition() or time.sleep(next(pauses)))

    def has_copy(self):
        """Whether a backup is made and put back in this story."""
        return self.blow.role in ("keeper", "restorer")

    # The story.

    def run(self):
        victim = getattr(self, self.blow.victim())
        peer = next(a for a in self.accounts if a is not victim)
        if self.blow.role != "restorer":
            victim.arm(self.blow, lambda: self.hold(peer))
        for account in self.accounts:
            account.start()
        self.add_number()
        self.link(self.generate())
        self.call()
        if self.has_copy():
            self.put_back()
        self.delete()
        self.stays_deleted()
        if not victim.hits:
            raise Violation("nothing came by the failpoint")
        if victim.problem:
            raise Violation(victim.problem)
        for account in self.accounts:
            self.check_log(account)

    def check_log(self, account):
        log = (account.folder / "log").read_text(errors="replace")
        complaint = COMPLAINTS.search(log)
        if complaint:
            raise Violation(f"{account.name}'s log: {complaint[0]}")
        is_copy = self.has_copy() and account is self.issuer
        if ("pending keys are void" in log) != is_copy:
            raise Violation(f"{account.name} was {'' if is_copy else 'not '}"
                            "restored from a copy, and its log says otherwise")
        if len(set(re.findall("account_id ([0-9a-f]{32})", log))) != 1:
            raise Violation(f"{account.name} has been several accounts")

    def hold(self, peer):
        """How long a daemon is stopped."""
        began = time.monotonic()
        while self.patient:
            rows = peer.rows() if peer.at else []
            if any(row["indicator"] == AMBER for row in rows):
                return None
            seconds = time.monotonic() - began
            if not any(r["state"] == LINKED for r in rows):
                if seconds > LATE_SECONDS:
                    return None
            elif seconds > AMBER_SECONDS:
                return f"not amber after {AMBER_SECONDS} s"
            time.sleep(0.2)
        time.sleep(STOP_SECONDS)
        return None

    def add_number(self):
        add = ("number", "add", NUMBER, "--destination", "sip:301@10.0.0.5")
        if self.order(self.issuer, *add) is None and not self.has_number():
            self.order_again(self.issuer, *add)

    def has_number(self):
        numbers = self.order_again(self.issuer, "number", "list")
        return NUMBER in [n["number"] for n in numbers.get("numbers", [])]

    def generate(self):
        made = self.order(self.issuer, "generate-key", NAME)
        if made is None and self.row(self.issuer):
            # It was not answered, but it is there and can be shown.
            made = self.order_again(self.issuer, "show-key", NAME)
        return (made or self.order_again(self.issuer, "generate-key",
                                         NAME))["key"]

    def link(self, key):
        enter = ("link", NAME, key)
        if self.order(self.redeemer, *enter) is not None:
            for account in self.accounts:
                if not self.is_linked(account):
                    raise Violation("the link was answered, and "
                                    f"{account.name} does not have it")
        elif self.state(self.redeemer) is None:
            if self.state(self.issuer) != PENDING:
                raise Violation("the issuer is linked with nobody")
            self.order_again(self.redeemer, *enter)
        for account in self.accounts:
            self.until(f"{account.name} linked",
                       lambda account=account: self.is_linked(account))

    def call(self):
        for account in self.accounts:
            self.until(f"{account.name} green", lambda account=account: (
                self.row(account)["indicator"] == GREEN))
        self.until("the number resolves", self.resolves)

    def resolves(self):
        status, answer = self.ask(self.redeemer, "resolve", NUMBER)
        resolution = answer["resolution"] if status == 0 else {}
        return bool(resolution.get("routes")) and not resolution.get("stale")

    def delete(self):
        answer = self.order(self.deleter, "delete", NAME)
        if answer is None and self.row(self.deleter):
            answer = self.order_again(self.deleter, "delete", NAME)
        if self.row(self.deleter):
            raise Violation("an answered deletion is not done")
        self.until(f"{self.other.name} deleted it too",
                   lambda: not self.row(self.other))
        for account in self.accounts:
            self.until(f"{account.name} has told of it", lambda a=account: (
                "undeliveredRemovalCount" not in self.order_again(a, "status")))

    def stays_deleted(self):
        if self.patient or self.blow.failpoint.startswith("generation/"):
            for account in self.accounts:
                account.again()
        for account in self.accounts:
            if self.row(account):
                raise Violation(f"{account.name} has the deleted row again")
        if not self.has_number():
            raise Violation("the number that was added is gone")
        status, _ = self.ask(self.redeemer, "resolve", NUMBER)
        if status != 3:
            raise Violation(f"the deleted link's number: exit status {status}")

    # A backup is made, the store is lost, the backup is put back.

    def put_back(self):
        backup = self.folder / "backup"
        if self.order(self.issuer, "backup", str(backup)) is None:
            if backup.exists():
                raise Violation("half a backup has the name of a whole one")
            shutil.rmtree(f"{backup}.partial")
            self.order_again(self.issuer, "backup", str(backup))
        self.issuer.blow = None
        self.issuer.kill()
        data = self.issuer.folder / "data"
        data.rename(self.issuer.folder / "lost")
        if self.blow.role == "restorer":
            self.restore_is_cut_short(backup, data)
        self.interlinkd(0, "restore", "--from", backup, "--data-dir", data)
        self.issuer.start()
        self.call()

    def restore_is_cut_short(self, backup, data):
        restore = ("restore", "--from", backup, "--data-dir", data)
        self.interlinkd(-signal.SIGKILL, *restore, environment={
            "INTERLINK_FAILPOINT": f"{self.blow.failpoint}:1:kill"})
        self.issuer.hits = 1
        # One that is refused does not make it good.
        self.interlinkd(1, "restore", "--from", self.issuer.folder / "lost",
                        "--data-dir", data)
        words = self.interlinkd(1, "--data-dir", data, "--api-socket",
                                self.issuer.folder / "api.sock")
        if "cut short" not in words:
            raise Violation(f"half a restore is started: {words}")

    def interlinkd(self, status, *arguments, environment=None):
        """What it says; it ends with that status."""
        done = subprocess.run([self.programs / "interlinkd", *arguments],
                              env={**os.environ, **(environment or {})},
                              timeout=60, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != status:
            raise Violation(f"interlinkd {arguments[0]} ended with "
                            f"{done.returncode}: {done.stdout}")
        return done.stdout

    def end(self):
        for account in self.accounts:
            account.blow = None
            if account.process and account.process.poll() is None:
                account.kill()


def failpoints(programs):
    """The names that this build knows."""
    asked = subprocess.run([programs / "interlinkd", "--version"],
                           env={**os.environ, "INTERLINK_FAILPOINT": "?"},
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           text=True, timeout=60)
    return re.findall(r"^  (\S+)$", asked.stderr, re.MULTILINE)


def tell(blow, options, folder):
    """Runs one story; what is wrong, or None, and how long it took."""
    began = time.monotonic()
    story = Story(blow, options.bin.resolve(), folder, options.all)
    try:
        story.run()
        problem = None
    except (Violation, subprocess.TimeoutExpired) as violation:
        problem = violation
    finally:
        story.end()
    return problem, time.monotonic() - began


def strike(chosen, options, folder):
    """Runs the stories; how many went wrong."""
    wrong = 0
    longest = 0.0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        told = {pool.submit(tell, blow, options, folder / str(number)): blow
                for number, blow in enumerate(chosen)}
        for done in concurrent.futures.as_completed(told):
            problem, seconds = done.result()
            longest = max(longest, seconds)
            if problem:
                wrong += 1
                print(f"FAILED: {told[done]}: {problem}", flush=True)
    kills = sum(blow.action == "kill" for blow in chosen)
    print(f"{kills} kills and {len(chosen) - kills} stops at "
          f"{len({blow.failpoint for blow in chosen})} failpoints, "
          f"{wrong} went wrong; the longest took {longest:.0f} s")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--filter", default=".")
    parser.add_argument("--jobs", type=int, default=8)
    options = parser.parse_args()
    known = failpoints(options.bin)
    if not known:
        print("this build has no failpoints; that of the preset dev has")
        return 77
    if set(known) != set(STRUCK):
        print("failpoints that are only in the program or only here: "
              f"{set(known) ^ set(STRUCK)}")
        return 1
    chosen = [b for b in blows(options.all)
              if re.search(options.filter, str(b))]
    folder = options.scratch or pathlib.Path(
        tempfile.mkdtemp(prefix="interlink-failpoints-"))
    wrong = strike(chosen, options, folder)
    if wrong and not options.scratch:
        print(f"logs and stores are left in {folder}")
    elif not options.scratch:
        shutil.rmtree(folder)
    return 1 if wrong or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
