#!/usr/bin/python3
"""cert-manager renews the certificate of the API: the pod's daemon shows the new one
without a restart, and a stream that is open stays. Needs root.

    rotation_test.py --bin build/dev/bin
"""

import argparse
import base64
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cluster
import image

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
WATCH = "interlink.v1.InterlinkService/WatchInterlinks"


def serial(node, address):
    """Of the certificate that is shown at the address."""
    shown = subprocess.run(
        ["nsenter", f"--net=/run/netns/{node}", "openssl", "s_client", "-connect",
         address, "-alpn", "h2"], input="", capture_output=True, text=True,
        check=False).stdout
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown,
                          capture_output=True, text=True, check=True).stdout


def check(node, running, scratch):
    rendered = subprocess.run(
        ["kustomize", "build", TOP / "deploy/kubernetes/overlays/mike"],
        check=True, capture_output=True, text=True).stdout
    for document in cluster.documents(rendered):
        running.apply(document)
    running.settle()
    address = running.address("mike", "interlink-0") + ":7444"
    deadline = time.monotonic() + 90
    while "ready: pid" not in running.log("mike", "interlink-0"):
        if time.monotonic() > deadline:
            sys.exit("FAILED: it is not ready: " +
                     running.log("mike", "interlink-0")[-2000:])
        time.sleep(0.05)
    secret = running.read("mike", "Secret", "interlink-api-pbx")["data"]
    for name, value in secret.items():
        (scratch / name).write_bytes(base64.b64decode(value))
    with open(scratch / "watch", "w") as output:
        watch = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{node}", "grpcurl", "-cacert",
             scratch / "ca.crt", "-cert", scratch / "tls.crt", "-key",
             scratch / "tls.key", "-authority", "interlink-api", address, WATCH],
            stdout=output, stderr=output)
    deadline = time.monotonic() + 90
    try:
        while "current" not in (scratch / "watch").read_text():
            if time.monotonic() > deadline or watch.poll() is not None:
                sys.exit("FAILED: no watch: " + (scratch / "watch").read_text())
            time.sleep(0.05)
        before = serial(node, address)
        running.issue(running.read("mike", "Certificate", "interlink-api-server"))
        began = time.monotonic()
        while serial(node, address) == before:
            if time.monotonic() > began + 40:
                sys.exit("FAILED: the old certificate is shown after 40 s")
            time.sleep(0.2)
        print(f"the new certificate is shown after {time.monotonic() - began:.1f} s")
        if watch.poll() is not None:
            sys.exit("FAILED: the open stream did not stay")
    finally:
        watch.kill()
        watch.wait()


def main():
    # Also when it takes too long, what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    programs = parser.parse_args().bin
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="interlink-rotation-"))
    node = f"ilr-{os.getpid()}"
    running = None
    try:
        running = cluster.Cluster.create(
            scratch / "cluster", image.images(programs, scratch), node)
        check(node, running, scratch)
    finally:
        if running:
            running.destroy()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
