"""Where deploy/install-dependencies.sh has unpacked PBXs and phones."""

import os
import pathlib

FOLDER = pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or
    pathlib.Path(os.environ.get("HOME", "/tmp")) / ".cache"
) / "interlink-tools/pbx"
ASTERISK_16 = FOLDER / "bullseye"
ASTERISK_22 = FOLDER / "forky"
KAMAILIO = PHONES = FOLDER / "bookworm"


def missing():
    """The first folder that is not there, or None."""
    for folder in (ASTERISK_16, ASTERISK_22, KAMAILIO):
        if not (folder / ".complete").exists():
            return folder
    return None
