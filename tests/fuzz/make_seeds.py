#!/usr/bin/env python3
"""Writes the seeds of the corpus; what fuzzers found since is beside them.

    tests/fuzz/make_seeds.py

The inputs' formats are in the targets: input.h reads bytes as decisions, a
text as a length byte and then that much, a block with two length bytes.
"""

import base64
import hashlib
import pathlib
import re

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "corpus"


def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A field of a protobuf message: a varint, a text, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(*fields):
    return b"".join(field(number, value) for number, value in fields)


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return bytes([len(value)]) + value


def block(value):
    return len(value).to_bytes(2, "big") + value


def write(target, name, data):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


ID = b"i" * 16
HASH = b"h" * 32


def key_texts():
    def body(*more):
        return message((1, ID), (2, b"s" * 32), (3, b"a" * 16), (4, HASH), *more)

    def key(data):
        data += hashlib.sha256(data).digest()[:4]
        return "ilk1_" + base64.urlsafe_b64encode(data).decode().rstrip("=")

    good = body((5, "pbx.example.net:7443"), (5, "[2001:db8::1]:7443"),
                (6, 1_800_000_000))
    write("key_text", "good", key(good))
    write("key_text", "wrapped_by_mail", "  \n".join(re.findall(".{1,60}", key(good))))
    write("key_text", "cut_short", key(good)[:-3])
    write("key_text", "later_version", "ilk2_" + key(good)[5:])
    write("key_text", "empty", "")
    write("key_text", "body", good)
    write("key_text", "body_without_end", body((5, "a:1"), (6, 0)))
    write("key_text", "body_far_future", body((5, "a:1"), (6, (1 << 63) - 1)))
    write("key_text", "body_negative_time", body((5, "a:1"), (6, -1)))
    write("key_text", "body_five_addresses", body(*[(5, f"a{i}:1") for i in range(5)]))
    write("key_text", "body_odd_addresses",
          body((5, "[::1%lo]:1"), (5, ":0"), (5, "a:65536"), (5, "\xff:1")))
    write("key_text", "body_unknown_field", good + field(99, "later"))


def csvs():
    write("csv", "with_header",
          "number,name,destination,private\n201,Mike,sip:201@10.0.0.1,no\r\n"
          '202,"Brown, ""Mike""",,yes\n')
    write("csv", "byte_order_mark", b"\xef\xbb\xbfnumber,name\n201,a\n")
    write("csv", "wrong_header", "name,number\n201,a\n")
    write("csv", "open_quote", '201,"Mike\n202,b\n')
    write("csv", "text_after_quote", '201,"Mike" x,b\n202 , " a " ,\tb\n')
    write("csv", "no_utf8", b"201,\xff\xfe\n202,\xc0\x80\n203,\xed\xa0\x80\n")
    write("csv", "long_line", "201," + "x" * 5000 + "\n202,b\n")
    write("csv", "longest_line", "201," + "x" * 4092 + "\r\n")
    write("csv", "zero_bytes", b"201,a\0b,\0\n\0\n")
    write("csv", "flags", "1,a,b,TRUE\n2,a,b,maybe\n3,a,b,\n4,,,,\n5\n,\n")
    write("csv", "no_line_end", "201")


def configs():
    write("config", "good",
          "--log-level=debug\n--advertise\na.test:1,b.test:2\n\n"
          'data-dir = "/var/lib/x" # where\nmax-stale = "30m"\n'
          'never-remote = ["112",\n  "911"]\nlookup-limit = 5\n')
    write("config", "arguments", "--max-stale=1d\n--redeem-limit\n0\n--print-config\n")
    write("config", "units", '\nmax-stale = "99999999999999999999d"\n')
    write("config", "negative_time", '\nmax-stale = "-1h"\n')
    write("config", "quotes", "\naccount-name = 'a\\b'\ncontact = \"sip:{number}@\\\"\"\n")
    write("config", "name_with_escapes", '\naccount-name = "a \\\\ \\" b # c"\n')
    write("config", "array_for_one", '\naccount-name = ["a", "b"]\n')
    write("config", "empty_array", "\nadvertise = []\ncontact-hosts = [ ]\n")
    write("config", "empty_strings", '\nadvertise = [""]\npbx-socket = ""\n')
    write("config", "open_string", '\naccount-name = "a\n')
    write("config", "open_escape", '\naccount-name = "a\\')
    write("config", "section", "\n[daemon]\na = 1\n")
    write("config", "twice", "\nhttp-listen = 'none'\nhttp-listen = 'none'\n")
    write("config", "commas", "\nnever-remote = ['1,2', '3']\ncontact-hosts=['a,b']\n")
    write("config", "advertise_none_and_more", "--advertise\nnone,a:1\n\n")
    write("config", "percent_braces", "--account-name={%s}\n--contact-hosts=[a,b]\n\n")
    write("config", "help", "--help\n")
    write("config", "positional", "run\n--\n-x\n")


