#!/usr/bin/python3
"""The cluster's DNS (RFC 1035, as much as it takes): addresses of Services.

    cluster_dns.py ADDRESS SERVICES

SERVICES is a file of lines "NAME ADDRESS", read anew for each question. A name that
is there has an A record and no AAAA; one that is not does not exist.
"""

import pathlib
import socket
import struct
import sys

A, AAAA, NXDOMAIN = 1, 28, 3


def question(packet):
    """The name asked for, the type, and where the question ends."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0], at + 5


def answer(packet, services):
    name, kind, end = question(packet)
    records = b""
    if name in services and kind == A:
        # A pointer to the question's name; 5 seconds, as CoreDNS has it.
        records = struct.pack("!HHHIH", 0xC00C, A, 1, 5, 4) + socket.inet_aton(
            services[name])
    code = 0 if name in services else NXDOMAIN
    return (packet[:2] + struct.pack("!HHHHH", 0x8580 | code, 1,
                                     1 if records else 0, 0, 0) +
            packet[12:end] + records)


def main():
    address, file = sys.argv[1], pathlib.Path(sys.argv[2])
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    print("listening", flush=True)
    while True:
        packet, client = server.recvfrom(512)
        services = dict(line.split() for line in file.read_text().splitlines())
        server.sendto(answer(packet, services), client)


if __name__ == "__main__":
    main()
