"""Real daemons for scripts, each with its administrator.

Every account has a folder for its store, its socket and its log. A daemon that
is started again has the port that it had before.
"""

import json
import os
import signal
import subprocess
import time

SETTLE_SECONDS = 90
LINKED = "INTERLINK_STATE_ESTABLISHED"
PENDING = "INTERLINK_STATE_PENDING"
FAILED = "INTERLINK_STATE_FAILED"


class Violation(Exception):
    """What must never happen did."""


class Account:
    """One account's daemon, and its administrator."""

    def __init__(self, name, programs, folder):
        self.name = name
        self.programs = programs
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.process = None
        self.port = 0
        self.account_id = None
        self.extra = []  # More arguments for the daemon.
        self.environment = {}  # And more variables.

    def start(self):
        """Starts the daemon, after the first time on the port it had."""
        ready = self.folder / "ready"
        deadline = time.monotonic() + 30
        while True:
            ready.unlink(missing_ok=True)
            self._spawn(ready)
            while self.process.poll() is None and not ready.exists():
                if time.monotonic() > deadline:
                    raise Violation(f"{self.name} is not ready after 30 s")
                time.sleep(0.01)
            if ready.exists():
                break
            # An outgoing connection may hold the port for a moment.
            if time.monotonic() > deadline:
                raise Violation(f"{self.name} does not start")
            time.sleep(0.2)
        lines = dict(l.split("=", 1) for l in ready.read_text().splitlines())
        self.port = int(lines["federation"].rsplit(":", 1)[1])
        if self.account_id not in (None, lines["account_id"]):
            raise Violation(f"{self.name} came back as another account")
        self.account_id = lines["account_id"]

    def _spawn(self, ready):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "interlinkd",
                 "--data-dir", self.folder / "data",
                 "--account-name", self.name,
                 "--federation-listen", f"127.0.0.1:{self.port}",
                 "--http-listen", "none",
                 "--api-socket", self.folder / "api.sock",
                 "--ready-file", ready, *self.extra],
                env={**os.environ, **self.environment},
                stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

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
        words, _ = command.communicate(timeout=60)
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


def state_of(account, interlink_id):
    row = account.row(interlink_id)
    return row["state"] if row else None


def until(what, condition):
    """Waits for a condition and returns its value."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Violation(f"not within {SETTLE_SECONDS} s: {what}")
