#!/usr/bin/env python3
"""Every query of the dashboard and of the alerts, run against a real Prometheus.

It reads a mesh of real daemons in which much is wrong: a peer is dead, a link is
paused, a mirror is full, two accounts share a number, calls are refused at every
door, a deletion cannot be delivered, a daemon was started again. Each query of
deploy/grafana/interlink.json, also that of its annotations, has to return a number,
and some of them the right one.

    dashboard_test.py --bin build/release/bin [--seconds 40] [--answers FILE]

--answers keeps what was returned, by panel, to be drawn. It takes two minutes, six
daemons and Prometheus.
"""

import argparse
import contextlib
import json
import math
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from accounts import staged, until  # noqa: E402

NAMES = ["mike", "john", "tim", "ann", "peter", "sue"]
CONNECTED = "INTERLINK_HEALTH_CONNECTED"


class Sip:
    """A PBX that asks by SIP, over UDP."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, int(port)))
        self.socket.settimeout(2)
        self.count = 0

    def invite(self, user):
        """The status of the answer."""
        self.count += 1
        here = "127.0.0.1:%d" % self.socket.getsockname()[1]
        lines = [
            f"INVITE sip:{user}@pbx.test SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{self.count}",
            f"From: <sip:100@pbx.test>;tag={self.count}",
            f"To: <sip:{user}@pbx.test>",
            f"Call-ID: {self.count}@pbx.test",
            "CSeq: 1 INVITE", f"Contact: <sip:100@{here}>",
            "Max-Forwards: 70", "Content-Length: 0", "", ""]
        self.socket.send("\r\n".join(lines).encode())
        while True:
            answer = self.socket.recv(4096).decode()
            status = int(answer.split()[1])
            if status >= 200 and f"Call-ID: {self.count}@" in answer:
                break
        to = re.search(r"^To: .*$", answer, re.M).group(0).strip()
        lines[0] = lines[0].replace("INVITE", "ACK", 1)
        lines[3] = to
        lines[5] = "CSeq: 1 ACK"
        self.socket.send("\r\n".join(lines).encode())
        return status


def http(url):
    """Status and body."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def link(issuer, redeemer):
    key = issuer.ask("generate-key", redeemer.name)["key"]
    redeemer.ask("link", issuer.name, key)


class Mesh:
    """Mike, and five accounts linked to him, most of which get in trouble."""

    def __init__(self, accounts):
        self.accounts = {account.name: account for account in accounts}
        for account in accounts:
            account.http = "127.0.0.1:0"
            account.extra = ["--contact", "sip:{number}@pbx.%s.test" % account.name]
        mike = self.accounts["mike"]
        mike.extra += [
            "--pbx-http-listen", "127.0.0.1:0", "--sip-listen", "127.0.0.1:0",
            "--pbx-socket", str(mike.folder / "pbx.sock"),
            "--max-mirrored-numbers", "8"]
        for account in accounts:
            account.start()
            account.http = account.at["http"]  # Where Prometheus looks.

    def link_all(self):
        mike = self.accounts["mike"]
        self.number("mike", "201")
        for name, numbers in {"john": ["301", "302"], "tim": ["401"],
                              "peter": ["501"], "sue": ["302"]}.items():
            for number in numbers:
                self.number(name, number)
            link(mike, self.accounts[name])
        for number in range(600, 620):
            self.number("ann", str(number))
        link(mike, self.accounts["ann"])
        until("all links are up", lambda: sum(
            row["health"] == CONNECTED for row in mike.rows()) == 5)
        self.sip = Sip(mike.at["sip"])
        self.door = "http://" + mike.at["pbx_http"]
        until("the numbers are there", lambda: self.resolve("301")[0] == 200
              and self.resolve("401")[0] == 200)

    def number(self, owner, number):
        self.accounts[owner].ask("number", "add", number, "--destination",
                                 f"sip:{number}@10.0.0.1")

    def resolve(self, number):
        return http(f"{self.door}/v1/resolve?number={number}")

    def authorize(self, user):
        return http(f"{self.door}/v1/authorize?dialled={user}")

    def token(self):
        """Of a call from Tim to Mike's 201."""
        answer = self.accounts["tim"].ask("resolve", "201")
        uri = json.dumps(answer)
        return re.search(r"sip:([^@]+)@", uri).group(1)

    def call(self, token):
        """A second of the PBX's life."""
        mike = self.accounts["mike"]
        for number in ["201", "301", "401", "999", "x"]:
            self.resolve(number)
        self.sip.invite("201")
        self.sip.invite("401")
        self.sip.invite("nobody")
        for user in [token, "il-wrong"]:
            self.authorize(user)
        mike.begin("resolve", "401").wait()
        mike.begin("resolve", "999").wait()

    def break_things(self):
        mike = self.accounts["mike"]
        mike.ask("pause", "tim")
        self.accounts["john"].kill()
        self.accounts["peter"].kill()
        mike.ask("delete", "peter", "--yes")
        self.accounts["tim"].stop()
        self.accounts["tim"].start()

    def await_that_john_is_missed(self):
        until("john is missed", lambda: any(
            row["name"] == "john" and row["health"] != CONNECTED
            for row in self.accounts["mike"].rows()))


