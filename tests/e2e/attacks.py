"""What hostile.py does to a daemon. Each attack returns what became of it, in
words, and how many connections it held open at most."""

import contextlib
import itertools
import os
import random
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import raw_grpc
from raw_grpc import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS,
                      PING, PREFACE, RST_STREAM, SERVICE, SETTINGS, WINDOW_UPDATE,
                      Connection, Refused, field, frame, request_headers)

BROKEN = (OSError, ssl.SSLError, Refused)
NEVER_ANSWERED = "never answered"


_strangers = itertools.count()


def sources(count):
    """Addresses of this machine that the daemon has never seen, so that what it
    thinks of one attack's is not held against the next's."""
    for i in itertools.islice(_strangers, count):
        yield f"127.1.{i // 250}.{i % 250 + 1}"


def source():
    return next(sources(1))


def verdict(function, *arguments):
    """How a call ended, in one word or two."""
    try:
        function(*arguments)
        return "OK"
    except Refused as refusal:
        if refusal.status is None:
            return "closed"
        return refusal.message.split(":")[0] or f"status {refusal.status}"
    except (TimeoutError, socket.timeout):
        return NEVER_ANSWERED
    except BROKEN:
        return "closed"


def tally(words):
    return ", ".join(f"{words.count(w)} {w}" for w in sorted(set(words)))


def is_closed(plain):
    """Whether the daemon has closed this connection."""
    try:
        plain.setblocking(False)
        return not plain.recv(65536)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def stays(tls):
    """Whether the daemon keeps the connection, whatever it has said over it."""
    tls.setblocking(False)
    try:
        while tls.recv(65536):
            pass
    except ssl.SSLWantReadError:
        return True
    except OSError:
        pass
    return False


