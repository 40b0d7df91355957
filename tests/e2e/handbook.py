#!/usr/bin/env python3
"""Follows the handbook, deploy/README.md, and the package's page: runs their commands on
machines on which the package has just been installed, and compares what they print
with what the pages show. Needs root.

    handbook.py --bin build/dev/bin --scratch FOLDER [--write]

The prompt names the machine. How the page is read is told in
tests/support/console_page.py. A key in a command is the one that was printed last.
--write puts the output of this run into the pages.
"""

import argparse
import pathlib
import re
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "support"))
import console_page  # noqa: E402  pylint: disable=C0413
import machine  # noqa: E402  pylint: disable=C0413

PAGES = [TOP / "deploy" / "README.md", TOP / "deploy" / "package" / "README.md"]
KEY = re.compile(r"ilk1_[A-Za-z0-9_.-]+")
ADDRESSES = {"mike": "192.0.2.10", "john": "198.51.100.20", "new": "198.51.100.21",
             "provider": "203.0.113.30"}
HOSTS = """127.0.0.1 localhost
192.0.2.10 pbx.mike.example
198.51.100.20 pbx.john.example
"""


def follow(commands, machines):
    """Until one does not do what the page says: all after it would be in vain."""
    key = None
    for command in commands:
        text = KEY.sub(lambda _: key, command.text)
        for _ in range(10):
            command.output, command.status = machines.run(command.prompt[:-1], text)
            # The other daemon has 800 ms to answer, which a busy machine may take.
            if "LOOKUP_INCOMPLETE" not in "\n".join(command.output):
                break
            time.sleep(1)
        for found in KEY.findall("\n".join(command.output)):
            key = found
        # The page has no room for one.
        command.output = [KEY.sub("ilk1_...", line) for line in command.output]
        if (command.status != 0) != command.is_refused():
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    machine.enter_namespaces()
    machines = machine.Machines(options.scratch.resolve(), options.bin.resolve(),
                                ADDRESSES, HOSTS)
    for page in PAGES:
        lines = page.read_text().splitlines()
        commands = console_page.read(lines)
        follow(commands, machines)
        if options.write:
            console_page.write(page, lines, commands)
        elif not console_page.check(commands, console_page.KINDS):
            return 1
        else:
            print(f"{len(commands)} commands of {page.relative_to(TOP)} did what it says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
