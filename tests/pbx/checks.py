"""What the cases say about calls and phones."""

import re

from network import Violation

# The longest that a caller may wait for a daemon that does not answer, and for
# another company's PBX.
PATIENCE = 3.0
PATIENCE_WITH_PBX = 8.0


def equal(actual, expected, what=""):
    if actual != expected:
        raise Violation(f"{what}: {actual!r} instead of {expected!r}")


def ends(call, words):
    """A call ended with these words, and soon."""
    equal(call.words(), words, f"{call.log}")
    stays_short(call)


def is_refused(call):
    """The owner's PBX did not let it in."""
    if call.status() not in (403, 404):
        raise Violation(f"{call.log}: {call.words()}")
    stays_short(call)


def stays_short(call, patience=PATIENCE):
    if call.seconds() > patience:
        raise Violation(f"{call.log}: took {call.seconds()} s")


def is_quiet(phone):
    equal([m.first_line for m in phone.invitations()], [], f"{phone.number} rang")


def caller_in(invitation):
    """The name and the number that a phone shows."""
    found = re.match(r'"?((?:[^"\\]|\\.)*?)"? ?<sip:(?:([^@>]*)@)?',
                     invitation.header("From"))
    return found[1], found[2]


def shown(phone):
    """Of the latest caller."""
    return caller_in(phone.invitations()[-1])
