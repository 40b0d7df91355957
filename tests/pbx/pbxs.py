"""The PBXs that can be paired: each makes one of a place, a folder and phones."""

import functools
import subprocess

import unpacked
from asterisk import Asterisk
from kamailio import Kamailio
from network import PROMPT, UNSHARE

PBXS = {
    "asterisk16": functools.partial(Asterisk, unpacked.ASTERISK_16, "asterisk"),
    "asterisk22": functools.partial(Asterisk, unpacked.ASTERISK_22, "asterisk"),
    "asterisk16-sip": functools.partial(
        Asterisk, unpacked.ASTERISK_16, "asterisk-sip"),
    "asterisk22-sip": functools.partial(
        Asterisk, unpacked.ASTERISK_22, "asterisk-sip"),
    "freepbx": functools.partial(Asterisk, unpacked.ASTERISK_22, "freepbx"),
    "kamailio": functools.partial(Kamailio, unpacked.KAMAILIO),
}


def obstacle():
    """Why none of them can be run on this machine, or None."""
    missing = unpacked.missing()
    if missing:
        return f"{missing} is not there; deploy/install-dependencies.sh unpacks it"
    if subprocess.run([*UNSHARE, "true"], stderr=subprocess.DEVNULL,
                      timeout=PROMPT).returncode:
        return "network namespaces need root, or user namespaces"
    return None
