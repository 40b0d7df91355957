"""As much of a Kubernetes cluster as can be had without one: the pods of rendered
manifests run as processes, each in namespaces of its own, with the root file
system of the image, as the user, with the mounts, the settings and the
certificates that the manifests say.

What is there: ConfigMaps, Secrets, claims with the kubelet's fsGroup, StatefulSets
of one replica, Jobs, a CronJob's job, the names of Services, and of cert-manager
what Certificates ask for. What is not: a scheduler, an API server, NetworkPolicies,
seccomp, limits of memory.

State is in a folder, so that each call of the stand-in for kubectl (kubectl.py)
finds what the one before left. Needs root. Used inside the network namespace that
Cluster.create() makes: that is the node.
"""

import base64
import copy
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import yaml

import container

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import certificates  # pylint: disable=C0413

HERE = pathlib.Path(__file__).resolve().parent
SUBNET = "10.99.8"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Fault(Exception):
    """What kubectl would end with."""


def run(*command, **options):
    return subprocess.run(list(map(str, command)), check=True, **options)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Cluster:

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        with open(self.folder / "cluster.json") as file:
            self.settings = json.load(file)
        self.node = self.settings["node"]

    @staticmethod
    def create(folder, images, node):
        """`images`: name without tag -> {tree, env, user, entrypoint}."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True)
        (folder / "services").touch()
        (folder / "cluster.json").write_text(
            json.dumps({"images": images, "node": node}))
        run("ip", "netns", "add", node)
        run("ip", "-n", node, "link", "set", "lo", "up")
        run("ip", "-n", node, "link", "add", "pods", "type", "bridge")
        run("ip", "-n", node, "addr", "add", f"{SUBNET}.1/24", "dev", "pods")
        run("ip", "-n", node, "link", "set", "pods", "up")
        dns = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{node}", sys.executable,
             HERE / "cluster_dns.py", f"{SUBNET}.1", folder / "services"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            start_new_session=True)
        (folder / "others").mkdir()
        (folder / "others" / str(dns.pid)).touch()
        dns.stdout.readline()
        return Cluster(folder)

    # Objects.

    def path(self, namespace, kind, name):
        return self.folder / "objects" / (namespace or "-") / kind / f"{name}.json"

    def read(self, namespace, kind, name):
        try:
            return json.loads(self.path(namespace, kind, name).read_text())
        except FileNotFoundError:
            raise Fault(f'{kind} "{name}" not found in {namespace}') from None

    def write(self, document):
        metadata = document["metadata"]
        path = self.path(metadata.get("namespace"), document["kind"],
                         metadata["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))

    def names(self, namespace, kind):
        folder = self.folder / "objects" / namespace / kind
        return sorted(path.stem for path in folder.glob("*.json"))

    def apply(self, document, namespace=None):
        """Returns kubectl's word for what was done."""
        kind, metadata = document["kind"], document["metadata"]
        if kind != "Namespace":
            metadata.setdefault("namespace", namespace or "default")
        namespace = metadata.get("namespace")
        if namespace and not self.path(None, "Namespace", namespace).exists():
            raise Fault(f'namespaces "{namespace}" not found')
        path = self.path(namespace, kind, metadata["name"])
        old = json.loads(path.read_text()) if path.exists() else None
        if old == document:
            return "unchanged"
        self.write(document)
        if kind == "PersistentVolumeClaim":
            self.claim(namespace, metadata["name"]).mkdir(
                parents=True, exist_ok=True)
        elif kind == "Job":
            self.run_job(document)
        return "configured" if old else "created"

    def settle(self):
        """What the controllers do: every Certificate has its Secret, and every
        StatefulSet the pod it asks for."""
        for path in sorted(self.folder.glob("objects/*/Certificate/*.json")):
            certificate = json.loads(path.read_text())
            if not self.path(certificate["metadata"]["namespace"], "Secret",
                             certificate["spec"]["secretName"]).exists():
                self.issue(certificate)
        for path in sorted(self.folder.glob("objects/*/StatefulSet/*.json")):
            self.reconcile(json.loads(path.read_text()))

    # cert-manager.

    def issue(self, certificate):
        """Makes the Secret of a Certificate, by what its spec says."""
        namespace = certificate["metadata"]["namespace"]
        spec = certificate["spec"]
        if spec["privateKey"] | {"rotationPolicy": ""} != {
                "algorithm": "ECDSA", "size": 256, "rotationPolicy": ""}:
            raise Fault("only ECDSA of 256 bits is made here")
        folder = self.folder / "issuing"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        names = [f"DNS:{name}" for name in spec.get("dnsNames", [])]
        names += [f"URI:{uri}" for uri in spec.get("uris", [])]
        lines = ["subjectAltName=" + ",".join(names)] if names else []
        usages = spec.get("usages", [])
        words = {"server auth": "serverAuth", "client auth": "clientAuth"}
        extended = [words[usage] for usage in usages if usage in words]
        if extended:
            lines.append("extendedKeyUsage=" + ",".join(extended))
        if spec.get("isCA"):
            lines += ["basicConstraints=critical,CA:TRUE",
                      "keyUsage=critical,keyCertSign"]
        else:
            lines += ["basicConstraints=critical,CA:FALSE",
                      "keyUsage=critical,digitalSignature"]
        issuer = self.read(namespace, "Issuer",
                           spec["issuerRef"]["name"])["spec"]
        signer = None
        if "ca" in issuer:
            self.await_secret(namespace, issuer["ca"]["secretName"], folder)
            signer = (folder / "ca.crt", folder / "ca.key")
        certificates.make(folder / "tls.crt", folder / "tls.key",
                          spec["commonName"], lines,
                          int(spec["duration"].rstrip("h")) // 24, signer)
        if "ca" not in issuer:
            shutil.copy(folder / "tls.crt", folder / "ca.crt")
        self.write_secret(namespace, spec["secretName"], {
            name: (folder / name).read_bytes()
            for name in ("tls.crt", "tls.key", "ca.crt")})

    def await_secret(self, namespace, name, folder):
        # The manifests are in no order; the CA's Certificate may come later.
        if not self.path(namespace, "Secret", name).exists():
            for other in self.names(namespace, "Certificate"):
                document = self.read(namespace, "Certificate", other)
                if document["spec"]["secretName"] == name:
                    kept = folder.rename(folder.with_suffix(".waiting"))
                    self.issue(document)
                    shutil.rmtree(folder)
                    kept.rename(folder)
        data = self.read(namespace, "Secret", name)["data"]
        (folder / "ca.crt").write_bytes(base64.b64decode(data["tls.crt"]))
        (folder / "ca.key").write_bytes(base64.b64decode(data["tls.key"]))

    def write_secret(self, namespace, name, files):
        self.write({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "data": {key: base64.b64encode(value).decode()
                     for key, value in files.items()}})
        for volume in self.folder.glob(f"pods/{namespace}/*/secret-{name}"):
            self.project(volume, namespace, name, None)

    # Volumes.

    def claim(self, namespace, name):
        return self.folder / "claims" / namespace / name

    def project(self, volume, namespace, name, mode_and_group):
        """A Secret as files, swapped by one rename as the kubelet does it."""
        if mode_and_group is None:
            mode_and_group = json.loads(
                volume.with_name(volume.name + ".mode").read_text())
        volume.with_name(volume.name + ".mode").write_text(
            json.dumps(mode_and_group))
        mode, group = mode_and_group
        data = self.read(namespace, "Secret", name)["data"]
        stamp = f"..{time.time_ns()}"
        (volume / stamp).mkdir(parents=True)
        for key, value in data.items():
            file = volume / stamp / key
            file.write_bytes(base64.b64decode(value))
            os.chown(file, 0, group)
            file.chmod(mode)
            if not (volume / key).is_symlink():
                (volume / key).symlink_to(f"..data/{key}")
        old = os.readlink(volume / "..data") if (
            volume / "..data").is_symlink() else None
        (volume / "..data_tmp").symlink_to(stamp)
        (volume / "..data_tmp").rename(volume / "..data")
        if old:
            shutil.rmtree(volume / old)

    def mounts(self, namespace, pod_folder, spec, one, claims):
        security = spec["securityContext"]
        group = security.get("fsGroup", 0)
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        made = []
        for mount in one.get("volumeMounts", []):
            volume = volumes.get(mount["name"], {})
            entry = {"target": mount["mountPath"],
                     "read_only": mount.get("readOnly", False)}
            if mount["name"] in claims or "persistentVolumeClaim" in volume:
                claim = self.claim(namespace, claims.get(mount["name"]) or
                                   volume["persistentVolumeClaim"]["claimName"])
                if not claim.is_dir():
                    raise Fault(f"no claim {claim.name} in {namespace}")
                container.give_to_group(claim, group,
                                        security.get("fsGroupChangePolicy"))
                entry["source"] = str(claim)
            elif "emptyDir" in volume:
                entry["tmpfs"] = volume["emptyDir"]["sizeLimit"].replace("Mi", "m")
            else:
                secret = volume["secret"]
                target = pod_folder / f"secret-{secret['secretName']}"
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir(parents=True)
                self.project(target, namespace, secret["secretName"],
                             [secret["defaultMode"], group])
                entry["source"] = str(target)
                entry["read_only"] = True
            made.append(entry)
        return made

    # Pods.

    def address(self, namespace, name):
        """The pod's, which is its Services' too: it stays at a restart."""
        path = self.folder / "addresses.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        key = f"{namespace}/{name}"
        if key not in known:
            known[key] = f"{SUBNET}.{len(known) + 2}"
            path.write_text(json.dumps(known))
            self.name_services(namespace, name, known[key])
        return known[key]

    def name_services(self, namespace, name, address):
        if not name.endswith("-0"):
            return
        with open(self.folder / "services", "a") as services:
            for service in self.names(namespace, "Service"):
                services.write(
                    f"{service}.{namespace}.svc.cluster.local {address}\n")

    def image(self, name):
        """What the manifests call it, without registry and tag."""
        plain = re.sub(r":[^/:]*$", "", name)
        try:
            return self.settings["images"][plain]
        except KeyError:
            raise Fault(f"ErrImagePull: {name}") from None

    def environment(self, namespace, pod, one, image, address):
        variables = {"PATH": PATH, "HOSTNAME": pod} | image.get("env", {})
        for source in one.get("envFrom", []):
            variables |= self.read(namespace, "ConfigMap",
                                   source["configMapRef"]["name"])["data"]
        fields = {"metadata.name": pod, "metadata.namespace": namespace,
                  "status.podIP": address}
        for variable in one.get("env", []):
            if "valueFrom" in variable:
                path = variable["valueFrom"]["fieldRef"]["fieldPath"]
                variables[variable["name"]] = fields[path]
            else:
                variables[variable["name"]] = variable["value"]
        return variables

    def start(self, namespace, pod, spec, one, claims):
        """Starts one container of a pod; returns where it is noted."""
        folder = self.folder / "pods" / namespace / pod
        folder.mkdir(parents=True, exist_ok=True)
        image = self.image(one["image"])
        address = self.address(namespace, pod)
        variables = self.environment(namespace, pod, one, image, address)
        words = one.get("command", image["entrypoint"]) + one.get("args", [])
        argv = [re.sub(r"\$\((\w+)\)", lambda m: variables.get(m[1], m[0]), word)
                for word in words]
        if not argv[0].startswith("/"):
            argv[0] = shutil.which(argv[0], path=PATH)
        security = spec["securityContext"] | one["securityContext"]
        if not security["runAsNonRoot"] or security["allowPrivilegeEscalation"] or (
                security["capabilities"] != {"drop": ["ALL"]}):
            raise Fault("not a restricted pod")
        mounts = self.mounts(namespace, folder, spec, one, claims)
        root = folder / f"root-{one['name']}"
        shutil.rmtree(root, ignore_errors=True)
        if image["tree"] == "/":  # An image of Debian: this machine's programs.
            root.mkdir()
            for name in ("usr", "proc", "dev", "etc"):
                (root / name).mkdir()
            for name in ("bin", "lib", "lib64", "sbin"):
                (root / name).symlink_to(f"usr/{name}")
            mounts.insert(0, {"source": "/usr", "target": "/usr",
                              "read_only": True})
        else:
            # As an engine does it: what is mounted on is made if need be.
            run("cp", "--archive", "--link", image["tree"], root)
        for mount in mounts:
            (root / mount["target"].lstrip("/")).mkdir(parents=True, exist_ok=True)
        # As the kubelet writes them.
        for name, text in {
                "hosts": f"127.0.0.1 localhost\n{address} {pod}\n",
                "hostname": f"{pod}\n",
                "resolv.conf": f"nameserver {SUBNET}.1\nsearch {namespace}.svc."
                               "cluster.local svc.cluster.local cluster.local\n"
                               "options ndots:5\n"}.items():
            (root / "etc" / name).unlink(missing_ok=True)
            (root / "etc" / name).write_text(text)
        group = security.get("fsGroup")
        spec_file = folder / f"{one['name']}.json"
        spec_file.write_text(json.dumps({
            "root": str(root), "mounts": mounts, "argv": argv, "env": variables,
            "read_only": security["readOnlyRootFilesystem"],
            "user": security["runAsUser"], "group": security["runAsGroup"],
            "groups": [group] if group else []}))
        self.connect(namespace, pod, address)
        log = open(folder / f"{one['name']}.log", "a")
        keeper = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.netns(namespace, pod)}", "unshare",
             "--mount", "--pid", "--fork", "--kill-child=KILL", sys.executable,
             str(HERE / "container.py"), str(spec_file)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)
        while keeper.poll() is None:
            with open(f"/proc/{keeper.pid}/task/{keeper.pid}/children") as file:
                children = file.read().split()
            if children:
                break
            time.sleep(0.005)
        else:
            raise Fault(f"{pod} did not start: {self.log(namespace, pod)}")
        note = {"pid": int(children[0]), "keeper": keeper.pid,
                "env": variables, "user": security["runAsUser"],
                "group": security["runAsGroup"], "container": one["name"]}
        return keeper, folder, note

    def netns(self, namespace, pod):
        digest = hashlib.sha256(f"{namespace}/{pod}".encode()).hexdigest()[:6]
        return f"{self.node}-{digest}"

    def connect(self, namespace, pod, address):
        netns = self.netns(namespace, pod)
        if pathlib.Path("/run/netns", netns).exists():
            return
        run("ip", "netns", "add", netns)
        link = f"p{netns[-6:]}"
        run("ip", "link", "add", link, "netns", self.node, "type", "veth",
            "peer", "name", "eth0", "netns", netns)
        run("ip", "-n", self.node, "link", "set", link, "master", "pods", "up")
        run("ip", "-n", netns, "addr", "add", f"{address}/24", "dev", "eth0")
        run("ip", "-n", netns, "link", "set", "lo", "up")
        run("ip", "-n", netns, "link", "set", "eth0", "up")
        run("ip", "-n", netns, "route", "add", "default", "via", f"{SUBNET}.1")

    def note(self, namespace, pod):
        path = self.folder / "pods" / namespace / pod / "pod.json"
        if not path.exists():
            raise Fault(f'pods "{pod}" not found')
        return json.loads(path.read_text())

    def log(self, namespace, pod, one=None):
        folder = self.folder / "pods" / namespace / pod
        return "".join(path.read_text() for path in sorted(folder.glob("*.log"))
                       if one is None or path.stem == one)

    def reconcile(self, statefulset):
        namespace = statefulset["metadata"]["namespace"]
        pod = statefulset["metadata"]["name"] + "-0"
        spec = statefulset["spec"]
        folder = self.folder / "pods" / namespace / pod
        noted = folder / "pod.json"
        wanted = spec["template"] if spec["replicas"] else None
        if noted.exists():
            note = json.loads(noted.read_text())
            if note["template"] == wanted and is_alive(note["pid"]):
                return
            self.stop(namespace, pod,
                      note["template"]["spec"]["terminationGracePeriodSeconds"])
        if wanted is None:
            return
        claims = {}
        for template in spec["volumeClaimTemplates"]:
            name = template["metadata"]["name"]
            claims[name] = f"{name}-{pod}"
            claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                     **copy.deepcopy(template)}
            claim["metadata"] |= {"name": claims[name], "namespace": namespace}
            self.apply(claim)
        _, folder, note = self.start(namespace, pod, wanted["spec"],
                                     wanted["spec"]["containers"][0], claims)
        note["template"] = wanted
        noted.write_text(json.dumps(note))

    def stop(self, namespace, pod, grace):
        """SIGTERM, and SIGKILL when the grace is over, as the kubelet does."""
        note = self.note(namespace, pod)
        (self.folder / "pods" / namespace / pod / "pod.json").unlink()
        if is_alive(note["pid"]):
            os.kill(note["pid"], signal.SIGTERM)
        deadline = time.monotonic() + grace
        while is_alive(note["keeper"]):
            if time.monotonic() > deadline:
                os.kill(note["keeper"], signal.SIGKILL)
                raise Fault(f"{pod} did not end within {grace} s")
            time.sleep(0.01)

    def kill(self, namespace, pod):
        """As a node dies: without a word."""
        note = self.note(namespace, pod)
        os.kill(note["pid"], signal.SIGKILL)
        while is_alive(note["keeper"]):
            time.sleep(0.01)
        (self.folder / "pods" / namespace / pod / "pod.json").unlink()

    def is_ready(self, namespace, pod):
        """Asks as the readiness probe of the pod says, from the node."""
        note = self.note(namespace, pod)
        one = note["template"]["spec"]["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in one["ports"]}
        probe = one["readinessProbe"]["httpGet"]
        connection = http.client.HTTPConnection(
            self.address(namespace, pod), ports[probe["port"]], timeout=1)
        try:
            connection.request("GET", probe["path"])
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def await_ready(self, namespace, pod, seconds=30):
        deadline = time.monotonic() + seconds
        while not self.is_ready(namespace, pod):
            if not is_alive(self.note(namespace, pod)["pid"]):
                raise Fault(f"{pod} has ended: {self.log(namespace, pod)[-2000:]}")
            if time.monotonic() > deadline:
                raise Fault(f"{pod} is not ready after {seconds} s")
            time.sleep(0.02)

    def run_job(self, job):
        namespace = job["metadata"]["namespace"]
        pod = job["metadata"]["name"] + "-x7k2p"
        spec = job["spec"]["template"]["spec"]
        for one in spec.get("initContainers", []) + spec["containers"]:
            keeper, _, _ = self.start(namespace, pod, spec, one, {})
            status = keeper.wait(job["spec"].get("activeDeadlineSeconds", 120))
            if status != 0:
                raise Fault(f"{pod}: {one['name']} ended with {status}: "
                            f"{self.log(namespace, pod, one['name'])}")

    def run_cronjob(self, namespace, cronjob, name):
        job = copy.deepcopy(self.read(namespace, "CronJob", cronjob)
                            ["spec"]["jobTemplate"])
        job |= {"apiVersion": "batch/v1", "kind": "Job"}
        job.setdefault("metadata", {})
        job["metadata"] |= {"name": name, "namespace": namespace}
        return self.apply(job)

    def execute(self, namespace, pod, command):
        """As `kubectl exec`: becomes a process in the pod's container."""
        note = self.note(namespace, pod)
        os.execvpe("nsenter", [
            "nsenter", "--target", str(note["pid"]), "--mount", "--pid", "--net",
            "--root", "--wd", "--setuid", str(note["user"]), "--setgid",
            str(note["group"]), "--", *command], note["env"])

    def destroy(self):
        for path in self.folder.glob("pods/*/*/pod.json"):
            note = json.loads(path.read_text())
            for process in (note["pid"], note["keeper"]):
                if is_alive(process):
                    os.kill(process, signal.SIGKILL)
        for path in self.folder.glob("others/*"):
            if is_alive(int(path.name)):
                os.kill(int(path.name), signal.SIGKILL)
        spaces = [path.name for path in pathlib.Path("/run/netns").iterdir()
                  if path.name.startswith(self.node + "-")]
        for name in [*spaces, self.node]:
            subprocess.run(["ip", "netns", "del", name], check=False)


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]
