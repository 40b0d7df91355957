"""The cases in which somebody means harm: a stranger, or a linked company with a PBX
and tokens of its own. Each is as those of cases.py."""

import subprocess
from urllib.parse import parse_qs

from checks import ends, equal, is_quiet, is_refused, shown, stays_short
from network import DoesNotApply, Violation, until
from phones import PORT
from world import TRUNK


def a_token_is_good_for_a_few_tries_and_no_more(world):
    phone = world.john.phones["201"]
    phone.refuse("486 Busy Here")
    token = world.mike.token("201")
    said = [world.intrude(world.mike.place, token).words() for _ in range(9)]
    # Eight calls, however often John's PBX asks about one.
    equal(said, ["486 Busy Here"] * 8 + ["403 Forbidden"], "nine tries")


def _other_than_503(call):
    return call if call.status() != 503 else None


def a_token_that_is_old_is_refused(world):
    world.john.phones["201"].answer()
    token = world.mike.token("201")
    world.john.stop_daemon()
    world.john.start_daemon(hours_later=1)
    try:
        # By SIP, the PBX may not have noticed yet that the daemon is back.
        call = until("John's daemon is asked", lambda: _other_than_503(
            world.intrude(world.mike.place, token)))
        is_refused(call)
        is_quiet(world.john.phones["201"])
    finally:
        world.john.stop_daemon()
        world.john.start_daemon()


def a_token_of_an_interlink_that_was_deleted_is_refused_under_a_new_one(world):
    world.john.phones["201"].answer()
    token = world.mike.token("201")
    world.mike.unlink(world.john)
    until("John has heard", lambda: not world.john.is_linked(world.mike))
    world.mike.link(world.john)
    is_refused(world.intrude(world.mike.place, token))
    is_quiet(world.john.phones["201"])


def a_token_dialled_by_a_phone_reaches_nobody(world):
    world.john.phones["201"].answer()
    token = world.mike.token("201")
    ends(world.mike.phones["101"].dial(token), "404 Not Found")
    ends(world.john.phones["202"].dial(token), "404 Not Found")
    is_quiet(world.john.phones["201"])


def a_redirect_of_the_other_pbx_is_not_followed(world):
    if world.mike.pbx.follows_redirects:
        raise DoesNotApply("only for accounts that trust each other")
    own = world.mike.phones["103"]
    premium = world.premium_number()
    for contact in ("sip:0900123@10.1.0.1", "sip:0900123@10.1.0.9:5060",
                    "sip:103@10.1.0.1", "tel:0900123"):
        own.answer()
        hostile = world.hostile_pbx("302 Moved Temporarily",
                                    f"Contact: <{contact}>")
        call = world.mike.phones["101"].dial("666")
        hostile.end()
        equal(len(hostile.invitations()), 1, "calls to the hostile PBX")
        stays_short(call)
        if call.status() < 400:
            raise Violation(f"{contact}: {call.words()}")
        is_quiet(own)
        equal(len(premium.invitations()), 0, "calls to the premium number")
        world.check()
    premium.end()


def special_characters_of_a_dialplan_get_nowhere(world):
    phone = world.john.phones["201"]
    phone.answer()
    token = world.mike.token("201")
    before = world.john.decisions()
    for more in ("&PJSIP/0900123", "%26PJSIP%2F0900123%40trunk", "%2C30%2CG(a)",
                 "%22%20%7C%20%221%22%20%3D%20%221", "%24%7BSHELL(id)%7D",
                 "%0A", "%3B", "*", "/", "x" * 60):
        is_refused(world.intrude(world.mike.place, token + more))
    for user in (token[:-1], "il-201-", "il-" + "a" * 39, "201", "0900123",
                 "interlink", "s", "h", "t"):
        is_refused(world.intrude(world.mike.place, user))
    equal(world.john.decisions(), before, "the daemon is not asked of these")
    for user in (token.replace("201", "0900123"), "il-0900123-" + "a" * 39):
        is_refused(world.intrude(world.mike.place, user))
    equal(world.john.decisions(), {**before, "invalid": before["invalid"] + 2},
          "but of what could be a token")
    is_quiet(phone)