def pbx_http():
    def seed(name, *requests):
        write("pbx_http", name, b"".join(
            r.encode("latin-1").replace(b"\n", b"\r\n") for r in requests))

    def asterisk(target):  # As func_curl of Asterisk 16 and 22 sends it.
        return (f"GET {target} HTTP/1.1\nHost: 127.0.0.1:8088\n"
                "User-Agent: asterisk-libcurl-agent/1.0\nAccept: */*\n\n")

    def curl(target, *more, method="GET"):
        return (f"{method} {target} HTTP/1.1\nHost: localhost:8088\nUser-Agent: curl/7.88.1\n"
                + "".join(line + "\n" for line in ("Accept: */*",) + more) + "\n")

    seed("asterisk", asterisk("/v1/resolve?number=301"))
    seed("asterisk_keeps_the_connection", asterisk("/v1/resolve?number=301"),
         asterisk("/v1/resolve?number=201&from=+4930123"), asterisk("/v1/resolve?number=999"))
    seed("kamailio", "GET /v1/resolve?number=301 HTTP/1.1\nHost: 127.0.0.1:8088\n"
         "User-Agent: kamailio (5.6.3 (x86_64/linux))\nAccept: */*\n\n")
    seed("yealink", "GET /v1/phonebook?format=yealink HTTP/1.1\n"
         "User-Agent: Yealink SIP-T46S 66.86.0.15 80:5e:c0:00:00:00\n"
         "Host: 127.0.0.1:8088\nAccept: */*\nConnection: Close\n\n")
    seed("phone_books", *[curl(f"/v1/phonebook?format={f}") for f in ("cisco", "csv", "pdf")])
    seed("json", curl("/v1/resolve?number=301", "Accept: application/json;q=1, */*;q=0.1"))
    token = "il-201-b3mvbbdje5acaaicamcaa4boj2lxaoyyy2bof5i"
    seed("authorize", asterisk(f"/v1/authorize?dialled={token}&call_id=a%40b"),
         asterisk(f"/v1/authorize?dialled={token}&want=name"),
         asterisk(f"/v1/authorize?want=call&dialled={token}"), asterisk("/v1/authorize?dialled=201"))
    seed("head", curl("/v1/resolve?number=301", method="HEAD"), curl("/v1/phonebook?format=csv"))
    seed("basic", curl("/v1/resolve?number=301", "Authorization: Basic YTowMTIzNDU2Nzg5YWJjZGVm"))
    seed("bearer", "Bearer 0123456789abcdef")
    seed("percent", curl("/v1/resolve?n%75mber=%33%30%31&from=%C3%BC%00"), curl("/v1/resolve?%&%2=%zz"))
    seed("twice", curl("/v1/resolve?number=301&number=201"))
    seed("browser", curl("/v1/resolve?number=301", "Origin: http://evil.example",
                         "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"))
    seed("rebound_name", "GET /v1/resolve?number=301 HTTP/1.1\nHost: evil.example\n\n")
    seed("whole_url", "GET http://[::1]:8088/v1/resolve?number=301 HTTP/1.1\nHost: x\n\n")
    seed("two_ends", curl("/v1/resolve?number=301", "Content-Length: 4",
                          "Transfer-Encoding: chunked") + "0\n\nGET / HTTP/1.1\n\n")
    seed("other_coding", curl("/v1/resolve?number=301", "Transfer-Encoding: gzip"))
    seed("body", curl("/v1/resolve?number=301", "Content-Length: 4") + "abcd" + curl("/"))
    seed("post", curl("/v1/resolve", "Content-Length: 10", method="POST") + "number=301")
    seed("folded", "GET /v1/resolve?number=301 HTTP/1.1\nHost: localhost\nX: a\n b\n\n")
    seed("old", "GET /v1/resolve?number=301 HTTP/1.0\n\n")
    seed("preface", "PRI * HTTP/2.0\n\nSM\n\n")
    seed("tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    seed("long", "GET /" + "a" * 9000 + " HTTP/1.1\n\n")
    seed("cut_short", asterisk("/v1/resolve?number=301")[:-9])
    seed("expects", curl("/v1/resolve?number=301", "Expect: 100-continue", "Upgrade: h2c",
                         "Connection: Upgrade"))


def connects():
    http, envelopes, call_of = b"\0", b"\1", b"\2"
    service = "/interlink.v1.InterlinkService"
    stream = "application/connect+json"

    def envelope(data, flags=0):
        return bytes([flags]) + len(data).to_bytes(4, "big") + data.encode()

    def get(target, *more, method="GET", host="127.94.12.7:43211"):
        return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *more, "", ""])

    def post(target, body, *more, kind="application/json", shown="Bearer SESSION"):
        body = body.encode() if isinstance(body, str) else body
        return get(target, f"Authorization: {shown}", f"Content-Type: {kind}",
                   f"Content-Length: {len(body)}", *more, method="POST").encode() + body

    def seed(name, *parts):
        write("connect", name, http + b"".join(
            p if isinstance(p, bytes) else p.encode("latin-1") for p in parts))

    seed("page", get("/"), get("/style.css?1"), get("/nothing"), get("/", method="HEAD"))
    seed("session", post("/session", '{"token":"TOKEN"}', shown="x"),
         post("/session", '{"token":"TOKEN"}', shown="x"))
    seed("session_odd", post("/session", '{"token":[]}'), post("/session", "\xff"),
         post("/session", '{"token":"guessed"}'))
    seed("call", post(f"{service}/ListInterlinks", '{"page_size":10}'))
    seed("call_pipelined", post(f"{service}/ListInterlinks", "{}") * 3)
    seed("call_without_session", post(f"{service}/ListInterlinks", "{}", shown="Bearer guessed"))
    seed("call_misspelt", post(f"{service}/ListInterlinks", '{"page_sise":10}'))
    seed("call_unknown", post(f"{service}/ListEverything", "{}"))
    seed("watch", post(f"{service}/WatchInterlinks", envelope("{}"), kind=stream))
    seed("watch_and_much_more",
         post(f"{service}/WatchInterlinks", envelope("{}"), kind=stream), "a" * 60000)
    seed("watch_compressed", post(f"{service}/WatchInterlinks", envelope("{}", 1), kind=stream))
    seed("chunks", get(f"{service}/ListInterlinks", "Authorization: Bearer SESSION",
                       "Content-Type: application/json", "Transfer-Encoding: chunked",
                       method="POST"), "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n")
    seed("chunk_of_all_memory", get(f"{service}/ListInterlinks", "Authorization: Bearer SESSION",
                                    "Transfer-Encoding: chunked", method="POST"),
         "ffffffffffffffff\r\n")
    seed("expects", post(f"{service}/ListInterlinks", "{}", "Expect: 100-continue"))
    seed("two_lengths", post(f"{service}/ListInterlinks", "{}", "Content-Length: 3"))
    seed("length_and_chunks", post(f"{service}/ListInterlinks", "{}", "Transfer-Encoding: chunked"))
    seed("large", post(f"{service}/ListInterlinks", "{}", "Content-Length: 99999999999999999999"))
    seed("other_host", get("/", host="evil.example"), get("/"))
    seed("other_origin", get("/", "Origin: http://evil.example"))
    seed("two_hosts", get("/", "Host: localhost"))
    seed("long_head", get("/", "Cookie: " + "a" * 33000))
    seed("whole_url", get("http://127.0.0.1/"))
    seed("options", get("/", "Origin: http://127.94.12.7:43211", method="OPTIONS"))
    seed("old", "GET / HTTP/1.0\r\n\r\n")
    seed("tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    seed("preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    seed("cut_short", post(f"{service}/ListInterlinks", "{}")[:-1])

    def bodies(name, data):
        write("connect", "envelopes_" + name, envelopes + data)

    bodies("two", envelope("{}") + envelope(""))
    bodies("short", envelope("{}")[:-1])
    bodies("half_a_head", b"\0\0\0")
    bodies("longer_than_memory", b"\0\xff\xff\xff\xff{}")
    bodies("end", envelope("{}", 2))
    bodies("a_thousand", b"\0" * 5000)
    bodies("too_many", b"\0" * 5005)

    # By their order in the proto; the last is none of them.
    generate, watch, imports, examine, unknown = 0, 7, 13, 22, 23
    proto, other_kind, version, timeout, trace, coding, bare = (1 << i for i in range(7))

    def calls(name, method, how, *parts):
        write("connect", "call_" + name, call_of + bytes([method, how]) + b"".join(
            p if isinstance(p, bytes) else p.encode() for p in parts))

    calls("of_json", generate, 0, '{"name":"Tim","expiresIn":"3600s"}')
    calls("of_proto", generate, proto, message((1, "Tim"), (2, message((1, 3600)))))
    calls("of_examine", examine, 0, "{}")
    calls("with_key", 2, 0, '{"name":"Tim","key":"ilk1_c2VjcmV0","ilk1_c2VjcmV0":1}')
    calls("deep", generate, 0, "[" * 900 + "]" * 900)
    calls("no_utf8", generate, 0, b'{"name":"B\xfcro"}')
    calls("half_a_surrogate", generate, 0, r'{"name":"\ud800x\udc00"}')
    calls("far_time", generate, 0, '{"expires_in":"315576000000.999999999s"}')
    calls("mask", 5, 0, '{"update_mask":"name,fooBar,foo_bar,,x.y_1"}')
    calls("large_numbers", 4, 0, '{"page_size":1e400,"page_token":null}')
    calls("unknown", unknown, 0, text("/interlink.v1.InterlinkService/"), "{}")
    calls("watched", watch, 0, "{}")
    calls("watched_by_proto", watch, proto)
    calls("imported", imports, bare, envelope('{"entries":[{"line":"2"}]}') + envelope("{}"))
    calls("other_kind", generate, other_kind, "{}")
    calls("headers", watch, version | timeout | trace | coding, text("1"), text("9999999999"),
          text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), text("identity"), "{}")
    calls("odd_headers", generate, version | timeout | trace | coding, text("\xff\x00"),
          text("-1"), text("\r\na: b"), text("gzip"), "{}")


