"""An Asterisk with the configuration of deploy/pbx, as its administrator would
copy it, beside a dialplan that was there before."""

import csv
import pathlib
import shutil
import subprocess

from network import PROMPT, Violation, until
from phones import PORT
from processes import start

HERE = pathlib.Path(__file__).parent
SHIPPED = HERE.parent.parent / "deploy/pbx"

PHONE = """
[{number}](phone)
aors={number}
callerid="{name}" <{number}>
callerid_privacy={privacy}
[{number}]
type=aor
contact=sip:{number}@{address}:{port}
"""
EXTENSION = """exten => {number},1,Dial(PJSIP/{number},30)
 same => n,Hangup(${{HANGUPCAUSE}})
"""


class Asterisk:
    """One instance, whose files are in a folder of its own. `recipe` is the
    folder of deploy/pbx that it follows."""

    keeps_records = True
    is_proxy = False

    def __init__(self, tree, recipe, place, folder, phones):
        by_sip = recipe == "asterisk-sip"
        self.names_interlinks = not by_sip  # To a phone that is called.
        self.asks_by_sip = self.follows_redirects = by_sip
        # Of its daemon, as its page says.
        self.doors = ["--sip-listen", f"{place.address}:5070", "--sip-allow",
                      f"{place.address}/32"] if by_sip else [
                          "--pbx-http-listen", "127.0.0.1:9465"]
        self.asks_at = 9465, (place.address, 5070) if by_sip else None
        self.notices_silence = 4 if by_sip else 0  # Of its daemon, in seconds.
        self.tree = tree
        self.place = place
        self.folder = folder
        self.process = None
        for part in ("etc", "lib", "db", "agi", "spool", "run", "log/cdr-csv"):
            (folder / part).mkdir(parents=True)
        # The others have files of Asterisk's recipe, too; later ones win.
        shipped = dict.fromkeys(["asterisk", recipe])
        for source in [HERE / "asterisk", *(SHIPPED / name for name in shipped),
                       *([HERE / "freepbx"] if recipe == "freepbx" else [])]:
            for file in source.glob("*.conf"):
                shutil.copy(file, folder / "etc")
        self._replace("pjsip_interlink.conf", "192.0.2.10", place.address)
        self._add("pjsip.conf", PHONE, phones)
        self._add("extensions.conf", EXTENSION, phones)
        with open(folder / "etc/pjsip.conf", "a") as pjsip:
            pjsip.write("\n#include pjsip_interlink.conf\n")
        self._write_folders()

    def _add(self, file, lines, phones):
        with open(self.folder / "etc" / file, "a") as out:
            for phone in phones:
                out.write(lines.format(
                    number=phone.number, name=phone.name, address=phone.address,
                    port=PORT,
                    privacy="prohib" if phone.hidden else "allowed"))

    def _replace(self, file, example, ours):
        """As the page says, where a file has an example."""
        path = self.folder / "etc" / file
        path.write_text(path.read_text().replace(example, ours))

    def _write_folders(self):
        modules = next(self.tree.glob("usr/lib/**/chan_pjsip.so")).parent
        data = self.tree / "usr/share/asterisk"
        (self.folder / "etc/asterisk.conf").write_text(f"""[directories]
astetcdir => {self.folder}/etc
astmoddir => {modules}
astvarlibdir => {data}
astdatadir => {data}
astdbdir => {self.folder}/db
astkeydir => {self.folder}/lib
astagidir => {self.folder}/agi
astspooldir => {self.folder}/spool
astrundir => {self.folder}/run
astlogdir => {self.folder}/log
[options]
nocolor = yes
verbose = 3
""")

    def start(self):
        self.process = start(self.place.command(
            self.tree / "bin/asterisk", "-C", self.folder / "etc/asterisk.conf", "-f"),
            self.folder / "log/console")

    def wait(self):
        until(f"Asterisk of {self.folder} takes calls", self._is_up, 90)

    def _is_up(self):
        if self.process.poll() is not None:
            raise Violation("Asterisk ended: " +
                            (self.folder / "log/console").read_text()[-2000:])
        return "fully booted" in self.ask("core waitfullybooted")

    def sees_daemon(self):
        """By SIP it asks a daemon only after that has answered once."""
        return not self.asks_by_sip or " Avail " in self.ask("pjsip show contacts")

    def ask(self, command):
        """What its command line says."""
        return subprocess.run(
            self.place.command(self.tree / "bin/asterisk", "-C",
                               self.folder / "etc/asterisk.conf", "-rx", command),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            timeout=PROMPT).stdout

    def records(self):
        """The calls that it wrote down."""
        fields = ("account", "source", "destination", "context", "caller",
                  "channel", "to_channel", "application", "data")
        path = self.folder / "log/cdr-csv/Master.csv"
        if not path.exists():
            return []
        with open(path, newline="") as file:
            return [dict(zip(fields, row)) for row in csv.reader(file)]

    def version(self):
        """As it says itself, such as "Asterisk 16.28.0"."""
        said = subprocess.run([self.tree / "bin/asterisk", "-V"], text=True,
                              stdout=subprocess.PIPE, timeout=PROMPT).stdout
        return said.split("~")[0].split("+")[0].strip()

    def log(self):
        return self.folder / "log/full"