def an_asserted_caller_is_shown_with_the_interlink_and_is_no_extension(world):
    phone = world.john.phones["201"]
    phone.answer()
    link = world.john.shows(world.mike)
    # As one of John's own phones: it is shown as from Mike, or needs the password.
    call = world.intrude(world.stranger, world.mike.token("201"),
                         sender='"Dan" <sip:202@10.1.0.2>')
    if world.john.pbx.is_proxy:
        equal(shown(phone), (f"Dan ({link})", "202"), "the caller")
    else:
        equal(call.words(), "401 Unauthorized", call.log)
        is_quiet(phone)
    # The number without the name of an own extension, and a name that would pose.
    for asserted, names, expected in (
            ('"Dan (John Smith)" <sip:202@10.1.0.2>',
             [f"Dan John Smith ({link})"], "202"),
            ('"${SHELL(id)}, \\"x\\"" <sip:2%3B02@10.1.0.2>',
             [f"SHELLid x ({link})", f"${{SHELLid}} x ({link})"], "anonymous"),
            ("tel:+4930202", [link], "+4930202")):
        phone.answer()
        ends(world.intrude(world.mike.place, world.mike.token("201"),
                           more=f"P-Asserted-Identity: {asserted}"), "200 OK")
        name, number = shown(phone)
        equal(number, expected, "the caller's number")
        equal(name in names, True, name)


def a_number_in_from_is_shown_only_if_it_is_one(world):
    phone = world.john.phones["201"]
    for user in ("1%3A202", "0900%26123", "x"):
        phone.answer()
        ends(world.intrude(world.mike.place, world.mike.token("201"),
                           sender=f"<sip:{user}@10.1.0.1>"), "200 OK")
        equal(shown(phone), (world.john.shows(world.mike), "anonymous"), user)


def a_phone_is_told_by_its_pbx_alone_who_calls(world):
    phone = world.john.phones["201"]
    phone.answer()
    itself = '"Dan" <sip:202@10.1.0.2>'
    said = {"P-Asserted-Identity": itself, "P-Preferred-Identity": itself,
            "Remote-Party-ID": itself, "Diversion": itself, "History-Info": itself,
            "Alert-Info": "<http://10.1.0.9/ring>", "Privacy": "id",
            "Call-Info": "<http://10.1.0.9/face>;purpose=icon"}
    ends(world.intrude(world.mike.place, world.mike.token("201"), more="\n".join(
        f"{name}: {value}" for name, value in said.items())), "200 OK")
    invitation, = phone.invitations()
    equal({name: invitation.header(name) for name in said
           if invitation.header(name) == said[name]}, {}, "what the phone gets")


def a_destination_outside_is_not_dialled(world):
    for destination in ("0900123", f"sip:0900123@{TRUNK}:{PORT}"):
        world.john.ctl("number", "add", "900", "--destination", destination)
        try:
            world.mike.can_call("900")
            ends(world.mike.phones["101"].dial("900"), "404 Not Found")
            world.check(destination)
        finally:
            world.john.ctl("number", "delete", "900")


URIS = ("sip:201@10.1.0.2&PJSIP/0900123@trunk", "PJSIP/0900123@trunk",
        f"sip:201@{TRUNK}:{PORT}?Subject=x", f"sip:201@10.1.0.2;maddr={TRUNK}",
        "sip:201@10.1.0.2,30,G(outbound^0900123^1)", "sip:${EXTEN}@10.1.0.2",
        "tel:0900123")
# Asterisk sees what is before the bracket, and calls John's PBX, which refuses a number
# without a token.
CUT_SHORT = "sip:201@10.1.0.2):0&PJSIP/0900123@trunk"


def what_is_not_one_sip_uri_is_not_dialled_whoever_says_it(world):
    if world.mike.pbx.follows_redirects:
        raise DoesNotApply("it dials what its daemon says")
    with world.mike.replaced_daemon() as impostor:
        for uri in (*URIS, CUT_SHORT):
            impostor.answer(f"<{uri}>" if impostor.sip else uri)
            call = world.mike.phones["101"].dial("201")
            if uri == CUT_SHORT:
                is_refused(call)
            else:
                ends(call, "404 Not Found")
            world.check(uri)


