#!/usr/bin/env python3
"""A gateway that passes TLS through, as a TLSRoute makes one: it reads the name that
a client asks for in its first message (RFC 8446, RFC 6066) and hands the connection,
unopened, to who has that name.

    sni_gateway.py ROUTES

ROUTES is a file of lines "NAME HOST:PORT", read anew for each connection. Prints the
port that it listens on, and then each name that was asked for.
"""

import pathlib
import select
import socket
import sys
import threading


def server_name(hello):
    """Of a ClientHello; raises IndexError while it is not complete."""
    size = int.from_bytes(hello[3:5], "big")
    if len(hello) < 5 + size:
        raise IndexError
    at = 5 + 4 + 2 + 32  # Record, handshake header, version, random.
    at += 1 + hello[at]  # Session id.
    at += 2 + int.from_bytes(hello[at:at + 2], "big")  # Ciphers.
    at += 1 + hello[at]  # Compression.
    end = at + 2 + int.from_bytes(hello[at:at + 2], "big")
    at += 2
    while at < end:
        kind = int.from_bytes(hello[at:at + 2], "big")
        size = int.from_bytes(hello[at + 2:at + 4], "big")
        if kind == 0:
            return hello[at + 9:at + 4 + size].decode()
        at += 4 + size
    return ""


def pass_through(client, routes):
    with client:
        hello = b""
        while True:
            data = client.recv(65536)
            if not data:
                return
            hello += data
            try:
                name = server_name(hello)
                break
            except IndexError:
                pass
        print(name or "no name", flush=True)
        known = dict(line.split() for line in routes.read_text().splitlines())
        if name not in known:
            return
        host, _, port = known[name].rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            server.sendall(hello)
            other = {client: server, server: client}
            while True:
                for readable in select.select(list(other), [], [])[0]:
                    data = readable.recv(65536)
                    if not data:
                        return
                    other[readable].sendall(data)


def main():
    routes = pathlib.Path(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=pass_through, args=(client, routes),
                         daemon=True).start()


if __name__ == "__main__":
    main()
