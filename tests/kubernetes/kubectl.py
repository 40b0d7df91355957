#!/usr/bin/python3
"""Stands in for kubectl (and as `cmctl` for cert-manager's) over the pods of
cluster.py, in the folder $INTERLINK_CLUSTER. It knows the verbs that
deploy/kubernetes/README.md uses, and refuses all others.
"""

import base64
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import threading

import cluster
from cluster import Cluster, Fault

WITH_VALUE = {"-n", "--namespace", "-k", "-f", "-o", "--replicas", "--from",
              "--from-file", "--timeout", "-c", "--for", "--address", "-l"}


def parse(arguments):
    """Flags with their values, what has none, and what follows `--`."""
    flags, plain, command = {}, [], []
    arguments = list(arguments)
    while arguments:
        word = arguments.pop(0)
        if word == "--":
            command = arguments
            break
        if not word.startswith("-") or word == "-":
            plain.append(word)
        elif "=" in word:
            name, value = word.split("=", 1)
            flags[name] = value
        elif word in WITH_VALUE:
            flags[word] = arguments.pop(0)
        else:
            flags[word] = True
    if "--namespace" in flags:
        flags["-n"] = flags["--namespace"]
    return flags, plain, command


KINDS = {"pod": "Pod", "pods": "Pod", "pvc": "PersistentVolumeClaim",
         "secret": "Secret", "namespace": "Namespace", "job": "Job",
         "statefulset": "StatefulSet", "sts": "StatefulSet",
         "svc": "Service", "service": "Service", "cronjob": "CronJob",
         "certificate": "Certificate"}


def target(plain):
    """`kind/name` or `kind name`."""
    if "/" in plain[0]:
        kind, name = plain[0].split("/", 1)
    elif len(plain) > 1:
        kind, name = plain[:2]
    else:
        kind, name = "pod", plain[0]
    return KINDS[kind], name


def shown(document):
    group = document["apiVersion"].rpartition("/")[0]
    kind = document["kind"].lower() + (f".{group}" if group else "")
    return f"{kind}/{document['metadata']['name']}"


class Kubectl:

    def __init__(self, flags, plain, command):
        self.cluster = Cluster(os.environ["INTERLINK_CLUSTER"])
        self.flags, self.plain, self.command = flags, plain, command
        self.namespace = flags.get("-n", "default")

    def apply(self):
        if "-k" in self.flags:
            text = subprocess.run(["kustomize", "build", self.flags["-k"]],
                                  check=True, capture_output=True).stdout
        elif self.flags["-f"] == "-":
            text = sys.stdin.read()
        else:
            text = pathlib.Path(self.flags["-f"]).read_text()
        for document in cluster.documents(text):
            did = self.cluster.apply(document, self.namespace)
            print(f"{shown(document)} {did}")
        self.cluster.settle()

    def create(self):
        what, name = self.plain[0], self.plain[-1]
        if what == "namespace":
            self.cluster.apply({"apiVersion": "v1", "kind": "Namespace",
                                "metadata": {"name": name}})
        elif what == "secret":
            key, file = self.flags["--from-file"].split("=", 1)
            self.cluster.write_secret(self.namespace, name,
                                      {key: pathlib.Path(file).read_bytes()})
        elif what == "job":
            cronjob = self.flags["--from"].removeprefix("cronjob/")
            self.cluster.run_cronjob(self.namespace, cronjob, name)
            what = "job.batch"
        else:
            raise Fault(f"create {what} is not known here")
        print(f"{what}/{name} created")

    def get(self):
        kind, name = target(self.plain)
        path = re.fullmatch(r"jsonpath=\{(.*)\}", self.flags["-o"].strip("'"))
        value = self.cluster.read(self.namespace, kind, name)
        for step in re.findall(r"\.((?:[^.\\]|\\.)+)", path[1]):
            value = value[step.replace("\\", "")]
        print(value, end="")

    def delete(self):
        kind, name = target(self.plain)
        if kind == "Pod":
            # By its controller another takes its place.
            note = self.cluster.note(self.namespace, name)
            if "--force" in self.flags:
                self.cluster.kill(self.namespace, name)
            else:
                spec = note["template"]["spec"]
                self.cluster.stop(self.namespace, name,
                                  spec["terminationGracePeriodSeconds"])
        else:
            path = self.cluster.path(
                None if kind == "Namespace" else self.namespace, kind, name)
            if not path.exists():
                raise Fault(f'{kind} "{name}" not found')
            path.unlink()
        if kind == "PersistentVolumeClaim":
            claim = self.cluster.claim(self.namespace, name)
            claim.rename(claim.with_name(f"{name}.released"))
        print(f'{self.plain[0].split("/")[0]} "{name}" deleted')
        self.cluster.settle()

    def scale(self):
        kind, name = target(self.plain)
        document = self.cluster.read(self.namespace, kind, name)
        document["spec"]["replicas"] = int(self.flags["--replicas"])
        self.cluster.write(document)
        self.cluster.settle()
        print(f"{shown(document)} scaled")

    def rollout(self):
        kind, name = target(self.plain[1:])
        document = self.cluster.read(self.namespace, kind, name)
        if self.plain[0] == "restart":
            annotations = document["spec"]["template"]["metadata"].setdefault(
                "annotations", {})
            annotations["kubectl.kubernetes.io/restartedAt"] = os.urandom(8).hex()
            self.cluster.write(document)
            self.cluster.settle()
            print(f"{shown(document)} restarted")
        elif self.plain[0] == "status":
            self.cluster.await_ready(self.namespace, f"{name}-0")
        else:
            raise Fault(f"rollout {self.plain[0]} is not known here")

    def exec(self):
        if "-i" not in self.flags:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout.flush()
        self.cluster.execute(self.namespace, self.plain[0], self.command)

    def wait(self):
        # A Job was over when it was applied.
        kind, name = target(self.plain)
        self.cluster.read(self.namespace, kind, name)

    def logs(self):
        kind, name = target(self.plain)
        pod = f"{name}-x7k2p" if kind == "Job" else name
        print(self.cluster.log(self.namespace, pod, self.flags.get("-c")), end="")

    def renew(self):
        certificate = self.cluster.read(self.namespace, "Certificate",
                                        self.plain[0])
        self.cluster.issue(certificate)
        print(f"Manually triggered issuance of Certificate {self.namespace}/"
              f"{self.plain[0]}")

    def port_forward(self):
        kind, name = target(self.plain)
        local, _, remote = self.plain[-1].partition(":")
        pod = name
        if kind == "Service":
            pod = "interlink-0"
            self.cluster.read(self.namespace, kind, name)
        address = self.cluster.address(self.namespace, pod), int(remote or local)
        listener = socket.create_server(("127.0.0.1", int(local)))
        (self.cluster.folder / "others" / str(os.getpid())).touch()
        print(f"Forwarding from 127.0.0.1:{local} -> {address[1]}", flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=relay, args=(client, address),
                             daemon=True).start()


def relay(client, address):
    with client, socket.create_connection(address) as server:
        other = {client: server, server: client}
        while True:
            for readable in select.select(list(other), [], [])[0]:
                data = readable.recv(65536)
                if not data:
                    return
                other[readable].sendall(data)


def main():
    flags, plain, command = parse(sys.argv[1:])
    verb = plain.pop(0) if plain else "help"
    method = getattr(Kubectl(flags, plain, command), verb.replace("-", "_"), None)
    if method is None:
        raise Fault(f"{verb} is not known to this stand-in")
    method()


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"Error from server: {fault}")