def what_is_no_extension_is_not_dialled_whoever_says_it(world):
    if world.john.pbx.follows_redirects:
        raise DoesNotApply("it asks no daemon that does not answer OPTIONS")
    phone = world.john.phones["201"]
    phone.answer()
    token = world.mike.token("201")
    with world.john.replaced_daemon() as impostor:
        for destination in ["0900123", "0900123@trunk", "201&PJSIP/0900123@trunk",
                            "201,1", "${EXTEN}", "PJSIP/0900123@trunk",
                            "x" * 33,
                            *(["201"] if impostor.sip else ["0900123 201"])]:
            impostor.answer(f"<sip:{destination}@{TRUNK}:{PORT}>" if impostor.sip
                            else destination)
            is_refused(world.intrude(world.mike.place, token))
            world.check(destination)
        is_quiet(phone)


def each_call_is_asked_about_once_and_named(world):
    if world.john.pbx.follows_redirects:
        raise DoesNotApply("it asks no daemon that does not answer OPTIONS")
    token = world.mike.token("201")
    with world.john.replaced_daemon() as impostor:
        impostor.answer("<sip:201@10.1.0.2>" if impostor.sip else "201")
        for _ in range(2):
            world.intrude(world.mike.place, token)
        if impostor.sip:
            names = [call.header("Call-ID")
                     for call in impostor.redirector.invitations()]
        else:
            names = [parse_qs(question)["call_id"][0]
                     for question in impostor.questions()]
    equal((len(names), len(set(names))), (2, 2), f"questions and calls in {names}")


def a_request_within_no_dialog_reaches_no_phone_whatever_its_route(world):
    phone = world.john.phones["201"]
    phone.answer()
    for user, uri in (
            ("201", None),
            (world.mike.token("201"), None),
            ("201", f"sip:201@{phone.address}:{PORT}")):
        ends(world.intrude(world.stranger, user, to=";tag=1", uri=uri,
                           more="Route: <sip:10.1.0.2;lr>"),
             "481 Call/Transaction Does Not Exist")
    is_quiet(phone)


def a_name_in_from_lets_nobody_in(world):
    phones = list(world.john.phones.values())
    for phone in phones:
        phone.answer()
    for name in ("interlink-admit", "interlink-daemon", "interlink", "anonymous",
                 "trunk"):
        for user in ("201", "202", "0900123"):
            is_refused(world.intrude(world.stranger, user,
                                     sender=f"<sip:{name}@10.1.0.9>"))
    for phone in phones:
        is_quiet(phone)


def _within(part, elsewhere, our_tag=";tag=[pid]s[call_number]",
            their_tag="[peer_tag_param]", more="Allow: INVITE"):
    """What intrude() takes for a request within a call, of sipp/PART_within.part."""
    return {"within": f"[part {part}_within]", "elsewhere": elsewhere,
            "our_tag": our_tag, "their_tag": their_tag, "more_within": more}


def an_invite_within_a_call_leads_nowhere_else(world):
    phone = world.john.phones["201"]
    phone.answer()
    premium = world.premium_number()
    trunk = f"sip:0900123@{TRUNK}:{PORT}"
    attacks = {
        "to a host": {"within": _within(
            "invite", f"sip:0900123@{world.stranger.address}:5060")},
        "to the trunk": {"within": _within("invite", trunk)},
        "to the phone by way of the trunk": {"within": _within(
            "invite", f"sip:0900123@{phone.address}:{PORT}",
            more=f"Route: <sip:{TRUNK}:{PORT};lr>")},
        "to a Contact that is the trunk, as if from the phone": {
            "contact": f"<{trunk}>", "within": _within(
                "invite", trunk, our_tag="[peer_tag_param]",
                their_tag=";tag=[pid]s[call_number]")},
        "to a Record-Route that is the trunk, as if from the phone": {
            "more": f"Record-Route: <sip:{TRUNK}:{PORT};lr>", "within": _within(
                "invite", f"sip:0900123@{world.mike.place.address}:5099",
                our_tag="[peer_tag_param]", their_tag=";tag=[pid]s[call_number]",
                more=f"Route: <sip:{TRUNK}:{PORT};lr>")}}
    for what, attack in attacks.items():
        call = world.intrude(world.mike.place, world.mike.token("201"), **attack)
        equal(call.status(), 200, f"the call that is let in, {call.log}")
        equal(len(premium.invitations()), 0, f"calls {what}, {call.log}")
        world.check(f"{what}, {call.log}")
    premium.end()


