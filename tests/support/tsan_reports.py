#!/usr/bin/env python3
"""Sorts the thread sanitizer's reports: whose code is it that races?

    tests/support/tsan_reports.py FOLDER

A report counts if one of the two accesses is in a source file of store/,
federation/ or daemon/, itself and not in what it calls. Prints one of each kind;
the exit status is 1 if there is any.
"""

import collections
import pathlib
import re
import sys

STACK = re.compile(r"(?:^ +#\d+ .*\n)+", re.MULTILINE)
OURS = re.compile(r"\.\./\.\./((?:store|federation|daemon)/\S+?\.(?:cc|h)):")
SANITIZER = re.compile(r"libtsan|tsan_|sanitizer_")
# Abseil evaluates what a thread waits for on the thread that gives the lock away,
# with the lock still held, where the sanitizer takes it for given.
CONDITIONS = ("daemon/generation_file.cc",)


def place(stack):
    """Where an access is, if it is ours."""
    frames = [f for f in stack.splitlines() if not SANITIZER.search(f)]
    match = OURS.search(frames[0]) if frames else None
    return match[1] if match and match[1] not in CONDITIONS else None


def main():
    total = 0
    found = collections.defaultdict(list)
    for path in pathlib.Path(sys.argv[1]).iterdir():
        for report in path.read_text(errors="replace").split("=" * 18):
            if "WARNING: ThreadSanitizer: data race" not in report:
                continue
            total += 1
            places = [place(s) for s in STACK.findall(report)[:2]]
            if any(places):
                found[tuple(places)].append(report)
    for reports in found.values():
        print(f"{len(reports)} times:{reports[0]}")
    print(f"{total} data races reported, {sum(map(len, found.values()))} of "
          "them ours")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