JOHN, EVE, NOBODY = 0, 1, 2
(REDEEM, PROVEN, REDEEM_BUT, LOOKUP, LOOK_UP, TERMINATE, TERMINATE_BUT, CANCEL,
 PAUSE, WAIT) = range(10)
JOHNS, TIMS, PENDING, OTHER = bytes([0]), bytes([1]), bytes([2]), bytes([3])


def call(caller, kind, payload=b""):
    return bytes([caller, kind]) + block(payload)


def peer_calls():
    def seed(name, *calls):
        write("peer_call", name, b"".join(calls))

    removal = message((1, ID))
    seed("redeem_bytes", call(EVE, REDEEM, message((1, ID), (2, b"b"), (3, HASH))))
    seed("redeem", call(EVE, REDEEM_BUT))
    seed("redeem_twice", call(EVE, REDEEM_BUT), call(EVE, REDEEM_BUT),
         call(JOHN, REDEEM_BUT))
    seed("redeem_by_linked", call(JOHN, REDEEM_BUT), call(JOHN, WAIT, b"w" * 20))
    seed("redeem_as_other_account", call(EVE, REDEEM_BUT, message((2, b"x" * 16))))
    seed("redeem_with_other_root", call(EVE, REDEEM_BUT, message((4, "no root"))))
    seed("redeem_without_certificate", call(NOBODY, REDEEM_BUT))
    seed("redeem_with_removals", call(EVE, REDEEM_BUT, message((10, removal)) * 3))
    seed("redeem_with_many_removals", call(EVE, REDEEM_BUT, message((10, b"")) * 200))
    seed("redeem_odd_texts",
         call(EVE, REDEEM_BUT, message((3, "\x07\u202e" * 70), (5, "x"), (5, "[::]:1"),
                                       (6, "tel:{number}"), (9, "later"))))
    seed("redeem_other_protocol", call(EVE, REDEEM_BUT, message((7, 9), (8, 0))))
    seed("proven_nothing", call(EVE, PROVEN))
    seed("proven_body", call(EVE, PROVEN, message((1, b"r" * 16), (2, b"x" * 16))))
    seed("lookup", call(JOHN, LOOK_UP, JOHNS + b"201"), call(JOHN, LOOK_UP, JOHNS),
         call(JOHN, LOOK_UP, JOHNS + b"299"))
    seed("lookup_of_others", call(JOHN, LOOK_UP, TIMS + b"201"),
         call(EVE, LOOK_UP, JOHNS + b"201"), call(NOBODY, LOOK_UP, JOHNS + b"201"))
    seed("lookup_while_paused", call(JOHN, PAUSE), call(JOHN, LOOK_UP, JOHNS + b"201"),
         call(NOBODY, LOOK_UP, JOHNS + b"201"))
    # A caller without a certificate was once taken for the peer, if that one
    # had passed before the row changed.
    seed("lookup_without_certificate_after_change",
         call(JOHN, LOOK_UP, JOHNS), call(JOHN, PAUSE, b"resumes"),
         call(NOBODY, LOOK_UP, JOHNS + b"201"))
    seed("lookup_bytes", call(JOHN, LOOKUP, message((1, ID), (2, "2\n01"))))
    seed("terminate", call(JOHN, TERMINATE_BUT, JOHNS), call(JOHN, LOOK_UP, JOHNS))
    seed("terminate_of_others", call(EVE, TERMINATE_BUT, JOHNS),
         call(JOHN, TERMINATE_BUT, TIMS), call(NOBODY, TERMINATE_BUT, PENDING))
    seed("terminate_bytes", call(EVE, TERMINATE, message((1, ID), (2, b"r" * 16))))
    seed("cancel_then_redeem", call(EVE, CANCEL), call(EVE, REDEEM_BUT))
    seed("redeem_then_cancel", call(EVE, REDEEM_BUT), call(NOBODY, CANCEL),
         call(EVE, REDEEM_BUT), call(EVE, LOOK_UP, PENDING))
    seed("other_id", call(EVE, LOOK_UP, OTHER + text("short")))


