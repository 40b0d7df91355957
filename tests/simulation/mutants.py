#!/usr/bin/env python3
"""Shows that the simulation bites: plants bugs and waits for it to find them.

    tests/simulation/mutants.py [--filter REGEX] [--seeds N] [--jobs N]
                                [--check] [--keep]

Each bug of planted_bugs.py is put into a copy of the tracked files, on its own,
and `simulate` runs the seeds that CI runs until one breaks a rule; without the bug
that seed has to pass. What no seed can show is found by the tests that the bug names,
which have to pass without it. A bug that makes the process die is said to have
done so, and a copy that does not build is an error. The last line is
"N passed, N failed": a bug that was found has passed.
"""

import argparse
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from planted_bugs import BUGS  # noqa: E402

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
# Seeds that one process runs, and how much of a processor's time it may take: on
# a busy machine an honest one takes many times as long. One that waits for ever uses none.
BATCH = 10
BATCH_SECONDS = 120
BATCH_PATIENCE = 30 * BATCH_SECONDS
VIOLATION = re.compile(r"^seed (\d+), .* steps: (.*)$", re.MULTILINE)
MEMBER = re.compile(r"\b[a-z][a-z0-9_]*_\b")


class Error(Exception):
    """Nothing was shown, one way or the other."""


def run_bounded(command):
    """The ended process; None if it did not come to an end."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (BATCH_SECONDS, BATCH_SECONDS + 5))
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False, preexec_fn=limit,
                              timeout=BATCH_PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode == -signal.SIGXCPU else done


class Copy:
    """The tracked files, as they are in the checkout, and their build."""

    def __init__(self, folder, jobs):
        self.folder = folder
        self.jobs = jobs
        self.bin = folder / "build/release/bin"
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
        # Tests without optimization, as the preset dev has them: they compile faster.
        self._run(["cmake", "--preset", "release",
                   "-DINTERLINK_TESTS_OPTIONS=-O0"])

    def build(self, *targets):
        self._run(["cmake", "--build", "build/release", "--parallel",
                   str(self.jobs), "--target", *targets])

    def prepare(self, bugs):
        """Builds it without any bug, and shows that it passes the bugs' tests."""
        self.build("simulate", *{bug.tests[0] for bug in bugs if bug.tests})
        shutil.copy(self.bin / "simulate", self.bin / "simulate-without-bug")
        for tests in {bug.tests for bug in bugs if bug.tests}:
            if wrong := self.test(*tests):
                raise Error("without any bug, %s fails %s" % (tests[0], wrong))

    def test(self, program, tests):
        """The first of these tests that fails; None if none does."""
        done = run_bounded([self.bin / program, "--gtest_filter=" + tests])
        if done is None:
            return "by a test that does not come to an end"
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
            wrong, seed = self._run_batch("simulate", first, count)
            if wrong is None:
                continue
            # Whether it is the bug that was found.
            if seed is not None:
                first, count = seed, 1
            if other := self._run_batch("simulate-without-bug", first, count)[0]:
                raise Error("without any bug, %s" % other)
            return wrong
        return None

    def _run_batch(self, program, first, count):
        """What goes wrong in these seeds, or None; and in which, if it says so."""
        where = "in seeds %d to %d" % (first, first + count - 1)
        done = run_bounded([self.bin / program, "--first", str(first), "--seeds",
                            str(count), "--no-shrink", "--stop-at-first"])
        if done is None:
            return "%s it does not come to an end" % where, None
        if done.returncode == 0:
            return None, None
        if found := VIOLATION.search(done.stdout):
            return "by seed %s: %s" % found.groups(), int(found.group(1))
        last = (done.stderr.splitlines() or ["no word"])[-1]
        return "%s the process DIED (%d): %s" % (where, done.returncode,
                                                 last), None


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
            copy.build("simulate")
            caught = copy.run(seeds)
    finally:
        for path, text in before.items():
            path.write_text(text)
    print("%s: %s (%d s)" % (bug.name, "caught " + caught if caught
                             else "NOT CAUGHT",
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
        copy.prepare(bugs)
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
    parser.add_argument("--seeds", type=int, default=1000,
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
