"""Real daemons for scripts, each with its administrator.

Every account has a folder for its store, its socket and its log. A daemon that
is started again has the port that it had before.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SETTLE_SECONDS = 90
LINKED = "INTERLINK_STATE_ESTABLISHED"
PENDING = "INTERLINK_STATE_PENDING"
FAILED = "INTERLINK_STATE_FAILED"


class Violation(Exception):
    """What must never happen did."""


def held_port():
    """A socket: as long as it is there, nobody else is given its port while a daemon is
    down. It is bound, and who listens there may bind the port again."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


class Account:
    """One account's daemon, and its administrator."""

    def __init__(self, name, programs, folder):
        self.name = name
        self.programs = programs
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.process = None
        self.held = held_port()
        self.port = self.held.getsockname()[1]
        self.account_id = None
        self.http = "none"  # Where /metrics is.
        self.at = {}  # The ready file: what listens where.
        self.extra = []  # More arguments for the daemon.
        self.environment = {}  # And more variables.

    def start(self):
        """Starts the daemon, on the port that it has for good."""
        ready = self.folder / "ready"
        deadline = time.monotonic() + 30
        self.spawn()
        while not ready.exists():
            if time.monotonic() > deadline:
                raise Violation(f"{self.name} is not ready after 30 s")
            # A failpoint may have ended it.
            if self.process.poll() is not None:
                time.sleep(0.2)
                self.spawn()
            time.sleep(0.01)
        lines = dict(l.split("=", 1) for l in ready.read_text().splitlines())
        self.at = lines
        if self.account_id not in (None, lines["account_id"]):
            raise Violation(f"{self.name} came back as another account")
        self.account_id = lines["account_id"]

    def spawn(self):
        """Starts the daemon as start() does, but waits for nothing."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "interlinkd",
                 "--data-dir", self.folder / "data",
                 "--account-name", self.name,
                 "--federation-listen", f"127.0.0.1:{self.port}",
                 "--http-listen", self.http,
                 "--api-socket", self.folder / "api.sock",
                 "--ready-file", ready, *self.extra],
                env={**os.environ, **self.environment},
                stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM; the seconds until it had ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        if status != 0:
            raise Violation(f"{self.name} ended with {status}")
        return time.monotonic() - began

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def last_words(self):
        """The end of its log."""
        log = self.folder / "log"
        return log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []

    def begin(self, *arguments):
        """An interlinkctl that runs on its own."""
        return subprocess.Popen(
            [self.programs / "interlinkctl", "--output", "json", *arguments],
            env={**os.environ,
                 "INTERLINK_API_SOCKET": str(self.folder / "api.sock")},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ask(self, *arguments):
        """interlinkctl's answer; raises unless it was done."""
        command = self.begin(*arguments)
        words, _ = command.communicate(timeout=180)
        if command.returncode != 0:
            raise Violation(f"{self.name}: {arguments[0]} ended with "
                            f"{command.returncode}: {words}")
        return json.loads(words) if words.strip() else {}

    def rows(self):
        return self.ask("list").get("interlinks", [])

    def row(self, interlink_id):
        for row in self.rows():
            if row["id"] == interlink_id:
                return row
        return None


@contextlib.contextmanager
def staged(names, programs, prefix, kind=Account, scratch=None):
    """The accounts of these names, none started, in a folder of their own or else in
    `scratch`. At the end no daemon runs and their own folder is gone; after a failure
    it is left, and what each daemon logged last is shown."""
    folder = scratch or pathlib.Path(tempfile.mkdtemp(prefix=f"interlink-{prefix}-"))
    accounts = [kind(name, programs, folder) for name in names]
    try:
        yield accounts
    except Exception:
        for account in accounts:
            print(f"--- {account.name}", *account.last_words(), sep="\n",
                  file=sys.stderr)
        if not scratch:
            print(f"logs and stores are left in {folder}", file=sys.stderr)
        raise
    finally:
        for account in accounts:
            if account.is_running():
                account.kill()
    if not scratch:
        shutil.rmtree(folder)


def state_of(account, interlink_id):
    row = account.row(interlink_id)
    return row["state"] if row else None


def until(what, condition, seconds=SETTLE_SECONDS):
    """Waits for a condition and returns its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Violation(f"not within {seconds} s: {what}")
