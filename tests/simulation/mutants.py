#!/usr/bin/env python3
"""Shows that the simulation bites: plants bugs and waits for it to find them.

    tests/simulation/mutants.py [--filter REGEX] [--seeds N] [--jobs N]
                                [--check] [--keep]

Each bug of planted_bugs.py is put into a copy of the tracked files, on its own,
and `simulate` runs seeds until one breaks a rule. Before that the same seeds
have to pass without any bug. What no seed can show is found by the tests that
the bug names. A bug that makes the process die is said to have
done so, and a copy that does not build is an error. The last line is
"N passed, N failed": a bug that was found has passed.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from planted_bugs import BUGS  # noqa: E402

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
# Seeds that one process runs, and how long it may take.
BATCH = 10
BATCH_SECONDS = 120
VIOLATION = re.compile(r"^seed (\d+), .* steps: (.*)$", re.MULTILINE)
MEMBER = re.compile(r"\b[a-z][a-z0-9_]*_\b")


class Error(Exception):
    """Nothing was shown, one way or the other."""


class Copy:
    """The tracked files, as they are in the checkout, and their build."""

    def __init__(self, folder, jobs):
        self.folder = folder
        self.jobs = jobs
        self.simulate = folder / "build/release/bin/simulate"
        # So that compilations in another folder are found in the cache.
        self.env = dict(os.environ, CCACHE_BASEDIR=str(folder),
                        CCACHE_NOHASHDIR="1")
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=CHECKOUT, check=True,
            capture_output=True, text=True).stdout
        for name in names.split("\0"):
            if not name or not (CHECKOUT / name).is_file():
                continue
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
        self._run(["cmake", "--preset", "release"])

    def build(self, target="simulate"):
        self._run(["cmake", "--build", "build/release", "--target", target,
                   "--parallel", str(self.jobs)])

    def test(self, program, tests):
        """The first of these tests that fails; None if none does."""
        done = subprocess.run(
            [self.folder / "build/release/bin" / program,
             "--gtest_filter=" + tests],
            capture_output=True, text=True, check=False, timeout=BATCH_SECONDS)
        if found := re.search(r"^\[  FAILED  \] (\S+)", done.stdout,
                              re.MULTILINE):
            return "by %s" % found.group(1)
        return None if done.returncode == 0 else "by its end"

    def _run(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self.env,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            tail = (done.stdout + done.stderr).splitlines()[-30:]
            raise Error("%s failed:\n%s" % (" ".join(command), "\n".join(tail)))

    def run(self, seeds):
        """What goes wrong first in seeds 1 to `seeds`; None if nothing does."""
        for first in range(1, seeds + 1, BATCH):
            count = min(BATCH, seeds + 1 - first)
            where = "in seeds %d to %d" % (first, first + count - 1)
            try:
                done = subprocess.run(
                    [self.simulate, "--first", str(first), "--seeds",
                     str(count), "--no-shrink", "--stop-at-first"],
                    capture_output=True, text=True, check=False,
                    timeout=BATCH_SECONDS)
            except subprocess.TimeoutExpired:
                return "%s it does not come to an end" % where
            if done.returncode == 0:
                continue
            if found := VIOLATION.search(done.stdout):
                return "by seed %s: %s" % found.groups()
            last = (done.stderr.splitlines() or ["no word"])[-1]
            return "%s the process DIED (%d): %s" % (where, done.returncode,
                                                     last)
        return None


def with_bug(bug, folder):
    """The texts, by path, that the bug makes of files in `folder`."""
    texts = {}
    for edit in bug.edits:
        path = folder / edit.file
        text = texts.get(path) or path.read_text()
        if (count := text.count(edit.old)) != 1:
            raise Error("this stands %d times in %s, and not once:\n%s"
                        % (count, edit.file, edit.old))
        texts[path] = text.replace(edit.old, edit.new)
    return texts


def check(bug, folder):
    """Raises Error unless the bug can be planted, and may well compile."""
    with_bug(bug, folder)
    for edit in bug.edits:
        path = folder / edit.file
        known = "".join(place.read_text()
                        for place in (path, path.with_suffix(".h"))
                        if place.is_file())
        for member in set(MEMBER.findall(edit.new)):
            if not re.search(r"\b%s\b" % member, known):
                raise Error("neither %s nor its header has the member %s"
                            % (edit.file, member))
    return True


def judge(bug, copy, seeds):
    """Prints what became of the bug; whether it was caught."""
    started = time.monotonic()
    texts = with_bug(bug, copy.folder)
    before = {path: path.read_text() for path in texts}
    try:
        for path, text in texts.items():
            path.write_text(text)
        if bug.tests:
            copy.build(bug.tests[0])
            caught = copy.test(*bug.tests)
        else:
            copy.build()
            caught = copy.run(seeds)
    finally:
        for path, text in before.items():
            path.write_text(text)
    print("%s: %s (%d s)" % (bug.name, "caught " + caught if caught
                             else "NOT CAUGHT in %d seeds" % seeds,
                             time.monotonic() - started), flush=True)
    return caught is not None


def each(bugs, act):
    """How many `act` is true of, and of how many it is not."""
    passed = 0
    for bug in bugs:
        try:
            passed += bool(act(bug))
        except (Error, OSError) as error:
            print("%s: ERROR: %s" % (bug.name, error), flush=True)
    return passed, len(bugs) - passed


def hunt(bugs, options):
    """Plants the bugs in a copy; how many were caught, and how many not."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="interlink-mutants-"))
    try:
        copy = Copy(folder, options.jobs)
        copy.build()
        if wrong := copy.run(options.seeds):
            raise Error("without any bug, %s" % wrong)
        return each(bugs, lambda bug: judge(bug, copy, options.seeds))
    except Error as error:
        print(error, file=sys.stderr)
        return 0, len(bugs)
    finally:
        if options.keep:
            print("the copy is %s" % folder)
        else:
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", default="", metavar="REGEX",
                        help="only the bugs whose names match")
    parser.add_argument("--seeds", type=int, default=500,
                        help="that a bug may take to be found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--check", action="store_true",
                        help="only whether each bug can still be planted")
    parser.add_argument("--keep", action="store_true",
                        help="leave the copy, without a bug")
    options = parser.parse_args()
    bugs = [bug for bug in BUGS if re.search(options.filter, bug.name)]
    if options.check:
        passed, failed = each(bugs, lambda bug: check(bug, CHECKOUT))
    else:
        passed, failed = hunt(bugs, options)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
