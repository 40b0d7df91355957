#!/usr/bin/env python3
"""Runs the test programs of a build, many tests to a process.

    tests/unit.py --bin build/dev/bin [--filter REGEX] [--jobs N]

Starting a program with sanitizers takes longer than most tests, so that ctest,
which starts one for each test, takes ten times as long. Suites are kept whole,
and what a process has not ended well counts as failed, whatever its tests said.
REGEX is looked for in "Suite.Test". The last line is "N passed, N failed, N
skipped".
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

TESTS_IN_A_BATCH = 30
SECONDS = 900  # For a batch, on a machine that does much else.
# Whose batches take longest come first; each of these tests is one of its own.
LONGEST = ["simulation_test"]
PROGRAMS = LONGEST + ["story_test", "daemon_test", "wire_test", "store_test",
                      "federation_test", "cli_test", "fuzz_test"]


class Batch:
    def __init__(self, program):
        self.program = program
        self.tests = []

    def run(self, scratch):
        """Runs it and returns what each test came to: passed, skipped or why it failed."""
        name = f"{self.program.name}-{id(self)}"
        report, log = scratch / f"{name}.json", scratch / f"{name}.log"
        environment = dict(os.environ, GTEST_FILTER=":".join(self.tests),
                           GTEST_OUTPUT=f"json:{report}", GTEST_COLOR="no")
        began = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen([self.program], env=environment, stdout=output,
                                       stderr=subprocess.STDOUT, cwd=scratch,
                                       start_new_session=True)
            try:
                status = process.wait(SECONDS)
                ended = f"exit status {status}"
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status, ended = -signal.SIGKILL, f"killed after {SECONDS} s"
        self.seconds = time.monotonic() - began
        text = log.read_text(errors="replace")
        results = outcomes(report)
        failures = {}
        for test in self.tests:
            if results.get(test) == "failed":
                failures[test] = output_of(test, text)
            elif test not in results:
                failures[test] = f"no result; {ended}\n{text[-6000:]}"
        if status != 0 and not failures:
            failures[f"{self.program.name} after its tests"] = f"{ended}\n{text[-6000:]}"
        skipped = {test: reason_of(test, text) for test in self.tests
                   if results.get(test) == "skipped"}
        return failures, skipped


def outcomes(report):
    try:
        suites = json.loads(report.read_text()).get("testsuites", [])
    except (OSError, ValueError):  # It ended before it could write one.
        return {}
    results = {}
    for suite in suites:
        for test in suite["testsuite"]:
            name = f"{suite['name']}.{test['name']}"
            if "failures" in test:
                results[name] = "failed"
            elif test.get("result") == "SKIPPED":
                results[name] = "skipped"
            elif test.get("status") == "RUN":
                results[name] = "passed"
    return results


def output_of(test, text):
    begin = text.find(f"[ RUN      ] {test}\n")
    end = text.find("\n[ RUN      ] ", begin + 1)
    return text[begin:end if end > 0 else None][-12000:]


def reason_of(test, text):
    """Why it was skipped."""
    said = re.search(r": Skipped\n(.*)", output_of(test, text))
    return said.group(1) if said else "it does not say why"


def tests_of(program):
    listed = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True,
                            text=True, errors="replace").stdout
    tests, suite = [], ""
    for line in listed.splitlines():
        name = line.split("#")[0].strip()
        if not line.startswith(" "):
            suite = name if name.endswith(".") else ""
        elif suite and not name.startswith("DISABLED_"):
            tests.append(suite + name)
    return tests


def batches_of(program, wanted):
    batches = []
    last = None
    for test in filter(wanted.search, tests_of(program)):
        suite = test.split(".")[0]
        full = batches and len(batches[-1].tests) >= TESTS_IN_A_BATCH
        if not batches or program.name in LONGEST or (full and suite != last):
            batches.append(Batch(program))
        batches[-1].tests.append(test)
        last = suite
    return batches


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--filter", type=re.compile, default=re.compile(""))
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    options = parser.parse_args()
    folder = options.bin.resolve()
    batches = [batch for name in PROGRAMS for batch in batches_of(folder / name, options.filter)]
    failed, skipped, total = 0, 0, sum(len(batch.tests) for batch in batches)
    with tempfile.TemporaryDirectory(prefix="interlink-unit-") as scratch, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(batch.run, pathlib.Path(scratch)): batch for batch in batches}
        for run in concurrent.futures.as_completed(runs):
            batch = runs[run]
            failures, skips = run.result()
            failed += len(failures)
            skipped += len(skips)
            print(f"{batch.program.name}: {len(batch.tests)} from {batch.tests[0]} on, "
                  f"{len(failures)} failed, {batch.seconds:.1f} s", flush=True)
            for test, why in failures.items():
                print(f"FAILED: {test}\n{why}", flush=True)
            for test, why in skips.items():
                print(f"skipped: {test}: {why}")
    print(f"\n{max(total - failed - skipped, 0)} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