(STEP_WAIT, BYTES, HELLO, PING, SUBSCRIBE, PART, ASK, ANSWER, INTRODUCE, END,
 END_ANSWER, GOODBYE, STREAMS, ADMIN) = range(14)
MS, SECOND, THREE, ELEVEN, HALF_MINUTE, MINUTE = (
    bytes([STEP_WAIT, which]) for which in (0, 3, 4, 5, 6, 7))


def part(flags, removed=(), first=0, run=0, odd=()):
    data = bytes([PART, flags, len(removed), *removed, first, run, len(odd)])
    for number, name, contact in odd:
        data += bytes([number]) + text(name) + text(contact)
    return data


def sessions():
    def seed(name, *steps):
        write("session", name, b"".join(steps))

    snapshot = part(3, first=100, run=10)
    seed("quiet", MINUTE, HALF_MINUTE)
    seed("no_pongs", bytes([PING, 1, 0, 0]), MINUTE)
    seed("snapshot", snapshot, ELEVEN, bytes([ADMIN, 0, 5, 0]), MS)
    seed("changes", snapshot, SECOND, part(2, removed=[3, 4], first=20, run=3), ELEVEN)
    seed("wrong_sum", snapshot, part(7, first=1, run=2) + bytes([2, 9]), ELEVEN, ELEVEN)
    seed("too_many", part(1, first=1, run=60), part(0, first=70, run=60), ELEVEN)
    seed("snapshots_without_end", *[part(1, first=i, run=9) for i in range(20)], SECOND)
    seed("odd_entries", part(3, odd=[(1, "R\u00e9n\u00e9\x07", "sip:{number}@x"),
                                     (2, "n" * 250, "c" * 250)]), ELEVEN)
    seed("no_number", part(3, odd=[(255, "12a", "")]), SECOND)
    seed("subscribe", bytes([SUBSCRIBE, 0]), SECOND, bytes([SUBSCRIBE, 2, 0]),
         bytes([SUBSCRIBE, 1]), MS)
    seed("lookups", bytes([ASK, 1, 101, ASK, 2, 199, ASK, 3, 255]) + text("9x"), SECOND)
    seed("answers_late", bytes([PING, 1, 0, 0]), ELEVEN, bytes([ADMIN, 0, 5, 1]), MS,
         bytes([ANSWER, 1, 0, 0, 1]) + text("n") + text("sip:{number}@y"), SECOND)
    seed("introduces",
         bytes([INTRODUCE, 2, 1]) + text("John") + text("sip:{number}@new.test")
         + bytes([2]) + text("new.test:1") + text("?"), THREE)
    seed("ends_own_link", bytes([END, 1, 0, 0, 0]), SECOND, ELEVEN)
    seed("ends_other_link", bytes([END, 1, 1, 0, 0]), bytes([END, 2, 2]) + text("r" * 16)
         + text("p" * 32), SECOND)
    seed("deleted_here", bytes([ADMIN, 2]), MS, bytes([END_ANSWER, 1, 1, 0]), ELEVEN)
    seed("paused_here", bytes([ADMIN, 1, 1]), bytes([SUBSCRIBE, 0]), SECOND,
         bytes([ADMIN, 1, 0]), SECOND)
    seed("goodbye", bytes([GOODBYE, 1]) + text("gone"), ELEVEN)
    seed("goodbye_unknown", bytes([GOODBYE, 5]) + text("ODD") + text("x\x1b[2J"), MS)
    seed("two_streams", bytes([STREAMS, 1]), bytes([HELLO, 0, 0, 2, 7]), SECOND,
         bytes([STREAMS, 0]), snapshot, ELEVEN)
    flip = [bytes([STREAMS, i & 1 | 4]) + bytes([HELLO, 0, 0, i, i & 1]) + SECOND
            for i in range(2, 12)]
    seed("clones", *flip)
    seed("hello_of_others", bytes([STREAMS, 5]), bytes([HELLO, 0, 1, 1, 1]), SECOND)
    seed("hello_versions", bytes([STREAMS, 5]), bytes([HELLO, 3, 0, 1, 1]), SECOND)
    seed("last_epoch", bytes([STREAMS, 5]), bytes([HELLO, 4, 0, 1]), SECOND,
         bytes([STREAMS, 4]), bytes([HELLO, 4, 0, 1]), SECOND)
    seed("hangs_up", bytes([STREAMS, 2]), MINUTE, bytes([STREAMS, 4]), SECOND)
    seed("bytes", bytes([BYTES]) + block(message((2, message((1, 1))))),
         bytes([BYTES]) + block(message((99, "later"))), MS)


