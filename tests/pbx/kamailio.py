"""A Kamailio with the configuration of deploy/pbx, beside routes that were there
before."""

import pathlib
import shutil
import subprocess

from network import PROMPT, Violation, until
from phones import PORT
from processes import start

HERE = pathlib.Path(__file__).parent
SHIPPED = HERE.parent.parent / "deploy/pbx"
PHONE = """    if ($rU == "{number}") {{
        $du = "sip:{address}:{port}";
        t_relay();
        exit;
    }}
"""


class Kamailio:
    """One instance, whose files are in a folder of its own. It is a proxy, and
    writes no call records."""

    keeps_records = False
    is_proxy = True
    names_interlinks = True
    asks_by_sip = True
    follows_redirects = False
    notices_silence = 0
    asks_at = None, ("127.0.0.1", 5070)  # Not by HTTP.
    doors = ["--sip-listen", "127.0.0.1:5070"]

    def __init__(self, tree, place, folder, phones):
        self.tree = tree
        self.place = place
        self.folder = folder
        self.process = None
        folder.mkdir()
        shutil.copy(SHIPPED / "kamailio/interlink.cfg", folder)
        modules = next(tree.glob("usr/lib/*/kamailio/modules"))
        (folder / "kamailio.cfg").write_text(
            (HERE / "kamailio/kamailio.cfg").read_text().replace(
                "@MODULES@", f"{modules}/").replace("@ADDRESS@", place.address).replace(
                    "@PHONES@", phones[0].address.rsplit(".", 1)[0]))
        (folder / "phones.cfg").write_text("route[LOCAL] {\n" + "".join(
            PHONE.format(number=phone.number, address=phone.address, port=PORT)
            for phone in phones) + "    return;\n}\n")

    def start(self):
        self.process = start(self.place.command(
            self.tree / "bin/kamailio", "-f", self.folder / "kamailio.cfg", "-DD", "-E",
            "-m", "32", "-M", "4", "-Y", self.folder, "-P", self.folder / "pid"),
            self.log())

    def wait(self):
        until(f"Kamailio of {self.folder} takes calls", self._is_up, 90)

    def _is_up(self):
        if self.process.poll() is not None:
            raise Violation("Kamailio ended: " + self.log().read_text()[-2000:])
        sockets = pathlib.Path(f"/proc/{self.process.pid}/net/tcp").read_text()
        return "00000000:13C4" in sockets

    def sees_daemon(self):
        return True

    def version(self):
        """As it says itself, such as "Kamailio 5.6.3"."""
        said = subprocess.run([self.tree / "bin/kamailio", "-v"], text=True,
                              stdout=subprocess.PIPE, timeout=PROMPT).stdout
        return f"Kamailio {said.split()[2]}"

    def log(self):
        return self.folder / "log"
