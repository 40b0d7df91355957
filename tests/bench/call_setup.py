#!/usr/bin/env python3
"""What a call pays for the interlink: a phone at one Asterisk dials a phone at another,
each beside its daemon, and the same two Asterisks dial each other directly, in turn;
and directly again with the two CURL() in which they would ask, of a constant.

    tests/bench/call_setup.py --bin build/release/bin [--calls 200]

Prints figures as run.sh does, and to standard error what they are made of. Ends with
status 77 where two PBXs cannot be had.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "pbx"))
from network import Violation  # pylint: disable=C0413
from two_companies import on_stage  # pylint: disable=C0413

TARGET_MS = 2
# As Interlink's dial plan, with what the daemons would say written down.
CALLER = """
[from-internal]
exten => 9201,1,Dial(PJSIP/interlink/sip:direct@10.1.0.2:5060\\;transport=tcp,60,iI)
 same => n,Hangup(${HANGUPCAUSE})
exten => 9202,1,Set(CURLOPT(httptimeout)=1)
 same => n,Set(LINE=${CURL(http://127.0.0.1:PORT/)})
 same => n,Dial(PJSIP/interlink/sip:curl@10.1.0.2:5060\\;transport=tcp,60,iI)
 same => n,Hangup(${HANGUPCAUSE})
"""
OWNER = """
[interlink-in]
exten => direct,1,Goto(interlink-local,201,1)
exten => curl,1,Set(CURLOPT(httptimeout)=1)
 same => n,Set(LINE=${CURL(http://127.0.0.1:PORT/)})
 same => n,Goto(interlink-local,201,1)
"""
WAYS = {"201": "over the interlink", "9201": "directly",
        "9202": "directly, with two CURL()"}


def serve_constant(place, programs):
    """Its port; until its standard input ends, with this program."""
    server = subprocess.Popen(
        place.command(programs / "interlink_bench", "http-floor"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True)  # As the daemons: the scheduler shares by session.
    return server.stdout.readline().strip()


def first(messages, what):
    return next(m for m in messages if m.first_line.startswith(what)).when


def setup_ms(caller, called, number):
    """From the INVITE with the password to its answer, without what the phone that rings
    takes to give it: up to ten milliseconds, as sipp's clock has it."""
    heard = len(called.messages())
    call = caller.dial(number)
    if call.words() != "200 OK":
        raise Violation(f"{number}: {call.words()}, see {call.log}")
    asked = [m for m in call.messages()
             if m.sent and m.first_line.startswith("INVITE ")][-1].when
    answered = first(call.answers(), "SIP/2.0 200")
    ringing = called.messages()[heard:]
    thought = first(ringing, "SIP/2.0 200") - first(ringing, "INVITE ")
    return (answered - asked - thought).total_seconds() * 1000


def measure(mike, john, calls):
    for company, dialplan in ((mike, CALLER), (john, OWNER)):
        with open(company.pbx.folder / "etc/extensions.conf", "a") as file:
            file.write(dialplan.replace("PORT", serve_constant(
                company.place, company.programs)))
        company.start()
    john.share("201")
    mike.link(john)
    mike.can_call("201")
    john.phones["201"].answer()
    phones = mike.phones["101"], john.phones["201"]
    for number in WAYS:
        setup_ms(*phones, number)  # What is done once only.
    times = {number: [] for number in WAYS}
    for _ in range(calls):
        for number, taken in times.items():
            taken.append(setup_ms(*phones, number))
    median = {number: statistics.median(taken) for number, taken in times.items()}
    for number, what in WAYS.items():
        slow = sorted(times[number])[calls * 9 // 10]
        print(f"{calls} calls {what}: p50 {median[number]:.2f} ms, p90 {slow:.2f} ms",
              file=sys.stderr)
    added = median["201"] - median["9201"]
    print("call_setup_added_ms", f"{added:.4g}", "ms", f"<= {TARGET_MS}",
          "ok" if added <= TARGET_MS else "short", sep="\t")
    print("call_setup_two_curls_ms", f"{median['9202'] - median['9201']:.4g}", "ms",
          "-", "ok", sep="\t")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--calls", type=int, default=200)
    arguments = parser.parse_args()
    on_stage(arguments.bin, "asterisk22", "asterisk22",
             lambda mike, john: measure(mike, john, arguments.calls))


if __name__ == "__main__":
    main()
