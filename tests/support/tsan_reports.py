#!/usr/bin/env python3
"""Sorts the thread sanitizer's reports: whose code is it that races?

    tests/support/tsan_reports.py FOLDER

A report counts if both accesses are made by source files of store/, federation/
or daemon/, or by what the standard library, Abseil and protobuf do for them. Where
one is gRPC's own, it has handed the thing over in a way that is not seen.
Prints one of each kind;
the exit status is 1 if there is any.
"""

import collections
import pathlib
import re
import sys

ACCESS = re.compile(
    r"^  (?:Previous )?(?:atomic )?(?:read|write) of size .*\n((?: +#\d+ .*\n)*)",
    re.MULTILINE | re.IGNORECASE)
OURS = re.compile(r"\.\./\.\./((?:store|federation|daemon)/\S+?\.(?:cc|h)):")
PASSED_OVER = re.compile(r"libtsan|sanitizer|tsan_locks|/usr/include/c\+\+|libstdc|"
                         r"/absl/|libabsl|/google/protobuf/|libprotobuf|\.pb\.")
# The memory of a new reactor, which gRPC hands to the thread that runs it.
ALLOCATION = re.compile(r" #0 operator new\b")
REACTORS = ("daemon/peer/accept/federation_service.cc",)
# Abseil evaluates what a thread waits for on the thread that gives the lock away,
# with the lock still held, where the sanitizer takes it for given.
CONDITIONS = ("daemon/system/generation_file.cc",)


def place(stack):
    """Whose access it is, if it is ours."""
    handed_over = REACTORS if ALLOCATION.search(stack) else ()
    for frame in stack.splitlines():
        if PASSED_OVER.search(frame):
            continue
        match = OURS.search(frame)
        if match and match[1] not in CONDITIONS + handed_over:
            return match[1]
        return None
    return None


def main():
    total = 0
    found = collections.defaultdict(list)
    for path in pathlib.Path(sys.argv[1]).iterdir():
        for report in path.read_text(errors="replace").split("=" * 18):
            if "WARNING: ThreadSanitizer: data race" not in report:
                continue
            total += 1
            places = [place(stack) for stack in ACCESS.findall(report)]
            # One whose stack is lost cannot be judged.
            if len(places) == 2 and all(places):
                found[tuple(places)].append(report)
    for reports in found.values():
        print(f"{len(reports)} times:{reports[0]}")
    print(f"{total} data races reported, {sum(map(len, found.values()))} of "
          "them ours")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
