#!/usr/bin/python3
"""Runs the commands of deploy/kubernetes/README.md and compares what they print
with what the page shows. The cluster is the one of cluster.py; needs root.

    walkthrough.py --bin build/dev/bin [--write]

How the page is read is told in tests/support/console_page.py. --write puts the
output of this run into the page.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import image
from cluster import Cluster

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(TOP / "tests" / "support"))
import console_page  # noqa: E402  pylint: disable=C0413

PAGE = TOP / "deploy/kubernetes/README.md"
MARK = "=-=-= walkthrough"
SECONDS = 300

KINDS = console_page.KINDS + [
    (r"\b10\.99\.8\.\d+:\d+", "ADDRESS"),
    (r"interlink-settings-[a-z0-9]{10}", "SETTINGS"),
]


def script(commands):
    """One shell runs them all, so that a variable lasts."""
    parts = ["exec 2>&1"]
    for number, command in enumerate(commands):
        parts += [f"echo '{MARK} {number}'", command.text,
                  f"status=$?; echo '{MARK} ended' $status"]
        if not command.is_refused():  # Then nothing after it would work.
            parts.append("((status == 0)) || { kill $(jobs -p); exit 1; }")
        forward = re.search(r"kubectl port-forward .* (\d+)\b", command.text)
        if forward:  # It takes a moment until it listens.
            parts.append(f"until (exec 3<>/dev/tcp/127.0.0.1/{forward[1]}) "
                         "2>/dev/null; do sleep 0.1; done")
    return "\n".join(parts + ["kill $(jobs -p)"]) + "\n"


def split(output, commands):
    current = None
    for line in output.splitlines():
        if line.startswith(f"{MARK} ended"):
            current.status = int(line.split()[-1])
            current = None
        elif line.startswith(MARK):
            current = commands[int(line.split()[-1])]
        elif current:
            current.output.append(line)


def main():
    # Also when it takes too long, what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = PAGE.read_text().splitlines()
    commands = console_page.read(lines)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="interlink-walk-"))
    cluster = None
    try:
        cluster = Cluster.create(scratch / "cluster",
                                 image.images(options.bin, scratch),
                                 f"ilw-{os.getpid()}")
        tools = scratch / "tools"
        tools.mkdir()
        for name in ("kubectl", "cmctl"):
            (tools / name).symlink_to(HERE / "kubectl.py")
        # What the commands write is written beside a copy.
        shutil.copytree(TOP / "deploy", scratch / "checkout/deploy")
        # To a file: a pipe would be open as long as anything that was started.
        with open(scratch / "output", "w") as output:
            subprocess.run(
                ["nsenter", f"--net=/run/netns/{cluster.node}", "timeout",
                 str(SECONDS), "bash", "-c", script(commands)],
                cwd=scratch / "checkout", check=False, stdout=output,
                stdin=subprocess.DEVNULL,
                env=os.environ | {
                    "INTERLINK_CLUSTER": str(cluster.folder),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "PATH": f"{tools}:{os.environ['PATH']}"})
        split((scratch / "output").read_text(), commands)
        if options.write:
            console_page.write(PAGE, lines, commands)
            return 0
        if not console_page.check(commands, KINDS):
            return 1
        print(f"{len(commands)} commands of the page did what it says")
        return 0
    finally:
        if cluster:
            cluster.destroy()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
