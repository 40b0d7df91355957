#!/usr/bin/env python3
"""Kills a daemon with -9 between a commit and its answer.

    tests/e2e/commit_gap.py --bin build/dev/bin

Peers reach each daemon through a proxy that holds every answer back for a
while, whichever of the two dialled the session that carries it. As soon as a
commit shows on the side that made it, and so before its answer has arrived on
the other, one of the two is killed, and what the proxy held is dropped. Both,
on either side, for linking and for deletion.
"""

import argparse
import collections
import pathlib
import selectors
import socket
import sys
import threading
import time

from accounts import LINKED, Account, Violation, staged, state_of, until

# A key is entered over a new connection, whose handshake is held, too: so not
# for long at first, and longer where a slow machine missed the gap.
LINK_HOLDS = 1.0, 3.0, 9.0
DELETION_HOLD = 60.0  # The session is there.


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
    for attempt, hold in enumerate(LINK_HOLDS):
        name = f"gap {number}.{attempt}"
        made = issuer.ask("generate-key", name)
        interlink_id = made["interlink"]["id"]
        issuer.proxy.hold = hold
        entering = redeemer.begin("--timeout", "50", "link", name, made["key"])
        until("the issuer's commit",
              lambda: state_of(issuer, interlink_id) == LINKED)
        is_in_the_gap = state_of(redeemer, interlink_id) != LINKED
        if is_in_the_gap:
            kill_in_the_gap(victim, issuer, redeemer)
        issuer.proxy.hold = 0.0
        entering.communicate(timeout=60)
        until("linked on both sides",
              lambda: state_of(issuer, interlink_id) == LINKED and
              state_of(redeemer, interlink_id) == LINKED)
        if is_in_the_gap:
            return name, interlink_id
        issuer.ask("delete", name)
        until("deleted again", lambda: state_of(redeemer, interlink_id) is None)
    raise Violation("the answer was always there before the kill")


def undelivered(account):
    return int(account.ask("status")["undelivered_removal_count"])


def delete(name, interlink_id, deleter, peer, victim):
    for account in (deleter, peer):
        account.ask("wait", name, "--for", "green", "--timeout", "50")
    peer.proxy.hold = deleter.proxy.hold_in = DELETION_HOLD
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
    number = 0
    try:
        with staged(("mike", "john"), options.bin.resolve(), "gap", ProxiedAccount,
                    options.scratch) as accounts:
            mike, john = accounts
            for account in accounts:
                account.start()
            for victim in accounts:
                for ender in accounts:
                    number += 1
                    name, interlink_id = link(number, mike, john, victim)
                    other = john if ender is mike else mike
                    delete(name, interlink_id, ender, other, victim)
    except Violation as problem:
        print(f"gap {number}: {problem}")
        return 1
    print(f"{number} links and {number} deletions, each with a kill "
          "between commit and answer")
    return 0


if __name__ == "__main__":
    sys.exit(main())
