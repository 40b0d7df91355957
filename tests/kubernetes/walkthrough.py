#!/usr/bin/python3
"""Runs the commands of deploy/kubernetes/README.md and compares what they print
with what the page shows. The cluster is the one of cluster.py; needs root.

    walkthrough.py --bin build/dev/bin [--write]

A block ```console has commands after "$ " (continued after "> ") and their output.
A command that the page shows without output has only to succeed; "..." in an output
stands for any lines. What differs every time (ids, keys, times) is compared by its
kind. A block ```console not-run is left out. --write puts the output of this run
into the page.
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
PAGE = TOP / "deploy/kubernetes/README.md"
MARK = "=-=-= walkthrough"
SECONDS = 120

# What is another thing each time, and what it is called in a comparison.
KINDS = [
    (r"ilk1_[A-Za-z0-9_-]+", "KEY"),
    (r"\b[0-9a-f]{64}\b", "HASH"),
    (r"\b[0-9a-f]{32}\b", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\b)", "TIME"),
    (r"\b\d\d:\d\d:\d\d\b", "TIME"),
    (r"\b\d+ s( ago)?\b", "WHILE"),
    (r", (less than )?\d+ ms", ""),
    (r"\b\d+ bytes", "BYTES"),
    (r"\b10\.99\.8\.\d+:\d+", "ADDRESS"),
    (r"interlink-settings-[a-z0-9]{10}", "SETTINGS"),
    (r"[ ─]{2,}", "  "),
]


class Command:

    def __init__(self, text):
        self.text = text
        self.expected = []
        self.lines = None  # Of the page, from and to.
        self.output = []
        self.status = None

    def is_refused(self):
        """The page shows how this is refused."""
        return any(re.match(r"ERROR:|interlinkctl: [A-Z_]+: ", line)
                   for line in self.expected)


def read(lines):
    """The commands of the page, in order."""
    commands = []
    inside = None
    for number, line in enumerate(lines):
        if line.startswith("```"):
            inside = line[3:] if inside is None else None
        elif inside != "console":
            continue
        elif line.startswith("$ "):
            commands.append(Command(line[2:]))
            commands[-1].lines = [number + 1, number + 1]
        elif line.startswith("> ") and not commands[-1].expected:
            commands[-1].text += "\n" + line[2:]
            commands[-1].lines = [number + 1, number + 1]
        else:
            commands[-1].expected.append(line)
            commands[-1].lines[1] = number + 1
    return commands


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


def plain(line):
    for pattern, word in KINDS:
        line = re.sub(pattern, word, line)
    return line.strip()


def agrees(expected, output):
    """Line by line; "..." matches any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(plain(line)) + "\n"
        for line in expected)
    text = "".join(plain(line) + "\n" for line in output)
    return re.fullmatch(pattern, text) is not None


def check(commands):
    failed = False
    for command in commands:
        said = "\n".join(f"    {line}" for line in command.output)
        if command.status is None:
            print(f"FAILED: it was not reached: {command.text}")
            return False
        if (command.status != 0) != command.is_refused():
            print(f"FAILED: it ends with {command.status}: {command.text}\n{said}")
            failed = True
        elif command.expected and not agrees(command.expected, command.output):
            shown = "\n".join(f"    {line}" for line in command.expected)
            print(f"FAILED: another output: {command.text}\n"
                  f"  the page has\n{shown}\n  and it printed\n{said}")
            failed = True
    return not failed


def write(lines, commands):
    for command in commands:
        if command.status is None:
            sys.exit(f"{command.text} was not reached")
    for command in reversed(commands):
        if command.expected and command.output:
            begin, end = command.lines
            lines[begin:end] = command.output
    PAGE.write_text("\n".join(lines) + "\n")


def main():
    # Also when it takes too long, what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = PAGE.read_text().splitlines()
    commands = read(lines)
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
            write(lines, commands)
            return 0
        if not check(commands):
            return 1
        print(f"{len(commands)} commands of the page did what it says")
        return 0
    finally:
        if cluster:
            cluster.destroy()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