def crowd_of_strangers(siege):
    """Connections by the thousand: silent, with half a ClientHello, and with
    TLS but no certificate."""
    count = siege.scale(1000, 10_000)
    held, refused = [], 0
    anonymous = raw_grpc.context()
    strangers = list(sources(count // 200))
    try:
        for i in range(count):
            try:
                plain = socket.create_connection(
                    siege.address, timeout=5,
                    source_address=(strangers[i % len(strangers)], 0))
                held.append(plain)
                if i % 3 == 1:
                    plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03")
                elif i % 10 == 2:
                    held[-1] = anonymous.wrap_socket(plain)
            except BROKEN:
                refused += 1
        status = siege.victim.begin("status")
        words, _ = status.communicate(timeout=20)
        siege.expect(status.returncode == 0, f"crowd: no administrator: {words}")
        # The handshake has five seconds.
        deadline = time.monotonic() + 8
        silent = [s for s in held if not isinstance(s, ssl.SSLSocket)]
        while time.monotonic() < deadline and silent:
            silent = [s for s in silent if not is_closed(s)]
            time.sleep(0.2)
        siege.expect(not silent,
                     f"crowd: {len(silent)} silent ones are open after 8 s")
        return f"{count} came, {refused} refused at once", count
    finally:
        for plain in held:
            plain.close()


def too_many_from_one_source(siege):
    address = source()
    held = [socket.create_connection(siege.address, timeout=5,
                                     source_address=(address, 0))
            for _ in range(600)]
    time.sleep(1)
    open_ones = [s for s in held if not is_closed(s)]
    siege.expect(0 < len(open_ones) <= 256,
                 f"one source holds {len(open_ones)} connections")
    for plain in held:
        plain.close()
    return f"{len(open_ones)} of 600 may stay", 256


def strangers_that_only_shake_hands(siege):
    """Connections whose TLS is done, and who then say no more than HTTP/2's
    preface. Even all together may cost no more than --growth: the bound on
    unlinked connections is chosen for that."""
    before = siege.figures.now()[0]
    preface = PREFACE + frame(SETTINGS, 0, 0)
    context = siege.mallory.context()
    held = []
    try:
        for _ in range(siege.scale(150, 1200) // 50):
            address = source()
            for _ in range(50):
                with contextlib.suppress(*BROKEN):
                    held.append(context.wrap_socket(socket.create_connection(
                        siege.address, timeout=5, source_address=(address, 0))))
                    held[-1].sendall(preface)
        time.sleep(siege.seconds / 2)
        stay = sum(stays(plain) for plain in held)
        siege.expect(stay > 0, "strangers: none of them may stay")
        cost = (siege.figures.peak[0] - before) // 1024
        siege.expect(cost <= siege.options.growth,
                     f"strangers cost {cost} MB")
        return f"{stay} of {len(held)} may stay, {cost} MB", len(held)
    finally:
        for plain in held:
            plain.close()


def strange_certificates(siege):
    """Nobody is let in by what he made himself, also not under the honest
    peer's name."""
    honest = bytes.fromhex(siege.honest.account_id)
    folder = siege.folder

    def forged(name, **how):
        identity = raw_grpc.Identity(folder, name)
        identity.account_id = honest
        identity.issue(identity.leaf, identity.root.with_suffix(".key"), **how)
        return identity

    many = ",".join(f"DNS:{i}.example.org" for i in range(400))
    identities = [
        raw_grpc.Identity(folder, "stranger"),
        forged("forger"),
        forged("expired", days=0),
        forged("no-account", san="DNS:example.org"),
        forged("two-accounts", san=f"URI:interlink://account/{honest.hex()},"
               f"URI:interlink://account/{os.urandom(16).hex()}"),
        forged("many-names", san=f"URI:interlink://account/{honest.hex()},{many}"),
        forged("control-characters", san="URI:interlink://account/\x01\x1b[31m"),
    ]
    message = field(1, bytes.fromhex(siege.john_id)) + field(2, "201")
    words = []
    for identity in identities:
        for method in ("Lookup", "Terminate"):
            try:
                with Connection(siege.address, identity.context(),
                                source()) as connection:
                    words.append(method + " " +
                                 verdict(connection.call, method, message))
            except BROKEN:
                words.append(method + " closed")
    siege.expect("Lookup OK" not in words, "a forged certificate may look up")
    row = siege.victim.row(siege.john_id)
    siege.expect(row and row["indicator"] == "INDICATOR_GREEN",
                 "a forged certificate harms the honest link")
    return tally(words), 1


def headers_that_never_end(siege):
    """CVE-2024-27316: CONTINUATION after CONTINUATION, on ten connections."""
    part = b"\0\x05x-pad\x7f\x81\x1e" + b"a" * 3968  # 127 + 1 + 30 * 128
    data = frame(CONTINUATION, 0, 1, part) * 10

    def run(address):
        taken = 0
        with contextlib.suppress(*BROKEN):
            connection = held.enter_context(siege.connect(address))
            connection.send(frame(HEADERS, 0, 1,
                                  request_headers(SERVICE + "Lookup")))
            for _ in range(siege.scale(800, 4000)):
                connection.send(data)
                taken += len(data)
        return taken

    # At once: a connection that is no longer read from takes its time to fail.
    with contextlib.ExitStack() as held, ThreadPoolExecutor(10) as pool:
        taken = sum(pool.map(run, sources(10)))
    return f"{taken >> 20} MB of headers on 10 connections", 10


def slow_headers(siege):
    """A byte of the preface, or of a request's headers, now and then."""
    held = []
    for i, address in enumerate(sources(100)):
        connection = siege.connect(address)
        held.append(connection)
        if i % 2:
            connection.send(frame(HEADERS, 0, 1, b"\x83"))
    end = time.monotonic() + siege.seconds
    while time.monotonic() < end:
        for connection in held:
            with contextlib.suppress(*BROKEN):
                connection.send(frame(CONTINUATION, 0, 1, b"\x87"))
        time.sleep(0.5)
    for connection in held:
        connection.close()
    return "100 at once", 100


def _flood(siege, connections, burst, read, seconds=None):
    """Sends a burst again and again, on so many connections; how many bursts,
    and how often it was shown the door."""
    end = time.monotonic() + (seconds or siege.seconds)
    counts, lock = [0, 0], threading.Lock()

    def run(address):
        while time.monotonic() < end:
            done = 0
            try:
                with siege.connect(address, timeout=2) as connection:
                    try:
                        while time.monotonic() < end:
                            connection.send(burst(connection))
                            done += 1
                            if read and is_closed(connection.socket):
                                raise Refused(None, "closed")
                            connection.socket.settimeout(2)
                    except BROKEN:
                        counts[1] += 1
            except BROKEN:
                time.sleep(0.05)
            with lock:
                counts[0] += done

    threads = [threading.Thread(target=run, args=(s,))
               for s in sources(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def rapid_resets(siege):
    """CVE-2023-44487: streams that are begun and reset at once."""
    def burst(connection):
        data = b""
        for _ in range(100):
            stream = next(connection.streams)
            data += (frame(HEADERS, END_HEADERS, stream,
                           request_headers(SERVICE + "Lookup")) +
                     frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big")))
        return data
    bursts, closed = _flood(siege, 4, burst, True)
    return f"{bursts * 100} streams, {closed} times closed", 4


def resets_in_one_go(siege):
    """The same, as fast as the network takes it: made before it is sent."""
    words = []
    for method in ("Lookup", "Session"):
        with contextlib.suppress(*BROKEN), siege.connect(source()) as connection:
            data = b"".join(
                frame(HEADERS, END_HEADERS, stream,
                      request_headers(SERVICE + method)) +
                frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big"))
                for stream in range(1001, 1001 + 2 * siege.scale(40_000, 100_000),
                                    2))
            try:
                connection.send(data)
                words.append("all sent")
            except BROKEN:
                words.append("closed")
            time.sleep(1)
    return f"{tally(words)}", 2


def calls_without_a_message(siege):
    """Of a unary call only the headers, which no handler ever sees: on many
    connections from one address, which the daemon has to tell apart."""
    address, opened = source(), 0
    calls = 250
    with contextlib.ExitStack() as held:
        for _ in range(250):
            with contextlib.suppress(*BROKEN):
                connection = held.enter_context(siege.connect(address))
                connection.send(b"".join(
                    frame(HEADERS, END_HEADERS, next(connection.streams),
                          request_headers(SERVICE + "Redeem"))
                    for _ in range(calls)))
                opened += calls
        time.sleep(1)
    return f"{opened} calls begun", 0


def resets_between_answered_calls(siege):
    """The same, hidden: an account's lookups, no more than it may make, each
    with seven resets behind it."""
    link = siege.linked[1].interlink_id if siege.linked else os.urandom(16)
    message = field(1, link)

    def burst(connection):
        # Of all four connections, 1600 lookups a second.
        time.sleep(0.01)
        data = b""
        for _ in range(4):
            stream = next(connection.streams)
            data += (frame(HEADERS, END_HEADERS, stream,
                           request_headers(SERVICE + "Lookup")) +
                     frame(DATA, END_STREAM, stream,
                           b"\0" + len(message).to_bytes(4, "big") + message))
            for _ in range(7):
                stream = next(connection.streams)
                data += (frame(HEADERS, END_HEADERS, stream, b"\x83\x87\x84") +
                         frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big")))
        return data
    # Long enough to owe too much, also on a slow machine.
    bursts, closed = _flood(siege, 4, burst, True, max(10, siege.seconds))
    return f"{bursts * 32} streams, {closed} times closed", 4


def streams_without_end(siege):
    """Requests that never get their message, far beyond the bound."""
    def burst(connection):
        return b"".join(
            frame(HEADERS, END_HEADERS, next(connection.streams),
                  request_headers(SERVICE + method))
            for method in ("Redeem", "Lookup", "Terminate", "Session") * 25)
    bursts, closed = _flood(siege, 8, burst, True)
    return f"{bursts * 100} streams, {closed} times closed", 8


def frames_for_nothing(siege):
    """CVE-2019-9512 and its kind: pings, settings, empty data and windows,
    whose answers nobody reads."""
    junk = (frame(PING, 0, 0, b"12345678") * 50 +
            frame(SETTINGS, 0, 0, b"\0\3\0\0\0\x64") * 50 +
            frame(WINDOW_UPDATE, 0, 0, (1).to_bytes(4, "big")) * 50 +
            frame(DATA, 0, 1, b"") * 50)
    bursts, closed = _flood(siege, 4, lambda _: junk, False)
    return f"{bursts * 200} frames, {closed} times closed", 4


# Those that a linked peer can make too.
FLOODS = (
    headers_that_never_end, slow_headers, rapid_resets, resets_in_one_go,
    resets_between_answered_calls, calls_without_a_message, streams_without_end, frames_for_nothing,
)


def messages_too_large(siege):
    words = []
    context = siege.identity.context()
    for method in ("Redeem", "Lookup", "Terminate", "Session"):
        for size in (17 * 1024, 73 * 1024, 4 * 1024 * 1024):
            message = field(2, bytes(size))
            with contextlib.suppress(*BROKEN), Connection(
                    siege.address, context, source()) as connection:
                stream = connection.begin(method)
                data = b"\0" + len(message).to_bytes(4, "big") + message
                words.append(verdict(_send_in_frames, connection, stream, data))
                siege.expect(words[-1] != "OK",
                             f"{size} bytes are taken by {method}")
        # Announces 4 GB; says that it is compressed.
        for start in (b"\0\xff\xff\xff\xff", b"\1\0\0\0\x05"):
            with Connection(siege.address, context, source()) as connection:
                stream = connection.begin(method)
                connection.send(frame(DATA, 1, stream, start + b"12345"))
                words.append(verdict(connection.answer, stream))
    return tally(words), 1


def _send_in_frames(connection, stream, data):
    for at in range(0, len(data), 16_000):
        connection.send(frame(DATA, 0, stream, data[at:at + 16_000]))
    connection.send(frame(DATA, 1, stream))
    connection.answer(stream)


def calls_that_cannot_be_read(siege):
    """Bytes that are no message, and text that is no UTF-8, 300 times."""
    log = siege.victim.folder / "log"
    before = len(log.read_text(errors="replace").splitlines())
    words = []
    with Connection(siege.address, siege.identity.context(),
                    source()) as connection:
        for message in (b"\xff" * 20, field(2, b"\xff\xfe"), b"\x0a\x10\x01"):
            for _ in range(100):
                words.append(verdict(connection.call, "Lookup", message))
    lines = len(log.read_text(errors="replace").splitlines()) - before
    siege.expect(lines <= 5, f"300 garbled calls write {lines} lines")
    siege.expect("OK" not in words, f"garbled calls: {tally(words)}")
    return tally(words), 1


def behind_a_trusted_proxy(siege):
    """What a proxy says, in PROXY headers, of who it connects for; and who lies
    about it."""
    def connect(proxy, client, header=None):
        if header is None:
            header = raw_grpc.proxy_header(client)
        return Connection(siege.address, siege.identity.context(), proxy,
                          timeout=8, preamble=header)

    def flood(client):
        # Frames of a kind that is to be passed over (RFC 9113 section 4.1):
        # gRPC has no reason to end the connection before we do.
        with contextlib.suppress(*BROKEN), connect(siege.proxy, client) as c:
            c.send(frame(0x20, 0, 0, bytes(16_000)) * 8)
            while c.socket.recv(65536):
                pass

    def is_served(proxy, client, header=None):
        try:
            with connect(proxy, client, header) as connection:
                connection.call("Terminate", field(1, os.urandom(16)))
                return True
        except BROKEN:
            return False

    siege.expect(is_served(siege.proxy, "192.0.2.7"), "no client of a proxy")
    # Strikes are against the client, not against the proxy.
    for _ in range(5):
        flood("192.0.2.7")
    siege.expect(not is_served(siege.proxy, "192.0.2.7"),
                 "who floods five times is not refused behind a proxy")
    siege.expect(is_served(siege.proxy, "192.0.2.8"),
                 "one client of a proxy has the others refused")
    siege.expect(is_served(siege.proxy, None, b""), "a proxy that says nothing")
    siege.expect(not is_served(source(), "192.0.2.9"),
                 "anybody's word on a source is taken")
    good = raw_grpc.proxy_header("192.0.2.10")
    bad = {"another version": good[:12] + b"\x31" + good[13:],
           "no signature": b"\r\n\r\nGET / HTTP/1.1\r\n\r\n",
           "64 KB": good[:14] + b"\xff\xff" + bytes(65535),
           "cut off": good[:14] + b"\0\4" + good[16:20]}
    for name, header in bad.items():
        siege.expect(not is_served(siege.proxy, None, header),
                     f"a PROXY header with {name} is taken")
    with socket.create_connection(
            siege.address, timeout=8,
            source_address=(siege.proxy, 0)) as silent:
        silent.sendall(good[:15])
        siege.expect(not silent.recv(1), "half a header is waited for")
    return f"{len(bad)} bad headers", 2


def keys_by_guessing(siege):
    """Wrong proofs from one source, then from many; the honest redeem still."""
    key = raw_grpc.Key(siege.victim.ask("generate-key", "tim")["key"])
    wrong = key.redeem(siege.identity)[:-32] + os.urandom(32)
    context = siege.identity.context()
    with Connection(siege.address, context, source()) as connection:
        one = [verdict(connection.call, "Redeem", wrong) for _ in range(100)]
    siege.expect(one.count("INVALID_KEY") <= 6,
                 f"one source may guess {one.count('INVALID_KEY')} times")
    began = time.monotonic()
    many = []
    for address in sources(siege.scale(40, 200)):
        with Connection(siege.address, context, address) as connection:
            many += [verdict(connection.call, "Redeem", wrong)
                     for _ in range(3)]
    seconds = time.monotonic() - began
    # A bucket of twenty, refilled with twenty a second.
    siege.expect(many.count("INVALID_KEY") <= 45 + 20 * seconds,
                 f"{many.count('INVALID_KEY')} guesses in {seconds:.1f} s")
    row = siege.victim.row(key.interlink_id.hex())
    siege.expect(row["state"].endswith("PENDING"), "a wrong proof uses a key")
    text = siege.victim.ask("show-key", "tim")["key"]
    siege.third.ask("--timeout", "20", "link", "victim", text)
    return f"one source: {tally(one)}; many: {tally(many)}", 40


def recorded_redeem_again(siege):
    """Somebody else plays back what Mallory sent."""
    words = []
    for name in ("thief", "forger2"):
        thief = raw_grpc.Identity(siege.folder, name)
        if name != "thief":
            thief.account_id = siege.mallory.account_id
            thief.issue(thief.leaf, thief.root.with_suffix(".key"))
        with Connection(siege.address, thief.context(), source()) as c:
            words.append(verdict(c.call, "Redeem", siege.recorded))
    with Connection(siege.address, raw_grpc.context()) as connection:
        words.append(verdict(connection.call, "Redeem", siege.recorded))
    siege.expect("OK" not in words, f"a recorded Redeem works: {words}")
    return tally(words), 1


def sessions_without_hello(siege):
    """More than four streams of one source that never say who they are."""
    words = []
    with Connection(siege.address, siege.identity.context(), source(),
                    timeout=3) as connection:
        streams = [connection.begin("Session") for _ in range(20)]
        # Whichever four it is that may wait.
        for stream in streams:
            words.append(verdict(connection.answer, stream))
        time.sleep(siege.seconds / 2)
    siege.expect(words.count("LIMIT_REACHED") >= 16,
                 f"silent sessions: {tally(words)}")
    return tally(words), 1


def sessions_of_many_certificates(siege):
    """A certificate for each connection, all from the honest peer's own address,
    and over each as many Sessions as one certificate may open. They are for
    links that nobody knows, so that the loop verifies each certificate."""
    count = siege.scale(60, 250)
    identity = raw_grpc.Identity(siege.folder, "crowd")
    contexts = [raw_grpc.context(leaf) for leaf in identity.more_leaves(count)]
    began = time.monotonic()
    # Long enough to see more than what may come in a row.
    end = began + max(5, siege.seconds)
    words = []

    def call(contexts):
        while time.monotonic() < end:
            with contextlib.ExitStack() as held, contextlib.suppress(*BROKEN):
                connections = [
                    held.enter_context(Connection(siege.address, context))
                    for context in contexts]
                # A stranger's connection may send 32 KB.
                for _ in range(120):
                    if time.monotonic() > end:
                        break
                    words.extend(_say_hello(connections))

    # Each thread has connections of its own, and waits for none of the others.
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(call, contexts[i::4]) for i in range(4)]:
            done.result()
    seconds = time.monotonic() - began
    # Of one address, and what each certificate has in any case.
    most = 200 * (1 + seconds) + count * (2 + 0.5 * seconds)
    decided = words.count("LINK_UNKNOWN")
    siege.expect(decided <= 1.1 * most,
                 f"{decided} sessions of one source are decided on in "
                 f"{seconds:.1f} s: {tally(words)}")
    return tally(words), count


def _say_hello(connections):
    """Over each, for a link that nobody knows; how each of these ended."""
    hello = field(1, field(1, field(1, os.urandom(16)) + field(2, 1) +
                           field(3, 1)))
    streams = [c.begin("Session", hello) for c in connections]
    return [verdict(c.answer, stream)
            for c, stream in zip(connections, streams)]


def _talk_nonsense(siege, generator, peer, key):
    with Connection(siege.address, peer.context(), source()) as connection:
        hello = field(1, field(1, field(1, key.interlink_id) +
                               field(2, 1) + field(3, 1) +
                               field(5, generator.getrandbits(40)) +
                               field(6, os.urandom(16))))
        stream = connection.begin("Session", hello, end=False)
        for _ in range(20):
            kind = generator.randrange(1, 16)
            junk = field(1, field(kind, generator.randbytes(
                generator.choice((0, 1, 20, 3000)))))
            connection.send(frame(DATA, 0, stream, b"\0" +
                                  len(junk).to_bytes(4, "big") + junk))
        connection.send(frame(DATA, 1, stream))
        return verdict(connection.answer, stream)


def nonsense_on_a_session(siege):
    """Messages of the right size and no sense, from a linked peer. Each is
    answered, unless the peer is told of as one who floods."""
    generator = random.Random(siege.options.seed)
    peer = raw_grpc.Identity(siege.folder, "nonsense")
    key, _ = siege.link(peer, "nonsense")
    words = []
    for _ in range(siege.scale(50, 500)):
        try:
            words.append(_talk_nonsense(siege, generator, peer, key))
        except BROKEN:
            words.append("not let in")
    siege.expect(NEVER_ANSWERED not in words, f"nonsense: {tally(words)}")
    siege.expect(any("REQUEST_INVALID" in word for word in words),
                 f"nonsense is never called so: {tally(words)}")
    if "not let in" in words:
        siege.expect(any(event["kind"] == "PEER_FLOODED" and
                         event["interlink_name"] == "nonsense"
                         for event in siege.victim.ask("events")["events"]),
                     f"nonsense, not told of as a flood: {tally(words)}")
    return tally(words), 1


# Those after which the administrator reads which peer it was.
TOLD = (rapid_resets, resets_in_one_go, resets_between_answered_calls,
        calls_without_a_message, streams_without_end, frames_for_nothing)

ALL = (
    crowd_of_strangers, too_many_from_one_source,
    strangers_that_only_shake_hands, strange_certificates,
    *FLOODS, messages_too_large, calls_that_cannot_be_read,
    behind_a_trusted_proxy, keys_by_guessing,
    recorded_redeem_again, sessions_without_hello,
    sessions_of_many_certificates, nonsense_on_a_session,
)
