"""The cases. Each is a function whose name is a claim, and gets a World in which
Mike and John are linked. What a phone of Mike hears is what a caller would."""

import re
import time

from baresip import Baresip, share_of_tone
from checks import (PATIENCE_WITH_PBX, ends, equal, is_quiet, is_refused, shown,
                    stays_short)
from network import DoesNotApply, Violation, until


def a_phone_dials_a_number_of_a_linked_account(world):
    phone = world.john.phones["201"]
    phone.answer()
    ends(world.mike.phones["101"].dial("201"), "200 OK")
    equal(shown(phone), (f"Alice ({world.john.shows(world.mike)})", "101"),
          "the caller")


def and_the_other_way_round(world):
    phone = world.mike.phones["101"]
    phone.answer()
    ends(world.john.phones["201"].dial("101"), "200 OK")
    equal(shown(phone), (f"Zoë ({world.mike.shows(world.john)})", "201"),
          "the caller")


def a_phone_may_ring_for_a_while(world):
    world.john.phones["201"].answer(after=4)
    equal(world.mike.phones["101"].dial("201").words(), "200 OK")


def sound_arrives_at_both_ends(world):
    caller = Baresip(world.mike.phones["101"], hertz=450)
    called = Baresip(world.john.phones["201"], hertz=600)
    try:
        called.start()
        caller.start("-e", "/dial sip:201@127.0.0.1:5060")
        until("the call stands", lambda: "Call established" in caller.words())
        time.sleep(1)
    finally:
        caller.end()
        called.end()
    for phone, hertz in ((caller, 600), (called, 450)):
        share = share_of_tone(phone.ear(), hertz)
        if share < 0.9:
            raise Violation(f"{phone.folder} heard {share:.3f} of {hertz} Hz")


def a_caller_has_his_name_also_if_the_called_company_has_his_number(world):
    phone = world.john.phones["201"]
    phone.answer()
    ends(world.mike.phones["103"].dial("201"), "200 OK")
    equal(shown(phone), (f"Carol ({world.john.shows(world.mike)})", "103"),
          "the caller")


def call_records_have_the_number_and_not_the_token(world):
    companies = [company for company in (world.mike, world.john)
                 if company.pbx.keeps_records]
    if not companies:
        raise DoesNotApply("a proxy writes none")
    before = [len(company.pbx.records()) for company in companies]
    world.john.phones["201"].answer()
    ends(world.mike.phones["101"].dial("201"), "200 OK")
    for company, old in zip(companies, before):
        new = until("a call record", lambda: company.pbx.records()[old:])
        equal({record["destination"] for record in new}, {"201"},
              f"what the PBX of {company.name} wrote down")
        equal("101" in {record["source"] for record in new}, True, new)
        # Of an outgoing call, the URI that was dialled.
        equal({field for record in new for field, text in record.items()
               if "il-201-" in text} - {"data"}, set(), "fields with a token")


def a_caller_who_hides_his_number_shows_the_interlink_only(world):
    phone = world.john.phones["201"]
    phone.answer()
    ends(world.mike.phones["102"].dial("201"), "200 OK")
    name, number = shown(phone)
    equal(number, "anonymous", "the caller's number")
    link = world.john.shows(world.mike)
    equal(name in (link, f"Anonymous ({link})"), True, name)


def a_caller_who_hides_his_number_is_not_told_to_the_other_pbx(world):
    curious = world.curious_pbx()
    ends(world.mike.phones["102"].dial("666"), "200 OK")
    curious.end()
    told = [message for message in curious.messages() if not message.sent]
    equal([message.first_line.split()[0] for message in told],
          ["INVITE", "ACK", "BYE"], "what it was sent")
    for message in told:
        for line in message.text.splitlines():
            # Contact is where the phone is reached: the page says what hides it. In
            # vsf Kamailio would hide the old From, for nobody who can count.
            if re.search(r"\b102\b|Hidden|\bvs[ft]=", line) and not re.match(
                    "(Contact|Via|Call-ID|CSeq|Content-Length):", line):
                raise Violation(f"{curious.log}: {line}")


def the_name_of_an_interlink_may_have_any_characters(world):
    phone = world.john.phones["201"]
    odd = "Brown) & Co: (Mike, ?"
    link = odd if world.john.pbx.names_interlinks else "Interlink"
    world.john.ctl("rename", world.mike.name, odd)
    try:
        for caller, names in (("101", [f"Alice ({link})"]),
                              ("102", [link, f"Anonymous ({link})"])):
            phone.answer()
            ends(world.mike.phones[caller].dial("201"), "200 OK")
            equal(shown(phone)[0] in names, True, shown(phone))
    finally:
        world.john.ctl("rename", odd, world.mike.name)


def the_local_number_wins(world):
    own = world.mike.phones["103"]
    own.answer()
    other = world.john.phones["103"]
    other.answer()
    ends(world.mike.phones["101"].dial("103"), "200 OK")
    equal(len(own.invitations()), 1, "calls to the own phone")
    is_quiet(other)


