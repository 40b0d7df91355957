#!/usr/bin/env python3
"""Many accounts on one machine, as a provider has them: what they cost.

    tests/bench/many_accounts.py --bin build/release/bin [--accounts 200] [--idle 60]

Each daemon is started as interlinkd@ACCOUNT.service starts it, with one file of
settings. They are linked in a ring, each resolves its neighbour's number, and then
nothing is asked for a while. Prints, tab separated: name, value, unit, what is
wanted, ok or short.
"""

import argparse
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
from accounts import Account, Violation, staged  # pylint: disable=C0413

SETTINGS = """\
account-name = "{name}"
data-dir = "{folder}/data"
federation-listen = "127.0.0.1:{port}"
http-listen = "127.0.0.1:0"
api-socket = "{folder}/api.sock"
pbx-socket = "{folder}/pbx.sock"
ready-file = "{folder}/ready"
"""


class HostedAccount(Account):
    def spawn(self):
        (self.folder / "ready").unlink(missing_ok=True)
        settings = self.folder / "interlinkd.toml"
        settings.write_text(SETTINGS.format(name=self.name, folder=self.folder, port=self.port))
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "interlinkd", "--config", settings], stdout=log, stderr=log)

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/{name}")

    def proportional_kib(self):
        for line in self.proc("smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
        raise Violation("no Pss in smaps_rollup")

    def threads(self):
        return len(list(self.proc("task").iterdir()))

    def descriptors(self):
        return len(list(self.proc("fd").iterdir()))

    def cpu_seconds(self):
        # In nanoseconds; the ticks of /proc/PID/stat are too coarse for an idle daemon.
        tasks = self.proc("task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def show(name, value, unit, wanted=None):
    verdict = "" if wanted is None else "ok" if value <= wanted else "short"
    print(f"{name}\t{value:.4g}\t{unit}\t{'' if wanted is None else wanted}\t{verdict}",
          flush=True)


def costs(accounts, when):
    memory = [account.proportional_kib() / 1024 for account in accounts]
    show(f"accounts_pss_mib_{when}", sum(memory), "MiB", 4096)
    show(f"account_pss_mib_{when}_max", max(memory), "MiB")


def measure(accounts, idle):
    began = time.monotonic()
    for index, account in enumerate(accounts):
        account.start()
        account.ask("number", "add", str(1000 + index), "--destination", "sip:x@10.0.0.5")
    show("accounts_start_s", time.monotonic() - began, "s")
    costs(accounts, "unlinked")
    began = time.monotonic()
    neighbours = list(zip(accounts, accounts[1:] + accounts[:1]))
    for account, neighbour in neighbours:
        key = account.ask("generate-key", neighbour.name)["key"]
        neighbour.ask("link", account.name, key)
    for account, neighbour in neighbours:
        account.ask("wait", neighbour.name, "--for", "green")
    show("accounts_link_s", time.monotonic() - began, "s")
    began = time.monotonic()
    for index, (account, _) in enumerate(neighbours):
        number = str(1000 + (index + 1) % len(accounts))
        if not account.ask("resolve", number)["resolution"]["routes"]:
            raise Violation(f"{account.name} does not find {number}")
    show("accounts_resolve_s", time.monotonic() - began, "s")
    costs(accounts, "ring")
    show("account_threads_max", max(account.threads() for account in accounts), "threads")
    show("account_descriptors_max", max(account.descriptors() for account in accounts),
         "descriptors")
    time.sleep(15)  # For what linking has left to do.
    before = [account.cpu_seconds() for account in accounts]
    began = time.monotonic()
    time.sleep(idle)
    lasted = time.monotonic() - began
    used = [account.cpu_seconds() - b for account, b in zip(accounts, before)]
    show("account_idle_cpu_percent_mean", 100 * sum(used) / lasted / len(accounts), "%", 0.1)
    show("account_idle_cpu_percent_max", 100 * max(used) / lasted, "%")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--idle", type=int, default=60)
    options = parser.parse_args()
    names = [f"account {i}" for i in range(options.accounts)]
    try:
        with staged(names, options.bin.resolve(), "many", HostedAccount) as accounts:
            measure(accounts, options.idle)
    except Violation as violation:
        print(f"FAILED: {violation}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
