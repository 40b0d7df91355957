"""The images of cluster.py: root file systems in folders, and what a container of
each is started with."""

import json
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def of_dockerfile():
    """What the last stage of deploy/Dockerfile says of a container."""
    found = {"env": {}}
    for line in (TOP / "deploy/Dockerfile").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found = {"env": {}}
        elif word == "ENV":
            name, _, value = rest.partition("=")
            found["env"][name] = value
        elif word == "USER":
            found["user"], found["group"] = map(int, rest.split(":"))
        elif word == "ENTRYPOINT":
            found["entrypoint"] = json.loads(rest)
        elif word == "HEALTHCHECK":
            found["healthcheck"] = json.loads(rest.removeprefix("CMD "))
    return found


def with_one_program(program, tree):
    """An image of nothing but a program of this machine, in /bin."""
    for name in ("bin", "etc", "proc", "dev"):
        (tree / name).mkdir(parents=True)
    shutil.copy(program, tree / "bin")
    listed = subprocess.run(["ldd", program], capture_output=True, text=True,
                            check=False).stdout
    for word in listed.split():
        if word.startswith("/"):
            target = tree / word.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, target)


def images(programs, folder):
    """Assembles what the manifests name, from the programs of a build."""
    tree = folder / "interlink"
    subprocess.run([TOP / "deploy/image-tree.sh", programs, tree], check=True,
                   stdout=subprocess.DEVNULL)
    made = {"interlink": {"tree": str(tree), **of_dockerfile()},
            "debian": {"tree": "/", "entrypoint": []}}
    grpcurl = shutil.which("grpcurl")
    if grpcurl:
        with_one_program(grpcurl, folder / "grpcurl")
        made["fullstorydev/grpcurl"] = {"tree": str(folder / "grpcurl"),
                                        "entrypoint": ["/bin/grpcurl"]}
    return made
