#!/usr/bin/env python3
"""A phone dials 201, and a phone of another company rings: two network namespaces
with one cable between them, in each a PBX, a daemon and a phone.

    tests/pbx/two_companies.py --bin build/release/bin [--mike PBX] [--john PBX]

Tells what happens, and ends with status 1 where it is not as it should be. The PBXs
are asterisk22 for Mike and kamailio for John, or any other of pbxs.py. Says why and
ends with status 77 where this machine cannot do it.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import processes
from company import Company
from checks import shown
from network import UNSHARE, Place, Violation, join, until
from pbxs import PBXS, obstacle
from phones import Phone

INSIDE = "INTERLINK_TWO_COMPANIES"


def say(words):
    print(words, flush=True)


def dial(company, phone, number, expected):
    call = company.phones[phone].dial(number)
    say(f"phone {phone} of {company.name} dials {number}: {call.words()} after "
        f"{call.seconds() * 1000:.0f} ms")
    if call.words() != expected:
        raise Violation(f"it should be {expected}; see {call.log}")


def play(mike, john):
    for company in (mike, john):
        company.start()
        say(f"{company.name}: {company.pbx.version()} and a daemon, at "
            f"{company.place.address}")
    mike.share("101")
    john.share("201")
    john.phones["201"].answer()
    dial(mike, "101", "201", "404 Not Found")
    mike.link(john)
    mike.can_call("201")
    say("Mike generates a key, John enters it, and they are linked.")
    dial(mike, "101", "201", "200 OK")
    name, number = shown(john.phones["201"])
    say(f"phone 201 of {john.name} rings, and shows: {name}, {number}")
    if number != "101" or not name.startswith("Alice ("):
        raise Violation("it should show Alice and 101")
    mike.phones["101"].answer()
    dial(john, "201", "101", "200 OK")
    mike.unlink(john)
    until("John's row goes, too", lambda: not john.is_linked(mike))
    say("Mike deletes the link.")
    dial(mike, "101", "201", "404 Not Found")
    dial(john, "201", "101", "404 Not Found")
    if len(john.phones["201"].invitations()) != 1:
        raise Violation("201 should have rung once")


def on_stage(programs, mikes_pbx, johns_pbx, action):
    """`action` with Mike, who has a phone 101, and John, who has a 201, in two network
    namespaces with one cable. This program is started anew for that."""
    if INSIDE not in os.environ:
        why = obstacle()
        if why:
            say(f"Two PBXs are left out: {why}.")
            sys.exit(77)
        os.environ[INSIDE] = "yes"
        os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, *sys.argv])
    processes.end_all_at_sigterm()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="interlink-pbx-"))
    try:
        places = [Place("10.1.0.1"), Place("10.1.0.2")]
        join(*places)
        action(*[Company(name, place, folder / name.split()[0].lower(),
                         programs.resolve(), [phone], PBXS[pbx])
                 for name, place, phone, pbx in (
                     ("Mike Brown", places[0], Phone("101", "Alice"), mikes_pbx),
                     ("John Smith", places[1], Phone("201", "Bob"), johns_pbx))])
    except Violation as wrong:
        say(f"WRONG: {wrong}")
        sys.exit(1)
    finally:
        processes.end_all()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--mike", choices=PBXS, default="asterisk22")
    parser.add_argument("--john", choices=PBXS, default="kamailio")
    arguments = parser.parse_args()
    on_stage(arguments.bin, arguments.mike, arguments.john, play)


if __name__ == "__main__":
    main()
