#!/usr/bin/env python3
"""Real PBXs, each beside its own daemon, in network namespaces of their own.

    tests/pbx/run.py --bin build/dev/bin [--pairing CALLER,OWNER ...]
                     [--filter REGEX] [--jobs N] [--keep]

A pairing names the PBX of the caller and that of the owner: asterisk16, asterisk22,
the same with -sip, and kamailio. The default is asterisk22,asterisk16 and
kamailio,asterisk16; "--pairing all" is all of them. The cases are in cases.py and
hostile_cases.py; each is a claim. The PBXs are those that
deploy/install-dependencies.sh has unpacked. Needs root, or user namespaces. --jobs
pairings run at once; --keep leaves the logs. What was started ends at SIGTERM, too.
The last line is "N passed, N failed, N skipped".
"""

import argparse
import concurrent.futures
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import cases
import hostile_cases
import processes
from network import UNSHARE, DoesNotApply, Violation
from pbxs import PBXS, obstacle
from world import World

DEFAULT = ["asterisk22,asterisk16", "kamailio,asterisk16"]
LIMIT = 1800  # Seconds that a pairing may take.


def skip(why):
    """In CI nothing may be missing."""
    failed = os.environ.get("CI") == "true"
    print(f"{'FAILED' if failed else 'skipped':8} real PBXs: {why}")
    print(f"0 passed, {int(failed)} failed, {int(not failed)} skipped")
    sys.exit(failed)


class Report:
    """What became of the cases of a pairing."""

    def __init__(self, pairing):
        self.pairing = pairing
        self.passed = self.failed = 0

    def run(self, name, action):
        """Whether it held; whatever it raises is a failure of this case alone."""
        began = time.monotonic()
        verdict, words = "ok", ""
        try:
            action()
            self.passed += 1
        except DoesNotApply as why:
            verdict, words = "-", f": {why}"
        except Exception as error:
            self.failed += 1
            verdict = "FAILED"
            words = f"\n    {error}" if isinstance(error, Violation) else (
                "\n" + traceback.format_exc())
        print(f"{verdict:8} {name} ({self.pairing}, "
              f"{time.monotonic() - began:.1f} s){words}", flush=True)
        return verdict != "FAILED"


def check_version(name, version):
    """asterisk22 is 22.x: the suite that it is from may have moved on."""
    print(f"         {name} is {version}")
    wanted = re.search(r"\d+", name)
    if wanted and f" {wanted[0]}." not in version:
        raise Violation(f"{name} should be {wanted[0]}; see deploy/tools.sh")


def run_pairing(pairing, arguments):
    """Within a network namespace of its own."""
    report = Report(pairing)
    chosen = [case for module in (cases, hostile_cases)
              for name, case in vars(module).items()
              if getattr(case, "__module__", None) == module.__name__ and
              not name.startswith("_") and re.search(arguments.filter, name)]
    if not chosen:
        print("0 passed, 0 failed")
        return False
    names = pairing.split(",")
    processes.end_all_at_sigterm()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="interlink-pbx-"))

    def start():
        world.start()
        for name, company in zip(names, (world.mike, world.john)):
            check_version(name, company.pbx.version())

    try:
        world = World(folder, arguments.bin, *(PBXS[name] for name in names))
        if report.run("the_companies_are_there", start):
            for case in chosen:
                report.run(case.__name__, lambda: world.play(case))
    finally:
        processes.end_all()
        if arguments.keep:
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder)
    print(f"{report.passed} passed, {report.failed} failed")
    return report.failed > 0


def run_all(arguments):
    """Each pairing in a process of its own, so that none harms another."""
    why = obstacle()
    if why:
        skip(why)

    running = []
    ended = threading.Event()

    def end(*_):
        ended.set()
        for process in running:
            process.terminate()

    def run_one(pairing):
        command = [*UNSHARE, sys.executable, __file__, "--bin", arguments.bin,
                   "--filter", arguments.filter, "--within", pairing]
        process = subprocess.Popen(command + ["--keep"] * arguments.keep,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True)
        running.append(process)
        if ended.is_set():
            process.terminate()
        try:
            said, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.terminate()
            said, _ = process.communicate()
            said += f"FAILED   {pairing} takes more than {LIMIT} s\n"
        print(said, end="", flush=True)
        counts = re.findall(r"^(\d+) passed, (\d+) failed$", said, re.MULTILINE)
        return tuple(map(int, counts[-1])) if counts else (0, 1)

    pairings = arguments.pairing or DEFAULT
    if pairings == ["all"]:
        pairings = [",".join(pair) for pair in itertools.product(PBXS, repeat=2)]
    signal.signal(signal.SIGTERM, end)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(run_one, pairings))
    passed, failed = map(sum, zip(*results))
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed > 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--pairing", action="append")
    parser.add_argument("--filter", default=".")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--within", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    sys.exit(run_pairing(arguments.within, arguments) if arguments.within
             else run_all(arguments))


if __name__ == "__main__":
    main()