class Prometheus:
    def __init__(self, folder, accounts):
        targets = "\n".join(
            f"      - targets: ['{a.at['http']}']\n        labels: {{instance: {n}}}"
            for n, a in accounts.items())
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{ROOT}/deploy/prometheus/alerts.yaml']\n"
            "scrape_configs:\n  - job_name: interlink\n    static_configs:\n"
            + targets + "\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % probe.getsockname()[1]
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={self.address}"],
            stdout=self.log, stderr=self.log)

    def await_ready(self):
        until("Prometheus is ready", self.is_ready)

    def is_ready(self):
        try:
            return http(f"http://{self.address}/-/ready")[0] == 200
        except OSError:
            return False

    def get(self, path, **arguments):
        url = f"http://{self.address}/api/v1/{path}?" + urllib.parse.urlencode(arguments)
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def range(self, query, start, end):
        return self.get("query_range", query=query, start=start, end=end,
                        step=2)["result"]

    def value(self, query):
        """The sum of what it returns now."""
        return sum(float(s["value"][1])
                   for s in self.get("query", query=query)["result"])

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def queries(dashboard):
    """(panel, expression) of all panels, and of the annotations."""
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def filled_in(expression):
    return (expression.replace("$job", ".*").replace("$instance", ".*")
            .replace("$__rate_interval", "10s"))


def has_number(series):
    return any(not math.isnan(float(value))
               for one in series for _, value in one["values"])


# What the mesh must have done to some of them at the end.
TRUTHS = {
    'sum(up)': 4,
    'interlink_links_by_health{instance="mike",health="unreachable"}': 1,
    'interlink_links_by_health{instance="mike",health="paused"}': 1,
    'interlink_link_trouble{instance="mike",reason="LIMIT_REACHED"}'
    ' * on (instance, interlink_id) group_left (name) interlink_link_info{name="ann"}': 1,
    'interlink_conflicting_numbers{instance="mike"}': 1,
    'interlink_replication_outbox{instance="mike"}': 1,
    'interlink_replication_outbox_oldest_seconds{instance="mike"} > bool 5': 1,
    'interlink_link_calls_total{instance="mike",result="admitted"} > bool 0'
    ' and on (interlink_id) interlink_link_info{name="tim"}': 1,
    'interlink_link_calls_total{instance="mike",result="refused"} > bool 0'
    ' and on (interlink_id) interlink_link_info{name="tim"}': 1,
    'sum(interlink_lookups_total{instance="mike",door="sip",source="local"}) > bool 0': 1,
    'sum(interlink_lookups_total{instance="mike",door="grpc",source="peer"}) > bool 0': 1,
    'sum(interlink_admissions_total{instance="mike",door="http",outcome="invalid"})'
    ' > bool 0': 1,
    'interlink_sip_requests_total{instance="mike",result="peer"} > bool 0': 1,
    'interlink_calls_total{instance="mike",result="used"} > bool 0': 1,
    'sum(interlink_reconnects_total{instance="mike",reason="PEER_UNREACHABLE"})'
    ' > bool 0': 1,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--answers", type=pathlib.Path)
    options = parser.parse_args()
    if shutil.which("prometheus") is None:
        print("no prometheus; see deploy/install-dependencies.sh")
        return 77
    dashboard = json.loads((ROOT / "deploy/grafana/interlink.json").read_text())
    with contextlib.ExitStack() as at_the_end:
        mesh = Mesh(at_the_end.enter_context(
            staged(NAMES, options.bin.resolve(), "dashboard")))
        folder = pathlib.Path(at_the_end.enter_context(tempfile.TemporaryDirectory()))
        prometheus = Prometheus(folder, mesh.accounts)
        at_the_end.callback(prometheus.end)
        prometheus.await_ready()
        start = time.time()
        mesh.link_all()
        token = mesh.token()
        for _ in range(options.seconds // 3):
            mesh.call(token)
            time.sleep(1)
        mesh.break_things()
        for _ in range(options.seconds // 3):
            mesh.call(token)
            time.sleep(1)
        mesh.await_that_john_is_missed()
        time.sleep(5)  # For Prometheus to see it.
        return judge(dashboard, prometheus, start, options.answers)


def judge(dashboard, prometheus, start, keep):
    failures = []
    answers = []
    asked = 0
    for title, expression in queries(dashboard):
        asked += 1
        series = prometheus.range(filled_in(expression), start, time.time())
        answers.append({"title": title, "expr": expression, "series": series})
        if not has_number(series):
            failures.append(f"{title}: nothing for {expression}")
    for variable in dashboard["templating"]["list"]:
        for metric in re.findall(r"label_values\((\w+)", variable.get("definition", "")):
            if not prometheus.get("query", query=metric)["result"]:
                failures.append(f"{variable['name']}: nothing for {metric}")
    for query, expected in TRUTHS.items():
        asked += 1
        value = prometheus.value(query)
        if value != expected:
            failures.append(f"{value} instead of {expected} for {query}")
    for group in prometheus.get("rules")["groups"]:
        for rule in group["rules"]:
            asked += 1
            if rule["health"] != "ok":
                failures.append(f"alert {rule['name']}: {rule.get('lastError')}")
    if keep:
        keep.write_text(json.dumps({"start": start, "answers": answers}))
    for failure in failures:
        print("FAILED:", failure)
    print(f"{asked - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
