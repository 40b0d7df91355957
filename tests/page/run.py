#!/usr/bin/env python3
"""The page in a real Chromium, with real daemons behind it.

    tests/page/run.py --bin build/dev/bin [--filter REGEX] [--pictures FOLDER] [--keep]

The cases are in *_cases.py; each is a claim. Screenshots are put beside the programs, into
build/dev/page, or into --pictures. A page that sends a request elsewhere, is forbidden
something by its own policy, throws an error or opens more than two watches fails its case,
whatever the case is about. --keep leaves the logs. The last line is "N passed, N failed,
N skipped".
"""

import argparse
import inspect
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "e2e"))
# pylint: disable=wrong-import-position
import accounts  # noqa: E402
import hardship_cases  # noqa: E402
import look_cases  # noqa: E402
import number_cases  # noqa: E402
import story_cases  # noqa: E402
import webdriver  # noqa: E402
import word_cases  # noqa: E402
from stage import Stage  # noqa: E402


def skip(why):
    """In CI nothing may be missing."""
    failed = os.environ.get("CI") == "true"
    print(f"{'FAILED' if failed else 'skipped':8} the page: {why}")
    print(f"0 passed, {int(failed)} failed, {int(not failed)} skipped")
    sys.exit(failed)


def axe_source():
    """The text of axe-core; None if it is not installed."""
    tools = (TOP / "deploy" / "tools.sh").read_text(encoding="utf-8")
    version = re.search(r"^readonly AXE_VERSION=(\S+)$", tools, re.MULTILINE)[1]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or
                         pathlib.Path(os.environ.get("HOME", "/tmp")) / ".cache")
    path = cache / f"interlink-tools/axe-{version}/node_modules/axe-core/axe.min.js"
    return path.read_text(encoding="utf-8") if path.exists() else None


def chosen_cases(pattern):
    return [(name, case)
            for module in (story_cases, number_cases, hardship_cases, word_cases, look_cases)
            for name, case in vars(module).items()
            if inspect.isfunction(case) and case.__module__ == module.__name__ and
            not name.startswith("_") and re.search(pattern, name)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default=".")
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    programs = arguments.bin.resolve()
    why = webdriver.obstacle()
    axe = axe_source()
    if not why and not axe:
        why = ("axe-core is not installed: Debian has no package of it, and "
               "deploy/install-dependencies.sh fetches it only where npm is (package npm)")
    if why:
        skip(why)

    pictures = arguments.pictures or programs.parent / "page"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="interlink-page-"))
    driver = webdriver.Driver(folder)
    passed = failed = 0
    try:
        for number, (name, case) in enumerate(chosen_cases(arguments.filter)):
            began = time.monotonic()
            words, verdict = "", "ok:"
            # Short, because the path of a socket has at most 107 bytes.
            stage = Stage(driver, programs, folder / str(number), pictures, axe)
            try:
                case(stage)
                stage.check()
                passed += 1
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                verdict = "FAILED:"
                stage.show_failure(name)
                told = isinstance(error, (webdriver.Violation, accounts.Violation))
                words = f"\n    {error}" if told else "\n" + traceback.format_exc()
            finally:
                stage.end()
            print(f"{verdict:8} {name} ({time.monotonic() - began:.1f} s){words}", flush=True)
    finally:
        driver.end()
        if arguments.keep:
            print(f"logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
