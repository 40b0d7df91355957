#!/usr/bin/env python3
"""Certificates for tests, made with the openssl program.

    certificates.py authority STEM [NAME]       STEM.pem and STEM.key
    certificates.py issue STEM AUTHORITY-STEM [EXTENSION=VALUE...]
    certificates.py self STEM [EXTENSION=VALUE...]

Keys are ECDSA over P-256. EXTENSION=VALUE is a line of OpenSSL's configuration,
such as subjectAltName=DNS:localhost.
"""

import pathlib
import subprocess
import sys

AUTHORITY = ("basicConstraints=critical,CA:TRUE",
             "keyUsage=critical,keyCertSign", "subjectKeyIdentifier=hash")


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make(certificate, key, subject, extensions=(), days=1, signer=None):
    """Makes both files; `signer` is the files of who signs, else itself."""
    request = key.with_suffix(".csr")
    lines = key.with_suffix(".ext")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", f"/CN={subject}", "-out",
            request)
    lines.write_text("".join(f"{line}\n" for line in extensions))
    signed_by = (["-CA", signer[0], "-CAkey", signer[1], "-CAcreateserial"]
                 if signer else ["-signkey", key])
    openssl("x509", "-req", "-in", request, "-days", days, "-extfile", lines,
            "-out", certificate, *signed_by)


def files_of(stem):
    return pathlib.Path(f"{stem}.pem"), pathlib.Path(f"{stem}.key")


def main():
    match sys.argv[1:]:
        case ["authority", stem, *name]:
            make(*files_of(stem), name[0] if name else "Test CA", AUTHORITY)
        case ["issue", stem, authority, *extensions]:
            make(*files_of(stem), pathlib.Path(stem).name, extensions,
                 signer=files_of(authority))
        case ["self", stem, *extensions]:
            make(*files_of(stem), pathlib.Path(stem).name, extensions)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
