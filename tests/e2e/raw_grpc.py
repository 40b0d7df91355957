"""gRPC by hand, for a peer that does what no library lets one do: TLS with any
certificate, HTTP/2 frame by frame (RFC 9113), HPACK without tables or Huffman
(RFC 7541), and as much of protobuf as the federation's messages need."""

import base64
import hashlib
import hmac
import itertools
import os
import pathlib
import socket
import ssl
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import certificates  # pylint: disable=C0413

DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SERVICE = "/interlink.federation.v1.FederationService/"


# Protobuf.

def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """One field: a number, or bytes or text."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """The fields of a message: number -> list of values."""
    found = {}
    at = 0

    def take():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = take()
        value = take()
        if tag & 7 == 2:
            value, at = message[at:at + value], at + value
        found.setdefault(tag >> 3, []).append(value)
    return found


# HTTP/2.

def frame(kind, flags, stream, payload=b""):
    return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) +
            stream.to_bytes(4, "big") + payload)


def text(value):
    value = value.encode()
    assert len(value) < 127
    return bytes([len(value)]) + value


def request_headers(path):
    return (b"\x83\x87\x04" + text(path) + b"\x01" + text("peer") +
            b"\x0f\x10" + text("application/grpc") +
            b"\x00" + text("te") + text("trailers"))


def prefixed(block, at, bits):
    """An HPACK integer: its value, and where it ends."""
    most = (1 << bits) - 1
    value = block[at] & most
    at += 1
    if value < most:
        return value, at
    shift = 0
    while True:
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def read_headers(block):
    """Those with a name in plain text, which are the ones of gRPC."""
    found = {}
    at = 0
    while at < len(block):
        byte = block[at]
        if byte & 0x80:
            _, at = prefixed(block, at, 7)
            continue
        if byte & 0xE0 == 0x20:
            _, at = prefixed(block, at, 5)
            continue
        index, at = prefixed(block, at, 6 if byte & 0x40 else 4)
        words = []
        for _ in range(1 if index else 2):
            plain = not block[at] & 0x80
            size, at = prefixed(block, at, 7)
            words.append(block[at:at + size] if plain else b"?")
            at += size
        if not index:
            found[words[0].decode()] = words[1].decode("utf-8", "replace")
    return found


class Refused(Exception):
    """A status that is not OK, or no answer at all (status None)."""

    def __init__(self, status, message):
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


class Connection:
    """One connection to a daemon; knows nothing of what may not be sent."""

    def __init__(self, address, context, source=None, timeout=10, preamble=b""):
        plain = socket.create_connection(
            address, timeout=timeout, source_address=(source, 0) if source else None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            plain.sendall(preamble)
            self.greet(context.wrap_socket(plain))
        except BaseException:
            plain.close()
            raise

    def greet(self, connected):
        self.socket = connected
        self.streams = itertools.count(1, 2)
        self.unread = b""
        self.kept = {}  # Stream -> its frames that nobody has waited for yet.
        self.goaway = False
        # No header table for its answers; windows that need no updates.
        self.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack(
            ">HIHI", 1, 0, 4, 0x7FFFFFFF)) +
            frame(WINDOW_UPDATE, 0, 0, (0x7FFF0000).to_bytes(4, "big")))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_frame(self):
        """(kind, flags, stream, payload); answers pings and settings."""
        while True:
            while (len(self.unread) < 9 or len(self.unread) <
                   9 + int.from_bytes(self.unread[:3], "big")):
                data = self.socket.recv(65536)
                if not data:
                    raise Refused(None, "closed")
                self.unread += data
            size = int.from_bytes(self.unread[:3], "big")
            kind, flags = self.unread[3], self.unread[4]
            stream = int.from_bytes(self.unread[5:9], "big")
            payload = self.unread[9:9 + size]
            self.unread = self.unread[9 + size:]
            if kind in (SETTINGS, PING) and not flags & ACK:
                self.send(frame(kind, ACK, 0, payload if kind == PING else b""))
            elif kind == GOAWAY:
                self.goaway = True
                raise Refused(None, "GOAWAY " + payload[8:].decode("utf-8", "replace"))
            else:
                return kind, flags, stream, payload

    def begin(self, method, message=None, end=True, service=SERVICE):
        """Opens a stream; its number."""
        stream = next(self.streams)
        data = frame(HEADERS, END_HEADERS, stream, request_headers(service + method))
        if message is not None:
            data += frame(DATA, END_STREAM if end else 0, stream,
                          b"\0" + len(message).to_bytes(4, "big") + message)
        self.send(data)
        return stream

    def call(self, method, message):
        """The answer's bytes as they came; raises Refused."""
        return self.answer(self.begin(method, message))

    def read_frame_of(self, wanted):
        """Streams are answered in any order."""
        while not self.kept.get(wanted):
            kind, flags, stream, payload = self.read_frame()
            if kind in (DATA, HEADERS, RST_STREAM):
                self.kept.setdefault(stream, []).append((kind, flags, payload))
        return self.kept[wanted].pop(0)

    def answer(self, wanted):
        body = b""
        while True:
            kind, flags, payload = self.read_frame_of(wanted)
            if kind == DATA:
                body += payload
            elif kind == RST_STREAM:
                raise Refused(None, f"RST_STREAM {int.from_bytes(payload, 'big')}")
            elif kind == HEADERS and flags & END_STREAM:
                headers = read_headers(payload)
                status = int(headers.get("grpc-status", "2"))
                if status:
                    raise Refused(status, headers.get("grpc-message", ""))
                return body[5:]