def certificates():
    source = (HERE / "honest_chain.h").read_text()
    leaf, root = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\\n",
                            re.sub(r'"\n\s*"', "", source))
    leaf, root = leaf.replace("\\n", "\n"), root.replace("\\n", "\n")

    def der(pem):
        return base64.b64decode("".join(pem.split("\n")[1:-2]))

    def edit(which, at, removed, inserted=b""):
        return bytes([which]) + at.to_bytes(2, "big") + bytes([removed]) + text(inserted)

    write("certificate", "der_leaf", b"\0" + der(leaf))
    write("certificate", "der_root", b"\0" + der(root))
    write("certificate", "der_and_more", b"\0" + der(leaf) + b"\0")
    write("certificate", "der_short", b"\0" + der(leaf)[:-9])
    write("certificate", "pem_honest", "\1" + leaf + "\0" + root)
    write("certificate", "pem_leaf_twice", "\1" + leaf + "\0" + leaf + root)
    write("certificate", "pem_leaf_alone", "\1" + leaf)
    write("certificate", "pem_root_as_leaf", "\1" + root + "\0" + root)
    write("certificate", "pem_two_leaves", "\1" + leaf + root + "\0")
    write("certificate", "pem_five", "\1" + leaf + "\0" + root * 5)
    write("certificate", "pem_with_text", "\1x\n" + leaf + "\0 y\n" + root + "z")
    write("certificate", "pem_encrypted",
          "\1" + leaf.replace("TE-----\n", "TE-----\nProc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-128-CBC,00\n\n", 1))
    write("certificate", "blocks_honest", b"\2" + block(der(leaf)) + block(der(root)))
    write("certificate", "blocks_empty", b"\2" + block(b"") * 3)
    write("certificate", "edit_nothing", b"\3")
    uri = der(leaf).index(b"interlink://account/")
    write("certificate", "edit_account", b"\3" + edit(0, uri + 20, 2, b"00"))
    write("certificate", "edit_uri_with_zero", b"\3" + edit(0, uri + 30, 1, b"\0"))
    write("certificate", "edit_signature",
          b"\3" + edit(0, len(der(leaf)) - 4, 4, b"\1\2\3\4"))
    write("certificate", "edit_version", b"\3" + edit(0, 12, 1, b"\0"))
    write("certificate", "edit_root_signature",
          b"\3" + edit(1, len(der(root)) - 2, 2, b"\1\2"))