def a_call_may_be_changed_within(world):
    world.john.phones["201"].answer()
    call = world.intrude(world.mike.place, world.mike.token("201"),
                         within=_within("invite", "[next_url]"))
    equal([(answer.header("CSeq"), answer.first_line.split()[1])
           for answer in call.answers()
           if answer.first_line >= "SIP/2.0 2"],
          [("1 INVITE", "200"), ("2 INVITE", "200")], f"answers, {call.log}")


def no_peer_makes_a_phone_dial(world):
    phone = world.john.phones["201"]
    phone.answer()
    call = world.intrude(world.mike.place, world.mike.token("201"), within=_within(
        "refer", f"sip:0900123@{world.john.place.address}"))
    equal(call.status(), 200, f"the call that is let in, {call.log}")
    equal([message.first_line for message in phone.messages()
           if message.first_line.startswith("REFER")], [], "what the phone got")


def a_route_that_a_peer_wrote_is_not_followed(world):
    phone = world.john.phones["201"]
    phone.answer()
    premium = world.premium_number()
    ends(world.intrude(world.mike.place, world.mike.token("201"),
                       more=f"Route: <sip:{world.stranger.address}:5060;lr>"),
         "200 OK")
    invitation, = phone.invitations()
    equal(invitation.header("Route"), "", "the route that the phone gets")
    equal(len(premium.invitations()), 0, "calls to the premium number")
    premium.end()


# Sends its input to the second argument from port 5099 of the first, and prints what comes
# back within two seconds.
SEND = """
import socket, sys
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.bind((sys.argv[1], 5099))
end.sendto(sys.stdin.buffer.read(), (sys.argv[2], 5060))
end.settimeout(2)
try:
    while True:
        print(end.recv(65536).decode())
except TimeoutError:
    pass
"""
FALSE_TOKEN = "il-201-" + "a" * 39


def _answers_to(world, pbx, message):
    """To a stranger who sends these bytes as one datagram."""
    command = world.stranger.command("python3", "-c", SEND, world.stranger.address, pbx)
    return subprocess.run(command, input=message.encode(), capture_output=True,
                          check=True, timeout=20).stdout.decode()


def _invite(world, user, call, via="", more=""):
    """A stranger's INVITE, but for what says its length and ends it."""
    stranger = world.stranger.address
    return (f"INVITE sip:{user}@pbx.test SIP/2.0\r\n{via}"
            f"Via: SIP/2.0/UDP {stranger}:5099;branch=z9hG4bK{call}\r\n"
            f"From: <sip:s@{stranger}>;tag={call}\r\nTo: <sip:s@pbx.test>\r\n"
            f"Call-ID: {call}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 9\r\n{more}")


def a_call_that_is_too_large_does_not_reach_the_daemon(world):
    proxies = [c for c in (world.mike, world.john) if c.pbx.is_proxy]
    if not proxies:
        raise DoesNotApply("no calls share a connection to the daemon")
    long = "".join(f"X-{part}: {'x' * 900}\r\n" for part in range(10))
    for company in proxies:
        answer = _answers_to(world, company.place.address, _invite(
            world, FALSE_TOKEN, "large", more=long + "Content-Length: 0\r\n\r\n"))
        if "SIP/2.0 513 " not in answer:
            raise Violation(f"{company.name}'s PBX answers {answer!r}")


def nobody_speaks_to_a_daemon_as_its_pbx(world):
    """A PBX that takes a bare LF for the end of a head forwards a body in which its daemon
    might see one more request of the PBX."""
    for company, number in ((world.mike, "201"), (world.john, "101")):
        for end in ("\n\n", "\n\r\n"):
            body = "A: b\r\nl: 0\r\n\r\n" + _invite(
                world, number, "inner", via="Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKq\r\n",
                more="Content-Length: 0\r\n\r\n")
            answer = _answers_to(world, company.place.address, _invite(
                world, FALSE_TOKEN, f"outer{len(end)}",
                more=f"X: b\nContent-Length: {len(body)}{end}{body}"))
            if "SIP/2.0 3" in answer or f"il-{number}-" in answer:
                raise Violation(f"{company.name}'s PBX tells a stranger {answer!r}")
            if company.pbx.is_proxy and "SIP/2.0 400 " not in answer:
                raise Violation(f"the daemon of {company.name} answers {answer!r}")
