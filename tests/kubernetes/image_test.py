#!/usr/bin/python3
"""The container image, without an engine: its root file system is assembled as the
Dockerfile does it, and a container of it runs as the Dockerfile says. Needs root.

    image_test.py --bin build/dev/bin
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import image

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent


def require(condition, claim):
    if not condition:
        sys.exit(f"FAILED: {claim}")


def check_tree(tree):
    """Nothing to run but the two programs, and nothing that gives rights."""
    programs = {"interlinkd", "interlinkctl"}
    for path in tree.rglob("*"):
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode):
            continue
        name = path.relative_to(tree)
        require(info.st_mode & 0o6000 == 0, f"{name} changes who runs it")
        require(info.st_mode & 0o022 == 0, f"{name} can be written by others")
        require(not info.st_mode & 0o111 or name.parts[:2] == ("usr", "lib") or
                name.parts[1:2] == ("lib64",) or path.name in programs,
                f"{name} is a program too many")
    for name in ("tmp", "run/interlink", "var/lib/interlink"):
        require((tree / name).stat().st_mode & 0o7777 == 0o1777,
                f"any user may have a folder in /{name}")


def check_dockerfile(settings, tree):
    """What it copies is there and is not ignored; what it starts is there."""
    allowed = {line[1:] for line in
               (TOP / "deploy/Dockerfile.dockerignore").read_text().splitlines()
               if line.startswith("!")}
    stages = 0
    for line in (TOP / "deploy/Dockerfile").read_text().splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            stages += 1
        elif words[:1] == ["COPY"] and not words[1].startswith("--from"):
            for source in words[1:-1]:
                require((TOP / source).exists(), f"there is a {source} to copy")
                require(source in allowed, f"{source} is not ignored")
        elif words[:1] == ["RUN"] and words[1].startswith("deploy/"):
            require(os.access(TOP / words[1], os.X_OK), f"{words[1]} runs")
    require(settings["user"] > 0 and settings["group"] > 0, "it is not root")
    require(stages == 3, "there is a stage to build in, one for the SBOM, and one that "
            "is shipped")
    for command in (settings["entrypoint"], settings["healthcheck"]):
        require(os.access(tree / command[0].lstrip("/"), os.X_OK),
                f"{command[0]} is in the image")


def check_sbom(tree, file):
    """It tells of each library and its package, as dpkg has them."""
    subprocess.run([TOP / "deploy/sbom.sh", tree, file], check=True)
    bom = json.loads(file.read_text())
    require((bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5"),
            "the SBOM is of a known format")
    told = {library["name"]: library["hashes"][0]["content"]
            for package in bom["components"] for library in package["components"]}
    there = {f"/{path.relative_to(tree)}": hashlib.sha256(path.read_bytes()).hexdigest()
             for path in tree.rglob("*.so*")}
    require(told == there, f"each library is in the SBOM: {told.items() ^ there.items()}")
    versions = {package["name"]: package["version"] for package in bom["components"]}
    installed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", *versions],
        capture_output=True, text=True, check=True).stdout
    require(versions == dict(line.split() for line in installed.splitlines()),
            "the versions are those that are installed")
    refs = {package["bom-ref"] for package in bom["components"]} | {"interlink"}
    for dependency in bom["dependencies"]:
        require(refs.issuperset([dependency["ref"], *dependency["dependsOn"]]),
                f"{dependency['ref']} depends on what is there")
    for package in bom["components"]:
        require(re.fullmatch(r"pkg:deb/debian/[a-z0-9.%B-]+@[^ ?]+\?arch=\w+&distro=debian-\w+",
                             package["purl"]), f"{package['purl']} is a package URL")


class Container:
    """`docker run --read-only`, with a volume and a tmpfs; or without them."""

    def __init__(self, folder, tree, settings, user, with_volumes=True):
        self.settings, self.user = settings, user
        folder.mkdir()
        self.volume = folder / "volume"
        self.volume.mkdir()
        # As an engine makes it: with the owner and the mode of the image's.
        self.volume.chmod(0o1777)
        mounts = [{"target": "/var/lib/interlink", "source": str(self.volume)},
                  {"target": "/run/interlink", "tmpfs": "1m"}]
        (folder / "spec").write_text(json.dumps({
            "root": str(tree), "read_only": True, "user": user, "group": user,
            "mounts": mounts if with_volumes else [], "groups": [],
            "argv": settings["entrypoint"], "env": settings["env"]}))
        self.log = folder / "log"
        with open(self.log, "w") as log:
            self.keeper = subprocess.Popen(
                ["unshare", "--net", "--mount", "--pid", "--fork",
                 "--kill-child=KILL", sys.executable, HERE / "container.py",
                 folder / "spec"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)

    def pid(self):
        path = f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children"
        return int(pathlib.Path(path).read_text().split()[0])

    def run(self, command):
        """`docker exec`."""
        return subprocess.run(
            ["nsenter", "--target", str(self.pid()), "--mount", "--pid", "--net",
             "--root", "--wd", "--setuid", str(self.user), "--setgid",
             str(self.user), "--", *command],
            env=self.settings["env"], capture_output=True, text=True, check=False)

    def await_health(self):
        deadline = time.monotonic() + 30
        while True:
            require(self.keeper.poll() is None, f"it runs: {self.log.read_text()}")
            # Before the program is there, what is entered is not it yet.
            if '"ready: pid 1"' in self.log.read_text():
                said = self.run(self.settings["healthcheck"])
                if said.returncode == 0:
                    return said.stdout
            require(time.monotonic() < deadline, f"it is well in time: "
                    f"{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self):
        """SIGTERM to PID 1; how it ended and after how many seconds."""
        began = time.monotonic()
        os.kill(self.pid(), signal.SIGTERM)
        return self.keeper.wait(20), time.monotonic() - began


def listing(tree):
    return {str(path): (path.lstat().st_mode, path.lstat().st_size,
                        path.lstat().st_mtime_ns) for path in tree.rglob("*")}


def check_container(scratch, tree, settings, user):
    before = listing(tree)
    ran = Container(scratch / f"user-{user}", tree, settings, user)
    try:
        require("account" in ran.await_health(), "its health command answers")
        for shell in ("/bin/sh", "/bin/bash"):
            require(ran.run([shell, "-c", "true"]).returncode != 0,
                    f"there is no {shell}")
        status = pathlib.Path(f"/proc/{ran.pid()}/status").read_text()
        for name, value in (("NoNewPrivs", "1"), ("CapEff", "0" * 16),
                            ("CapBnd", "0" * 16),
                            ("Uid", "\t".join([str(user)] * 4))):
            require(f"{name}:\t{value}\n" in status, f"{name} is {value}")
        account = ran.volume / "account"
        require(account.stat().st_mode & 0o777 == 0o700 and
                account.stat().st_uid == user, "the account is its own, 0700")
        ended, took = ran.stop()
        require(ended == 0, f"SIGTERM as PID 1 ends it well, not with {ended}")
        require(took < 2, f"SIGTERM to exit takes 2 s at most, not {took:.2f}")
    finally:
        ran.keeper.kill()
    require(listing(tree) == before, "nothing of the image was written to")
    print(f"user {user}: SIGTERM to exit took {took * 1000:.0f} ms")


def check_without_volume(scratch, tree, settings):
    ran = Container(scratch / "no-volume", tree, settings, settings["user"],
                    with_volumes=False)
    try:
        require(ran.keeper.wait(20) == 1, "without a volume it does not start")
    finally:
        ran.keeper.kill()
    require("/var/lib/interlink" in ran.log.read_text() and
            "Read-only" in ran.log.read_text(), "and says where it cannot write")


def main():
    # Also when it takes too long, what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    programs = parser.parse_args().bin
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="interlink-image-"))
    try:
        tree = pathlib.Path(
            image.images(programs, scratch)["interlink"]["tree"])
        settings = image.of_dockerfile()
        check_tree(tree)
        check_dockerfile(settings, tree)
        check_sbom(tree, scratch / "sbom.cdx.json")
        check_container(scratch, tree, settings, settings["user"])
        # Some clusters give every namespace users of its own.
        check_container(scratch, tree, settings, 1_000_660_000)
        check_without_volume(scratch, tree, settings)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
