#!/usr/bin/env python3
"""A bad line between two network namespaces, for kernels without netem.

    lossy_link.py --order FILE NAMESPACE=ADDRESS/PREFIX NAMESPACE=ADDRESS/PREFIX

Makes a TUN device "line" in each namespace and carries packets between the two.
How badly is read from FILE whenever it changes: words such as

    loss=5 delay=80 jitter=40 repeat=1 rate=2000 cut=both

loss and repeat are percentages, delay and jitter milliseconds (jitter puts
packets out of order), rate bytes a second each way (0: all), cut is none,
first, second (what that one sends is lost) or both. Prints "ready"; ends with
its standard input or by SIGTERM.
"""

import argparse
import ctypes
import dataclasses
import fcntl
import heapq
import ipaddress
import itertools
import os
import pathlib
import random
import selectors
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MOST_WAITING = 1000  # Packets; a line does not remember more.
SEEN_EVERY = 0.02  # Seconds; how soon an order is obeyed.


@dataclasses.dataclass
class Order:
    """How bad the line is."""

    loss: float = 0
    delay: float = 0
    jitter: float = 0
    repeat: float = 0
    rate: float = 0
    cut: str = "none"

    @classmethod
    def read(cls, path):
        order = cls()
        for word in path.read_text().split():
            name, value = word.split("=")
            kind = type(getattr(order, name))
            setattr(order, name, value if kind is str else float(value))
        return order


def enter(namespace):
    """This process makes devices in that namespace from now on."""
    with open(f"/run/netns/{namespace}", "rb") as file:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def make_device(namespace, address):
    enter(namespace)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF,
                struct.pack("16sH14x", b"line", IFF_TUN | IFF_NO_PI))
    for command in (f"addr add {ipaddress.ip_interface(address)} dev line",
                    "link set line up", "link set lo up"):
        subprocess.run(["ip", *command.split()], check=True)
    return device


class Line:
    """Two devices and what is on its way between them."""

    def __init__(self, devices, path, seed):
        self.devices = devices
        self.path = path
        self.random = random.Random(seed)
        self.order = Order()
        self.changed = None
        self.looked = 0.0
        self.waiting = []  # (when, count, device, packet), a heap.
        self.count = itertools.count()
        self.free = [0.0, 0.0]  # When the way there has sent what it has.

    def look(self, now):
        if now - self.looked < SEEN_EVERY:
            return
        self.looked = now
        changed = self.path.stat().st_mtime_ns
        if changed != self.changed:
            self.changed = changed
            self.order = Order.read(self.path)
            if self.order.cut != "none":
                self.waiting.clear()

    def take(self, side, packet, now):
        order = self.order
        if (order.cut in ("both", ("first", "second")[side]) or
                self.random.uniform(0, 100) < order.loss or
                len(self.waiting) >= MOST_WAITING):
            return
        begin = max(now, self.free[side])
        if order.rate:
            # A router that has more than a second to send lets it fall.
            if begin - now > 1:
                return
            begin = self.free[side] = begin + len(packet) / order.rate
        for _ in range(1 + (self.random.uniform(0, 100) < order.repeat)):
            late = order.delay + self.random.uniform(0, order.jitter)
            heapq.heappush(self.waiting, (begin + late / 1000, next(self.count),
                                          self.devices[1 - side], packet))

    def deliver(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, _, device, packet = heapq.heappop(self.waiting)
            try:
                os.write(device, packet)
            except OSError:
                pass  # The device is down, or full: lost like others.

    def run(self):
        selector = selectors.DefaultSelector()
        for side, device in enumerate(self.devices):
            selector.register(device, selectors.EVENT_READ, side)
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            now = time.monotonic()
            self.look(now)
            self.deliver(now)
            wait = SEEN_EVERY
            if self.waiting:
                wait = min(wait, max(0, self.waiting[0][0] - now))
            for key, _ in selector.select(wait):
                if key.data is None:
                    if not os.read(0, 4096):
                        return
                    continue
                for _ in range(64):
                    try:
                        packet = os.read(key.fd, 65536)
                    except BlockingIOError:
                        break
                    self.take(key.data, packet, time.monotonic())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--order", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("end", nargs=2)
    options = parser.parse_args()
    devices = [make_device(*end.split("=")) for end in options.end]
    print("ready", flush=True)
    Line(devices, options.order, options.seed).run()


if __name__ == "__main__":
    main()
