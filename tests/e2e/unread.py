#!/usr/bin/env python3
"""A client that asks for more than its socket holds, and never reads.

    tests/e2e/unread.py api unix:PATH
    tests/e2e/unread.py api HOST:PORT CA CERTIFICATE KEY
    tests/e2e/unread.py peer SCRATCH NUMBER KEY-FILE

The first two watch the account's numbers. The third is a peer that links itself with
the file's key, and looks that number up. All promise to take two gigabytes (RFC 9113, section
6.9), so that gRPC writes all it has. Each prints "stuck" once the daemon cannot write
any more, and ends when the daemon has ended the connection.
"""

import fcntl
import pathlib
import select
import socket
import ssl
import struct
import sys
import termios
import time

import raw_grpc

BUFFER = 4096  # Of the socket's, as small as the system allows.
WATCHES = 250
LOOKUPS = 14_000


class Unread(raw_grpc.Connection):
    def __init__(self, address, tls=None):  # pylint: disable=W0231
        is_unix = address.startswith("unix:")
        plain = socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if is_unix:
            plain.connect(address.removeprefix("unix:"))
        else:
            host, port = address.rsplit(":", 1)
            plain.connect((host, int(port)))
        self.greet(tls.wrap_socket(plain) if tls else plain)

    def waiting(self):
        """How many bytes lie in the socket."""
        count = fcntl.ioctl(self.socket, termios.FIONREAD, bytes(4))
        return struct.unpack("i", count)[0]

    def leave_unread(self):
        before = 0
        while not before or self.waiting() != before:
            before = self.waiting()
            time.sleep(0.5)
        print("stuck", flush=True)
        ended = select.poll()
        ended.register(self.socket, select.POLLRDHUP)
        ended.poll()


def client(address, *files):
    tls = None
    if files:
        authority, certificate, key = files
        tls = ssl.create_default_context(cafile=authority)
        tls.check_hostname = False
        tls.load_cert_chain(certificate, key)
        tls.set_alpn_protocols(["h2"])
    connection = Unread(address, tls)
    for _ in range(WATCHES):
        connection.begin("WatchNumbers", b"", service="/interlink.v1.NumberService/")
    connection.leave_unread()


def peer(scratch, number, key_file):
    key = raw_grpc.Key(pathlib.Path(key_file).read_text().strip())
    mallory = raw_grpc.Identity(pathlib.Path(scratch), "mallory")
    connection = Unread("{}:{}".format(*key.address), mallory.context())
    connection.call("Redeem", key.redeem(mallory))
    lookup = raw_grpc.field(1, key.interlink_id) + raw_grpc.field(2, number)
    for i in range(LOOKUPS):
        connection.begin("Lookup", lookup)
        if i % 200 == 0:
            time.sleep(0.2)  # A flood would be broken off.
    connection.leave_unread()


if __name__ == "__main__":
    {"api": client, "peer": peer}[sys.argv[1]](*sys.argv[2:])
