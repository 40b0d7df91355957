"""A company: its PBX, its daemon, its phones, in a place of its own."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

from impostor import Impostor
from network import PROMPT, Violation, until
from processes import start

MOVED_CLOCK = pathlib.Path(__file__).parent.parent / "e2e/moved_clock.c"
DECISION = re.compile(r'^interlink_calls_total{result="(\w+)"} (\d+)', re.MULTILINE)
LINKED = "INTERLINK_STATE_ESTABLISHED"


def moved_clock(folder):
    """A library that moves the wall clock of whoever is started with it."""
    library = folder / "moved_clock.so"
    if not library.exists():
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, MOVED_CLOCK,
                        "-ldl"], check=True, timeout=PROMPT)
    return library


class Company:
    """`pbx` is what makes the PBX of a place, a folder and phones."""

    def __init__(self, name, place, folder, programs, phones, pbx):
        self.name = name
        self.place = place
        self.folder = folder
        self.programs = programs
        self.phones = {phone.number: phone for phone in phones}
        self.process = None
        self.impostors = 0
        folder.mkdir()
        for last, phone in enumerate(phones, 21):
            # Through a PBX that has nothing to do with sound, phones meet.
            phone.move_in(place, place.add_address(last) if pbx.func.is_proxy
                          else f"127.0.0.{last}", folder)
        self.pbx = pbx(place, folder / "pbx", phones)

    def start(self):
        self.pbx.start()
        self.start_daemon()
        self.pbx.wait()
        until("the PBX sees its daemon", self.pbx.sees_daemon)

    def start_daemon(self, hours_later=0):
        """Its wall clock may be wrong."""
        environment = dict(os.environ)
        if hours_later:
            clock = self.folder / "clock"
            clock.write_text(f"{hours_later * 3600}\n")
            environment["MOVED_CLOCK"] = str(clock)
            environment["LD_PRELOAD"] = str(moved_clock(self.folder))
            # A sanitizer wants to be the first library; this one may be before it.
            environment["ASAN_OPTIONS"] = environment.get(
                "ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.process = start(
            self.place.command(
                self.programs / "interlinkd",
                "--account-name", self.name,
                "--data-dir", self.folder / "data",
                "--federation-listen", f"{self.place.address}:7443",
                "--http-listen", "127.0.0.1:9464",
                *self.pbx.doors,
                "--contact",
                f"sip:{{number}}@{self.place.address}:5060;transport=tcp",
                "--api-socket", self.folder / "api.sock",
                "--ready-file", ready),
            self.folder / "log", environment)
        until(f"the daemon of {self.name} is ready",
              lambda: ready.exists() or self.process.poll() is not None, 30)
        if not ready.exists():
            raise Violation(f"the daemon of {self.name} does not start")

    def stop_daemon(self):
        self.process.terminate()
        self.process.wait(30)

    def freeze_daemon(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw_daemon(self):
        self.process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def replaced_daemon(self):
        """Somebody else in the place of its daemon."""
        self.stop_daemon()
        self.impostors += 1
        with contextlib.ExitStack() as at_the_end:
            at_the_end.callback(self.start_daemon)
            impostor = Impostor(self.place, self.folder / f"impostor-{self.impostors}",
                                *self.pbx.asks_at)
            at_the_end.callback(impostor.end)
            impostor.wait()
            yield impostor

    def ctl(self, *arguments):
        """What interlinkctl says, as JSON."""
        done = subprocess.run(
            [self.programs / "interlinkctl", "--output", "json", *arguments],
            env={**os.environ,
                 "INTERLINK_API_SOCKET": str(self.folder / "api.sock")},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=PROMPT)
        if done.returncode != 0:
            raise Violation(f"{self.name}: {arguments} ended with "
                            f"{done.returncode}: {done.stdout}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def share(self, number, *flags):
        self.ctl("number", "add", number, "--destination", number, *flags)

    def route(self, number):
        """The URI that the PBX is told, or nothing."""
        try:
            found = self.ctl("resolve", number)["resolution"]
        except Violation:
            return ""
        return found["routes"][0].get("uri", "") if found["routes"] else ""

    def token(self, number):
        """A call token that nobody has used."""
        return self.route(number).removeprefix("sip:").split("@")[0]

    def knows_its_peers(self):
        """So that it answers from memory, and needs nobody for it."""
        status = self.ctl("status")
        return status["in_step_count"] == status["interlink_count"]

    def decisions(self):
        """How often its daemon has let a call in, or not, by the reason."""
        page = subprocess.run(
            self.place.command("curl", "--silent", "--max-time", PROMPT,
                               "http://127.0.0.1:9464/metrics"),
            stdout=subprocess.PIPE, text=True, check=True, timeout=PROMPT).stdout
        return {reason: int(count) for reason, count in DECISION.findall(page)}

    def can_call(self, number):
        until(f"{self.name} knows a route to {number}",
              lambda: "@" in self.route(number))

    def link(self, other):
        """Each calls the row by the other's name."""
        key = self.ctl("generate-key", other.name)["key"]
        other.ctl("link", self.name, key)
        for one, two in ((self, other), (other, self)):
            until(f"{one.name} is linked with {two.name}",
                  lambda: one.is_linked(two))

    def shows(self, other):
        """What its phones call the link with another."""
        return other.name if self.pbx.names_interlinks else "Interlink"

    def unlink(self, other):
        self.ctl("delete", "--yes", other.name)

    def is_linked(self, other):
        return any(row["name"] == other.name and row["state"] == LINKED
                   for row in self.ctl("list").get("interlinks", []))
