"""Companies that share nothing but the wire: each has a network namespace of its
own, and one cable leads from there to a switch."""

import os
import subprocess
import time

from processes import start

SWITCH = "switch"
PROMPT = 30  # Seconds within which any command has to end.
# What runs a command in a network namespace of its own.
UNSHARE = ["unshare", "--net"]
if os.geteuid() != 0:
    UNSHARE.append("--map-root-user")


class Violation(Exception):
    """What must never happen did."""


class DoesNotApply(Exception):
    """The PBX cannot do what a case is about; its page says so."""


def until(what, condition, seconds=10):
    """Waits for a condition and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Violation(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, timeout=PROMPT)


class Network:
    """The switch, in the namespace that this process is in."""

    def __init__(self):
        self.places = []
        ip("link", "set", "lo", "up")
        ip("link", "add", SWITCH, "type", "bridge")
        ip("link", "set", SWITCH, "up")

    def add(self, address):
        place = Place(address)
        self.places.append(place)
        cable = f"to{len(self.places)}"
        ip("link", "add", cable, "type", "veth", "peer", "name", "lan", "netns",
           str(place.holder.pid))
        ip("link", "set", cable, "master", SWITCH, "up")
        place.plug_in()
        return place


def join(one, two):
    """One cable between two places that share nothing else."""
    ip("link", "add", "lan", "netns", str(one.holder.pid), "type", "veth", "peer",
       "name", "lan", "netns", str(two.holder.pid))
    one.plug_in()
    two.plug_in()


class Place:
    """One namespace: whatever is started in it knows its own loopback, and
    reaches others by the wire alone."""

    def __init__(self, address):
        self.address = address
        self.holder = start(["unshare", "--net", "sleep", "infinity"])
        self.path = f"/proc/{self.holder.pid}/ns/net"
        ours = os.readlink("/proc/self/ns/net")
        until("a network namespace", lambda: os.readlink(self.path) != ours)

    def command(self, *arguments):
        """What runs these arguments there."""
        return ["nsenter", f"--net={self.path}", *map(str, arguments)]

    def plug_in(self):
        subprocess.run(self.command("sh", "-c", f"""
            ip link set lo up && ip link set lan up &&
            ip addr add {self.address}/16 dev lan"""), check=True, timeout=PROMPT)

    def add_address(self, last):
        """One more at the cable, with that last number."""
        address = f"10.1.{self.address.rsplit('.', 1)[1]}.{last}"
        subprocess.run(self.command("ip", "addr", "add", f"{address}/16", "dev",
                                    "lan"), check=True, timeout=PROMPT)
        return address