def private_and_unknown_numbers_are_not_found(world):
    phone = world.john.phones["202"]
    phone.answer()
    for number in ("202", "299", "2010000000000000", "201*", "il-201"):
        ends(world.mike.phones["101"].dial(number), "404 Not Found")
    is_quiet(phone)


def a_number_that_cannot_be_looked_up_is_not_called_unknown(world):
    world.john.stop_daemon()
    try:
        # What a peer has said holds for twelve seconds.
        until("Mike has noticed", lambda: not world.mike.knows_its_peers(), 30)
        call = world.mike.phones["101"].dial("299")
        equal(call.status() in (480, 503), True, call.words())
        stays_short(call)
    finally:
        world.john.start_daemon()


def a_pbx_that_is_silent_does_not_hold_a_caller_for_long(world):
    silent = world.silent_pbx()
    call = world.mike.phones["101"].dial("666")
    equal(len(silent.invitations()) > 0, True, "whether the other PBX was called")
    equal(call.status() in (408, 503), True, call.words())
    stays_short(call, PATIENCE_WITH_PBX)


def a_number_that_becomes_private_is_refused_to_the_next_call(world):
    phone = world.john.phones["201"]
    phone.answer()
    token = world.mike.token("201")
    world.john.ctl("number", "set", "201", "--private")
    try:
        is_refused(world.intrude(world.mike.place, token))
        until("Mike has heard", lambda: not world.mike.route("201"))
        ends(world.mike.phones["101"].dial("201"), "404 Not Found")
        is_quiet(phone)
    finally:
        world.john.ctl("number", "set", "201", "--shared")
    world.mike.can_call("201")
    ends(world.mike.phones["101"].dial("201"), "200 OK")


def a_call_that_rings_is_not_ended_by_unlinking_and_the_next_is_refused(world):
    phone = world.john.phones["201"]
    phone.answer(after=0.7)
    call = world.mike.phones["101"].begin("201")
    until("201 rings", lambda: any("180 Ringing" in answer.first_line
                                   for answer in call.answers()))
    world.mike.unlink(world.john)
    ends(call.wait(), "200 OK")
    ends(world.mike.phones["101"].dial("201"), "404 Not Found")
    equal(len(phone.invitations()), 1, "calls to 201")


def a_call_goes_on_when_the_other_side_unlinks_and_the_next_is_refused(world):
    phone = world.john.phones["201"]
    phone.answer()
    token = world.mike.token("201")
    call = world.mike.phones["101"].begin("201", talk=0.7)
    until("201 answers", lambda: call.status() == 200)
    world.john.unlink(world.mike)
    equal(call.wait().process.returncode, 0, "the call that was there")
    is_refused(world.intrude(world.mike.place, token))
    until("Mike has heard", lambda: not world.mike.is_linked(world.john))
    ends(world.mike.phones["101"].dial("201"), "404 Not Found")
    equal(len(phone.invitations()), 1, "calls to 201")


def _no_call_hangs(world, company, pause, resume):
    for phone in (world.john.phones["201"], world.mike.phones["103"]):
        phone.answer()
    pause()
    time.sleep(company.pbx.notices_silence)
    try:
        ends(world.mike.phones["101"].dial("201"), "503 Service Unavailable")
        is_quiet(world.john.phones["201"])
        ends(world.mike.phones["101"].dial("103"), "200 OK")
    finally:
        resume()
    until(f"calls after {company.name} is back", lambda: world.mike.phones[
        "101"].dial("201").status() == 200, 20)


def no_call_hangs_while_the_callers_daemon_is_stopped(world):
    _no_call_hangs(world, world.mike, world.mike.stop_daemon,
                   world.mike.start_daemon)


def no_call_hangs_while_the_callers_daemon_is_frozen(world):
    _no_call_hangs(world, world.mike, world.mike.freeze_daemon,
                   world.mike.thaw_daemon)


def no_call_hangs_while_the_owners_daemon_is_stopped(world):
    _no_call_hangs(world, world.john, world.john.stop_daemon,
                   world.john.start_daemon)


def no_call_hangs_while_the_owners_daemon_is_frozen(world):
    _no_call_hangs(world, world.john, world.john.freeze_daemon,
                   world.john.thaw_daemon)


def of_two_accounts_with_the_number_one_rings_and_a_prefix_reaches_the_other(world):
    tim = world.third_company()
    world.mike.link(tim)
    tims = tim.phones["201"]
    tims.answer()
    world.john.phones["201"].refuse("486 Busy Here")
    ends(world.mike.phones["101"].dial("201"), "486 Busy Here")
    is_quiet(tims)
    world.mike.ctl("prefix", tim.name, "8")
    world.mike.can_call("8201")
    ends(world.mike.phones["101"].dial("8201"), "200 OK")
    equal(len(tims.invitations()), 1, "calls to Tim's 201")
    world.mike.unlink(tim)


def a_phone_may_renew_a_subscription(world):
    if not world.john.pbx.is_proxy:
        raise DoesNotApply("its phones subscribe to the PBX")
    phone = world.john.phones["201"]
    phone.answer()
    world.john.phones["202"].subscribe_again(phone)
    until("201 is asked", lambda: any(
        message.first_line.startswith("SUBSCRIBE") for message in phone.messages()))
