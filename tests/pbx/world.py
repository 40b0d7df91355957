"""The stage of the cases: three companies on one wire, and somebody whom nobody
knows."""

from company import Company
from network import Network, Violation, until
from phones import PORT, Call, Phone, Sipp

TRUNK = "127.0.0.90"  # Where a PBX sends calls to the telephone network.
HOSTILE = 5066  # Where John's 666 is said to be.
STRANGERS_CONTACT = "<sip:stranger@[local_ip]:[local_port];transport=[transport]>"


class World:
    """Mike and John run the PBXs of a pairing. Both have a 103."""

    def __init__(self, folder, programs, mikes_pbx, johns_pbx):
        self.folder = folder
        self.programs = programs
        self.network = Network()
        self.companies = []
        self.visitors = []
        self.mike = self._found("Mike Brown", mikes_pbx, {
            "101": "Alice", "102": "Hidden", "103": "Carol"})
        self.john = self._found("John Smith", johns_pbx, {
            "201": "Zoë", "202": "Dan", "103": "Erin"})
        self.tim = None
        self.johns_pbx = johns_pbx
        self.stranger = self.network.add("10.1.0.9")
        self.trunks = []

    def start(self):
        for company in (self.mike, self.john):
            self._open(company)
        for number in ("101", "103"):
            self.mike.share(number)
        for number in ("201", "103"):
            self.john.share(number)
        self.john.share("202", "--private")
        self.john.share("666", "--contact",
                        f"sip:{{number}}@10.1.0.2:{HOSTILE};transport=tcp")

    def _found(self, name, pbx, phones):
        company = Company(
            name, self.network.add(f"10.1.0.{len(self.companies) + 1}"),
            self.folder / name.split()[0].lower(), self.programs,
            [Phone(number, whom, hidden=whom == "Hidden")
             for number, whom in phones.items()], pbx)
        self.companies.append(company)
        return company

    def _open(self, company):
        """With a telephone network beside its PBX, which costs whoever calls."""
        company.start()
        self.trunks.append(Sipp(company.place, TRUNK, company.folder / "trunk",
                                "refuser", "-p", str(PORT),
                                keys={"status": "486 Busy Here",
                                      "more": "Allow: INVITE"}))
        until("its trunk is there", self.trunks[-1].listens)

    def third_company(self):
        """Tim, who has a 201 as John has."""
        if not self.tim:
            self.tim = self._found("Tim Andrews", self.johns_pbx,
                                   {"201": "Tina"})
            self._open(self.tim)
            self.tim.share("201")
        return self.tim

    def set_up(self):
        """What each case begins with: Mike and John are linked, all is well, and
        nobody's telephone is on."""
        for visitor in self.visitors:
            visitor.end()
        for company in self.companies:
            for phone in company.phones.values():
                phone.hang_up()
            until("the PBX sees its daemon", company.pbx.sees_daemon)
        if not self.mike.is_linked(self.john):
            self.mike.link(self.john)
        for company in self.companies:
            until(f"{company.name} knows its peers", company.knows_its_peers, 30)
        self.mike.can_call("201")

    def play(self, case):
        self.set_up()
        case(self)
        self.check()

    def intrude(self, place, user, sender="<sip:interlink@10.1.0.1>", to="",
                more="Allow: INVITE", uri=None, contact=STRANGERS_CONTACT,
                within=None):
        """An INVITE to John's PBX that no PBX of ours sends, to its end. `within` are
        the keys of what happens in the call if it is let in."""
        pbx = f"{self.john.place.address}:5060"
        call = Call(place, place.address, self._visitor(), "stranger", pbx,
                    "-p", "5099", "-s", user, "-m", "1", "-d", "100", "-t", "u1",
                    "-timeout", "8s",
                    keys={"within": "", **(within or {}), "contact": contact,
                          "uri": uri or f"sip:{user}@{pbx}", "from": sender,
                          "to": to, "more": more})
        self.visitors.append(call)
        return call.wait()

    def hostile_pbx(self, status, more):
        """What answers for John's 666, with his consent."""
        return self._listen(self.john.place, HOSTILE, "tcp", "refuser",
                            {"status": status, "more": more})

    def curious_pbx(self):
        """What takes a call to John's 666, and keeps all that it is told."""
        return self._listen(self.john.place, HOSTILE, "tcp", "answerer")

    def silent_pbx(self):
        """What hears a call to John's 666, and says nothing."""
        return self._listen(self.john.place, HOSTILE, "tcp", "silent")

    def premium_number(self):
        """What costs whoever calls it, at 10.1.0.9:5060."""
        return self._listen(self.stranger, 5060, "udp", "refuser",
                            {"status": "486 Busy Here", "more": "Allow: INVITE"})

    def _listen(self, place, port, protocol, scenario, keys=None):
        visitor = Sipp(place, place.address, self._visitor(), scenario, "-p",
                       str(port), "-t", f"{protocol[0]}1", "-d", "0", keys=keys)
        self.visitors.append(visitor)
        until("it can be called", lambda: visitor.listens(port, protocol))
        return visitor

    def _visitor(self):
        return self.folder / f"visitor-{len(self.visitors)}"

    def check(self, what=""):
        """What no case may do: call at a company's cost."""
        for trunk in self.trunks:
            if trunk.invitations():
                raise Violation(f"a call to the telephone network: {trunk.log} {what}")
