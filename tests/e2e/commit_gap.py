#!/usr/bin/env python3
"""Kills a daemon with -9 between a commit and its answer.

    tests/e2e/commit_gap.py --bin build/dev/bin

Peers reach each daemon through a proxy that holds every answer back for a
while, whichever of the two dialled the session that carries it. As soon as a commit shows on the side that made it, and so before its
answer has arrived on the other, one of the two is killed, and what the proxy
held is dropped. Both, on either side, for linking and for deletion.
"""

import argparse
import collections
import pathlib
import selectors
import shutil
import socket
import sys
import tempfile
import threading
import time

from accounts import LINKED, Account, Violation, state_of, until

HOLD_SECONDS = 1.0


class SlowProxy:
    """Forwards connections to a daemon; holds what comes from it, or from
    those who dialled it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.target = None
        self.hold = 0.0  # Seconds, what the daemon sends.
        self.hold_in = 0.0  # What is sent to it.
        self.drops = 0  # Raised to drop what is held.
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        held = collections.deque()
        held_in = collections.deque()
        drops = self.drops
        selector = selectors.DefaultSelector()
        selector.register(client, selectors.EVENT_READ)
        selector.register(server, selectors.EVENT_READ)
        try:
            while drops == self.drops:
                for key, _ in selector.select(timeout=0.01):
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    if key.fileobj is client:
                        held_in.append((time.monotonic() + self.hold_in, data))
                    else:
                        held.append((time.monotonic() + self.hold, data))
                while held and held[0][0] <= time.monotonic():
                    client.sendall(held.popleft()[1])
                while held_in and held_in[0][0] <= time.monotonic():
                    server.sendall(held_in.popleft()[1])
        except OSError:
            pass
        finally:
            client.close()
            server.close()


class ProxiedAccount(Account):
    """An account that its peers reach through a proxy."""

    def __init__(self, name, programs, folder):
        super().__init__(name, programs, folder)
        self.proxy = SlowProxy()
        self.extra = ["--advertise", self.proxy.address]

    def start(self):
        super().start()
        self.proxy.target = self.port


def kill_in_the_gap(victim, *accounts):
    """Kills and restarts; the answer that was on its way never arrives."""
    victim.kill()
    for account in accounts:
        account.proxy.drops += 1
        account.proxy.hold = account.proxy.hold_in = 0.0
    victim.start()


def link(number, issuer, redeemer, victim):
    name = f"gap {number}"
    made = issuer.ask("generate-key", name)
    interlink_id = made["interlink"]["id"]
    issuer.proxy.hold = HOLD_SECONDS
    entering = redeemer.begin("--timeout", "30", "link", name, made["key"])
    until("the issuer's commit",
          lambda: state_of(issuer, interlink_id) == LINKED)
    if state_of(redeemer, interlink_id) == LINKED:
        raise Violation("the answer was there before the kill")
    kill_in_the_gap(victim, issuer, redeemer)
    entering.communicate(timeout=60)
    until("linked on both sides",
          lambda: state_of(issuer, interlink_id) == LINKED and
          state_of(redeemer, interlink_id) == LINKED)
    return name, interlink_id


def undelivered(account):
    return int(account.ask("status")["undelivered_removal_count"])


def delete(name, interlink_id, deleter, peer, victim):
    peer.proxy.hold = deleter.proxy.hold_in = HOLD_SECONDS
    deleter.ask("delete", name)
    until("the peer's commit", lambda: state_of(peer, interlink_id) is None)
    if undelivered(deleter) == 0:
        raise Violation("the answer was there before the kill")
    kill_in_the_gap(victim, peer, deleter)
    until("the deletion delivered",
          lambda: undelivered(deleter) == 0)
    for account in (deleter, peer):
        if state_of(account, interlink_id) is not None:
            raise Violation(f"{account.name} still has the row")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path)
    options = parser.parse_args()
    folder = options.scratch or pathlib.Path(
        tempfile.mkdtemp(prefix="interlink-gap-"))
    mike, john = accounts = [ProxiedAccount(name, options.bin.resolve(), folder)
                             for name in ("mike", "john")]
    status = 0
    number = 0
    try:
        for account in accounts:
            account.start()
        for victim in accounts:
            for ender in accounts:
                number += 1
                name, interlink_id = link(number, mike, john, victim)
                other = john if ender is mike else mike
                delete(name, interlink_id, ender, other, victim)
        print(f"{number} links and {number} deletions, each with a kill "
              "between commit and answer")
    except Violation as problem:
        print(f"gap {number}: {problem}")
        status = 1
    finally:
        for account in accounts:
            if account.process and account.process.poll() is None:
                account.kill()
        if not options.scratch:
            shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