(ROW, TOMBSTONE, OUTBOX, NUMBER, EVENT, DIRECTORY, STARTS, ACCOUNT, FORMAT) = range(9)
FIELD = {ROW: 3, TOMBSTONE: 3, OUTBOX: 4, NUMBER: 5, EVENT: 6, DIRECTORY: 7, STARTS: 8,
         ACCOUNT: 2, FORMAT: 1}


def record(kind, *fields, number=201):
    """One record under the key of its kind."""
    key = bytes([0, kind])
    if kind == NUMBER:
        key += bytes([number])
    if kind == EVENT:
        key += bytes([0])
    return key + block(message((FIELD[kind], message(*fields))))


def records():
    def seed(name, *parts):
        write("record", name, b"".join(parts))

    now = message((1, 1_734_480_000))
    far = message((1, 253_402_300_799), (2, 999_999_999))
    past = message((1, -62_135_596_800))
    first = message((1, -9_223_372_036), (2, -2_000_000_000))
    last = message((1, 9_223_372_035), (2, 2_000_000_000))
    row_id = b"a" * 16
    peer = message((1, b"p" * 16), (2, "John"), (3, "no root"), (5, "john.test:7443"),
                   (6, "sip:{number}@john.test"))
    key = message((1, "ilk1_x"), (2, b"k" * 32))
    established = ((1, row_id), (2, "John"), (3, 3), (4, 100), (7, now), (8, now), (9, peer))
    seed("established", record(ROW, *established, (10, key)))
    seed("pending", record(ROW, (1, row_id), (2, "x"), (3, 1), (7, now),
                           (10, key + message((3, far)))))
    seed("pending_expired", record(ROW, (1, row_id), (2, "x"), (3, 1), (7, now),
                                   (10, key + message((3, past)))))
    seed("pending_first_moment", record(ROW, (1, row_id), (2, "x"), (3, 1), (7, first),
                                        (10, key + message((3, first)))))
    seed("pending_last_moment", record(ROW, (1, row_id), (2, "x"), (3, 1), (7, last),
                                       (10, key + message((3, last)))))
    seed("linking", record(ROW, (1, row_id), (2, "x"), (3, 2), (7, now), (9, peer),
                           (11, message((1, "no key"), (2, b"r" * 16)))))
    seed("failed", record(ROW, (1, row_id), (2, "x"), (3, 4), (7, now),
                          (12, message((1, "KEY_EXPIRED"), (2, "m")))))
    seed("states_unknown", record(ROW, (1, row_id), (2, "x"), (3, 99), (9, peer)))
    seed("row_of_other_id", record(ROW, (1, b"z" * 16), (2, "x"), (3, 3), (9, peer)))
    seed("row_without_id", record(ROW, (2, "x"), (3, 3)))
    seed("two_rows_one_name", record(ROW, *established),
         b"\1" + record(ROW, *established)[1:])
    seed("tombstone", record(TOMBSTONE, *established, (13, message((1, now), (2, 1)))))
    seed("tombstone_far_future", record(TOMBSTONE, *established,
                                        (13, message((1, far), (2, 9), (3, row_id)))))
    seed("row_and_tombstone", record(ROW, *established),
         record(TOMBSTONE, *established, (13, message((1, past)))))
    seed("outbox", record(OUTBOX, (1, row_id), (2, peer), (6, now)))
    seed("outbox_far_future", record(OUTBOX, (1, row_id), (2, peer), (6, far)))
    seed("outbox_of_nobody", record(OUTBOX, (4, "r"), (5, "p"), (6, past)))
    seed("number", record(NUMBER, (1, "n"), (2, "sip:x@10.0.0.1"), (5, now), (6, far)))
    seed("number_odd", record(NUMBER, (1, "\x07" * 99), (3, 1), (4, "tel:1")))
    seed("event", record(EVENT, (1, far), (2, "LINKED"), (3, "peer"), (4, b"x")))
    seed("directory", record(DIRECTORY, (1, (1 << 64) - 1), (2, HASH[:16]), (3, 0)),
         record(NUMBER, (1, "n"), (2, "sip:x@10.0.0.1")))
    seed("directory_without_digest", record(DIRECTORY, (1, 5)))
    seed("starts_last", record(STARTS, (1, (1 << 64) - 1)), record(ROW, *established))
    seed("account", record(ACCOUNT, (1, b"a" * 16), (2, "no root"), (3, "no key")))
    seed("format_backup", record(FORMAT, (1, 1), (2, 1)),
         record(ROW, (1, row_id), (2, "x"), (3, 1), (10, key)))
    seed("no_record", bytes([0, ROW]) + block(b"\xff\xff"))
    seed("other_kind", bytes([0, OUTBOX]) + block(message((5, b""))))


