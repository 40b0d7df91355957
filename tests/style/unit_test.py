#!/usr/bin/env python3
"""tests/unit.py, run on programs that pass, fail, skip, die and hang as the test wants.

    tests/style/unit_test.py
"""

import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

UNIT = pathlib.Path(__file__).resolve().parent.parent / "unit.py"
sys.path.insert(0, str(UNIT.parent))
import unit  # noqa: E402 (it is in the folder above)

# Behaves as a program of GoogleTest does; the name of a test says what it comes to.
PROGRAM = '''#!/usr/bin/env python3
import json, os, pathlib, sys, time
TESTS = {tests!r}
if sys.argv[1:] == ["--gtest_list_tests"]:
    print("Running main() from somewhere")
    for suite, names in TESTS.items():
        print(suite + ".")
        for name in names:
            print("  " + name + "  # GetParam() = 7")
    sys.exit(0)
wanted = os.environ["GTEST_FILTER"].split(":")
with open({record!r}, "a") as record:
    record.write(pathlib.Path(sys.argv[0]).name + " " + " ".join(wanted) + "\\n")
report = pathlib.Path(os.environ["GTEST_OUTPUT"].removeprefix("json:"))
suites, status = [], 0
for suite, names in TESTS.items():
    tests = []
    for name in names:
        full = suite + "." + name
        if full not in wanted:
            tests.append(dict(name=name, status="NOTRUN", result="SUPPRESSED"))
            continue
        print("[ RUN      ] " + full)
        if name.startswith("Dies"):
            os._exit(3)
        if name.startswith("Hangs"):
            sys.stdout.flush()
            time.sleep(600)
        test = dict(name=name, status="RUN", result="COMPLETED")
        if name.startswith("Fails"):
            print("what is wrong with " + full)
            test["failures"] = [dict(failure="x")]
            status = 1
        if name.startswith("Skips"):
            print("x_test.cc:7: Skipped\\nit needs root")
            test["result"] = "SKIPPED"
        if name.startswith("Leaks"):
            status = 23
        tests.append(test)
    suites.append(dict(name=suite, testsuite=tests))
report.write_text(json.dumps(dict(testsuites=suites)))
sys.stdout.flush()
os._exit(status)
'''


class UnitTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="interlink-unit-test-")
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        self.record = self.folder / "record"
        self.record.touch()
        for name in unit.PROGRAMS:
            self.make(name, {})

    def make(self, name, tests):
        program = self.folder / name
        program.write_text(PROGRAM.format(tests=tests, record=str(self.record)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def run_unit(self, *options):
        """What it ends with, and prints."""
        ended = subprocess.run([sys.executable, UNIT, "--bin", self.folder, *options],
                               capture_output=True, text=True, check=False, timeout=60)
        return ended.returncode, ended.stdout

    def batches(self):
        """The tests of each process, by program."""
        lines = [line.split() for line in self.record.read_text().splitlines()]
        return sorted((line[0], line[1:]) for line in lines)

    def test_what_passes_and_what_is_skipped_is_counted(self):
        self.make("story_test", {"Story": ["Passes", "Skips"], "Other": ["Passes"]})
        self.make("cli_test", {"Cli": ["Passes"]})
        status, text = self.run_unit()
        self.assertEqual(status, 0)
        self.assertIn("\n3 passed, 0 failed, 1 skipped\n", text)
        self.assertIn("skipped: Story.Skips: it needs root\n", text)
        self.assertNotIn("FAILED", text)

    def test_a_failure_is_told_with_its_own_output_alone(self):
        self.make("story_test", {"Story": ["Passes", "Fails", "FailsToo"]})
        status, text = self.run_unit()
        self.assertEqual(status, 1)
        self.assertIn("\n1 passed, 2 failed, 0 skipped\n", text)
        told = text.split("FAILED: ")
        self.assertEqual(sorted(part.split("\n")[0] for part in told[1:]),
                         ["Story.Fails", "Story.FailsToo"])
        for part in told[1:]:
            self.assertEqual(part.count("what is wrong with"), 1)

    def test_the_tests_of_a_process_that_dies_have_failed(self):
        self.make("story_test", {"Story": ["Passes", "Dies", "PassesAsWell"]})
        status, text = self.run_unit()
        self.assertEqual(status, 1)
        self.assertIn("\n0 passed, 3 failed, 0 skipped\n", text)
        self.assertIn("no result; exit status 3", text)

    def test_a_process_that_ends_badly_after_its_tests_has_failed(self):
        self.make("story_test", {"Story": ["Passes", "Leaks"]})
        status, text = self.run_unit()
        self.assertEqual(status, 1)
        self.assertIn("FAILED: story_test after its tests\nexit status 23", text)
        self.assertIn(" 1 failed, 0 skipped\n", text)

    def test_a_process_that_hangs_is_ended_and_its_tests_have_failed(self):
        self.make("story_test", {"Story": ["Passes", "Hangs"]})
        whole = unit.SECONDS
        unit.SECONDS = 1
        try:
            batch = unit.Batch(self.folder / "story_test")
            batch.tests = ["Story.Passes", "Story.Hangs"]
            failures, skipped = batch.run(self.folder)
        finally:
            unit.SECONDS = whole
        self.assertEqual(sorted(failures), ["Story.Hangs", "Story.Passes"])
        self.assertIn("killed after 1 s", failures["Story.Hangs"])
        self.assertEqual(skipped, {})

    def test_a_suite_is_kept_whole_and_a_batch_is_bounded(self):
        many = unit.TESTS_IN_A_BATCH
        self.make("story_test", {"First": [f"Passes{i}" for i in range(many - 1)],
                                 "Second": [f"Passes{i}" for i in range(5)],
                                 "Third": ["Passes"]})
        self.assertEqual(self.run_unit()[0], 0)
        self.assertEqual(sorted(len(tests) for _, tests in self.batches()), [1, many + 4])

    def test_each_of_the_longest_is_alone(self):
        self.make(unit.LONGEST[0], {"Long": ["Passes", "PassesAsWell"]})
        self.run_unit()
        self.assertEqual(self.batches(), [(unit.LONGEST[0], ["Long.Passes"]),
                                          (unit.LONGEST[0], ["Long.PassesAsWell"])])

    def test_only_what_the_filter_finds_is_run(self):
        self.make("story_test", {"Story": ["Passes", "Fails"], "Other": ["Fails"]})
        status, text = self.run_unit("--filter", r"Story\.P")
        self.assertEqual(status, 0)
        self.assertIn("\n1 passed, 0 failed, 0 skipped\n", text)
        self.assertEqual(self.batches(), [("story_test", ["Story.Passes"])])

    def test_what_is_disabled_is_not_run(self):
        self.make("story_test", {"Story": ["Passes", "DISABLED_Fails"]})
        self.assertEqual(self.run_unit()[0], 0)
        self.assertEqual(self.batches(), [("story_test", ["Story.Passes"])])

    def test_a_program_that_was_not_built_is_no_success(self):
        (self.folder / "cli_test").unlink()
        self.assertNotEqual(self.run_unit()[0], 0)


if __name__ == "__main__":
    unittest.main()
