"""Phones, and whoever else speaks SIP: each is a sipp of its own, and what it
sent and got is read from its log."""

import pathlib
import re
import subprocess
from datetime import datetime

import unpacked
from network import Violation, until
from processes import end, start

PORT = 5062  # Of every phone; 5060 is the PBX's.
SCENARIOS = pathlib.Path(__file__).parent / "sipp"
ENTRY = re.compile(r"^-{40,} (\S+)[ \t](\S+)\n\w+ message (sent|received) .*\n\n",
                   re.MULTILINE)


class Message:
    """One SIP message, with the moment at which it passed."""

    def __init__(self, when, sent, text):
        self.when = when
        self.sent = sent
        self.text = text
        self.first_line = text.split("\n", 1)[0].strip()

    def header(self, name):
        found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", self.text,
                          re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


def messages(path):
    if not path.exists():
        return []
    parts = ENTRY.split(path.read_text(errors="replace"))[1:]
    return [Message(datetime.fromisoformat(f"{day} {time}"), way == "sent", text)
            for day, time, way, text in zip(*(iter(parts),) * 4)]


def text_of(scenario, keys):
    """A scenario of sipp/, in which [part NAME] stands for the file NAME.part and [KEY]
    for its value: sipp itself takes no status and no line break from a key."""
    def add_parts(text):
        return re.sub(r"\[part (\w+)\]", lambda found: add_parts(
            (SCENARIOS / f"{found[1]}.part").read_text().rstrip()), text)
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for key, value in keys.items():
        text = add_parts(text).replace(f"[{key}]", value)
    return add_parts(text)


# What /proc/net calls a socket that can be called. Of TCP, connections that ended a
# moment ago have a line with the same address.
OPEN = {"udp": "07", "tcp": "0A"}


def hex_of(address):
    """As /proc/net/udp has it, on a machine whose lowest byte is first."""
    return "".join(f"{int(part):02X}" for part in reversed(address.split(".")))


def is_open(sockets, address, port, protocol):
    """Whether `sockets`, the words of /proc/net/udp or tcp, has an open one there."""
    ours = [f"{hex_of(address)}:{port:04X}", OPEN[protocol]]
    return any(line.split()[1:4:2] == ours for line in sockets.splitlines()[1:])


class Sipp:
    """One run of a scenario, from `address` of a place."""

    def __init__(self, place, address, folder, scenario, *arguments, keys=None):
        self.address = address
        self.log = folder / "messages"
        folder.mkdir(parents=True)
        script = folder / "scenario.xml"
        script.write_text(text_of(scenario, keys or {}), encoding="utf-8")
        self.process = start(place.command(
            unpacked.PHONES / "bin/sipp", "-sf", script, "-i", address, "-nostdin",
            "-trace_msg", "-message_file", self.log, *arguments), folder / "screen")

    def messages(self):
        return messages(self.log)

    def listens(self, port=PORT, protocol="udp"):
        """Whether it can be called."""
        if self.process.poll() is not None:
            raise Violation(f"sipp ended: {self.log.parent}/screen")
        sockets = pathlib.Path(f"/proc/{self.process.pid}/net/{protocol}")
        return is_open(sockets.read_text(), self.address, port, protocol)

    def invitations(self):
        """The calls that came in."""
        return [m for m in self.messages()
                if not m.sent and m.first_line.startswith("INVITE ")]

    def end(self):
        end(self.process)


class Call(Sipp):
    """A call that is being made. wait() is its end."""

    def answers(self):
        """To its INVITE; the PBX may still repeat one to the call before."""
        all_messages = self.messages()
        ours = {m.header("Call-ID") for m in all_messages if m.sent}
        return [m for m in all_messages
                if not m.sent and m.first_line.startswith("SIP/2.0 ") and
                m.header("CSeq").endswith("INVITE") and
                m.header("Call-ID") in ours]

    def status(self):
        """Its final status as a number, once there is one, else 0. A request for
        the password is not final."""
        code = int(self.words().split()[0])
        return code if code >= 200 and code != 401 else 0

    def words(self):
        """What a phone would show: the status line without the protocol, of the final
        answer or else the last. A 180 may overtake a 200."""
        said = [answer.first_line.split(" ", 1)[1] for answer in self.answers()]
        final = [words for words in said if words >= "2" and words[:3] != "401"]
        return (final[:1] or said[-1:] or ["0 nothing"])[0]

    def seconds(self):
        """From the first INVITE to the last answer to it."""
        return (self.answers()[-1].when - self.messages()[0].when).total_seconds()

    def wait(self, seconds=40):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise Violation(f"a call hangs: {self.log}") from None
        return self


class Phone:
    """An extension of a company's PBX. It may dial, and ring."""

    def __init__(self, number, name, hidden=False):
        self.hidden = hidden  # Whether it hides its number from who is called.
        self.number = number
        self.name = name
        self.address = None
        self.place = None
        self.folder = None
        self.ringing = None
        self.count = 0

    def move_in(self, place, address, folder):
        self.place = place
        self.address = address
        self.folder = folder / f"phone-{self.number}"

    def _next_folder(self):
        self.count += 1
        return self.folder / str(self.count)

    def begin(self, number, talk=0.1):
        """Dials, and talks for so many seconds."""
        return Call(self.place, self.address, self._next_folder(), "caller",
                    "127.0.0.1:5060", "-p", str(PORT + 1), "-s", number, "-m", "1",
                    "-d", int(talk * 1000), "-au", "phone", "-ap", "secret",
                    keys={"from": self.number, "name": self.name,
                          "more": self._privacy()})

    def _privacy(self):
        """What it asks of its PBX; a phone may name itself there, too."""
        if not self.hidden:
            return "Privacy: none"
        itself = f'"{self.name}" <sip:{self.number}@127.0.0.1>'
        return (f"Privacy: id\nP-Preferred-Identity: {itself}\n"
                f"Remote-Party-ID: {itself};privacy=full")

    def dial(self, number, talk=0.1):
        return self.begin(number, talk).wait()

    def subscribe_again(self, other):
        """To what the other phone of the company does."""
        Sipp(self.place, self.address, self._next_folder(), "subscriber",
             "127.0.0.1:5060", "-p", str(PORT + 1), "-m", "1",
             keys={"uri": f"sip:{other.number}@{other.address}:{PORT}"})

    def answer(self, after=0.0):
        """From now on rings for so many seconds and then answers."""
        self._ring("answerer", "-d", int(after * 1000))

    def refuse(self, status, more="Allow: INVITE"):
        """From now on answers calls like that."""
        self._ring("refuser", keys={"status": status, "more": more})

    def _ring(self, scenario, *arguments, keys=None):
        self.hang_up()
        self.ringing = Sipp(self.place, self.address, self._next_folder(),
                            scenario, "-p", str(PORT), "-rtp_echo", *arguments,
                            keys=keys)
        until(f"{self.number} is on", self.ringing.listens)

    def messages(self):
        """What passed since answer() or refuse()."""
        return self.ringing.messages()

    def invitations(self):
        """The calls that came in since then."""
        return self.ringing.invitations()

    def hang_up(self):
        if self.ringing:
            self.ringing.end()
            self.ringing = None