def sips():
    """Beside what real PBXs have sent: asterisk16_*, kamailio_* and so on."""
    def message(method, user, *fields, cseq=None):
        return "\r\n".join([
            f"{method} sip:{user}@127.0.0.1:5070 SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.11:5060;rport;branch=z9hG4bK1",
            "From: <sip:101@127.0.0.11>;tag=a", "To: <sip:201@127.0.0.1>",
            "Call-ID: c", f"CSeq: 1 {cseq or method}", *fields,
            "Content-Length: 0", "", ""])

    invite = message("INVITE", "201")
    write("sip", "local_number", message("INVITE", "202"))
    write("sip", "token", message("INVITE", "il-201-0"))
    write("sip", "cancel", message("CANCEL", "201"))
    write("sip", "register", message("REGISTER", "201"))
    write("sip", "compact", invite.replace("Via:", "v:").replace("From:", "f :")
          .replace("To:", "t:").replace("Call-ID:", "i:")
          .replace("Content-Length:", "l:"))
    write("sip", "folded", message("INVITE", "201", "Via: SIP / 2.0 / TCP  a ;",
                                   "  branch = x ,", "\tSIP/2.0/UDP [::1]:5060"))
    write("sip", "asserted", message(
        "INVITE", "201", 'P-Asserted-Identity: "A, \\"B" <sip:7@a>, <tel:8>'))
    write("sip", "require", message("INVITE", "201", "Require: 100rel, , timer"))
    write("sip", "escapes", message("INVITE", "%32%30%31;x=%00%zz"))
    write("sip", "zero_bytes", message("INVITE", "20\0001", "To\0: \0"))
    write("sip", "wrong_cseq", message("INVITE", "201", cseq="BYE"))
    write("sip", "old_branch", invite.replace("z9hG4bK1", "1"))
    write("sip", "many_parameters", invite.replace(
        "rport", ";".join(f"p{i}=\"{i};,\"" for i in range(60))))
    write("sip", "open_quote", invite.replace("<sip:201", '"x <sip:201'))
    write("sip", "response", "SIP/2.0 200 OK" + invite[invite.index("\r\n"):])
    write("sip", "line_ends", "\r\n\r\n\r\n" + invite + "\r\n\r\r\n")
    write("sip", "two_with_bodies",
          2 * (invite.replace("Length: 0", "Length: 6") + "v=0\r\n\r"))
    write("sip", "without_length", invite.replace("Content-Length: 0\r\n", ""))
    write("sip", "length_too_great", invite.replace("Length: 0", "Length: 99999"))
    write("sip", "two_lengths", message("INVITE", "201", "l: 3"))
    write("sip", "bare_line_feeds", invite.replace("\r\n", "\n"))


key_texts()
csvs()
configs()
pbx_http()
connects()
peer_calls()
sessions()
certificates()
records()
sips()