def proxy_header(client):
    """What a proxy sends first: that it connects for that IPv4 address."""
    addresses = (socket.inet_aton(client) + socket.inet_aton("127.0.0.1") +
                 struct.pack(">HH", 5060, 7443))
    return (b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack(">H", len(addresses)) +
            addresses)


# Certificates and keys.

class Identity:
    """An account's root and leaf."""

    def __init__(self, folder, name, **leaf):
        self.account_id = os.urandom(16)
        self.root = folder / f"{name}-root.pem"
        self.leaf = folder / f"{name}-leaf.pem"
        key = folder / f"{name}-root.key"
        certificates.make(self.root, key, name, certificates.AUTHORITY,
                          days=3650)
        self.issue(self.leaf, key, **leaf)

    def issue(self, path, root_key, days=30, san=None, extra=()):
        """A leaf, and its key, in one file."""
        account = self.account_id.hex()
        san = san or (f"URI:interlink://account/{account},"
                      f"DNS:{account}.interlink.internal")
        key, certificate = path.with_suffix(".key"), path.with_suffix(".crt")
        certificates.make(certificate, key, account, [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth,clientAuth",
            f"subjectAltName={san}", *extra
        ], days, (self.root, root_key))
        path.write_text(certificate.read_text() + self.root.read_text() +
                        key.read_text())

    def more_leaves(self, count):
        """Further certificates of the leaf's key, each in a file."""
        for serial in range(1, count + 1):
            path = self.leaf.with_name(f"{self.leaf.stem}-{serial}.pem")
            certificates.openssl(
                "x509", "-req", "-in", self.leaf.with_suffix(".csr"), "-days", 30,
                "-extfile", self.leaf.with_suffix(".ext"), "-out", path,
                "-CA", self.root, "-CAkey", self.root.with_suffix(".key"),
                "-set_serial", serial)
            path.write_text(path.read_text() + self.root.read_text() +
                            self.leaf.with_suffix(".key").read_text())
            yield path

    def root_der(self):
        return ssl.PEM_cert_to_DER_cert(self.root.read_text())

    def context(self):
        return context(self.leaf)


def context(leaf=None):
    """TLS as a peer speaks it, with that certificate or none."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_alpn_protocols(["h2"])
    if leaf:
        made.load_cert_chain(leaf)
    return made


class Key:
    """An authorization key, read by hand (design.md section 5)."""

    def __init__(self, line):
        line = line[len("ilk1_"):]
        raw = base64.urlsafe_b64decode(line + "=" * (-len(line) % 4))
        found = fields(raw[:-4])
        self.interlink_id = found[1][0]
        self.secret = found[2][0]
        self.issuer = found[3][0] + found[4][0]
        host, port = found[5][0].decode().rsplit(":", 1)
        self.address = (host, int(port))

    def redeem(self, identity, name="mallory"):
        """A RedeemRequest with a good proof."""
        body = (field(1, os.urandom(16)) + field(2, identity.account_id) +
                field(3, name) + field(4, identity.root_der()) +
                field(6, "sip:{number}@127.0.0.1") + field(7, 1) + field(8, 1))
        extracted = hmac.digest(bytes(32), self.secret, "sha256")
        label = b"interlink-redeem-v1"
        key = hmac.digest(extracted, label + b"\1", "sha256")
        proof = hmac.digest(
            key, label + self.interlink_id + self.issuer + body, hashlib.sha256)
        return field(1, self.interlink_id) + field(2, body) + field(3, proof)
