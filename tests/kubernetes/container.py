"""A container without an engine: what the kubelet and runc do for one, done by
namespaces, mounts and chroot.

Run as `container.py SPEC` by `unshare --mount --pid --fork`, inside the pod's
network namespace; it becomes PID 1 of the container. SPEC is a file of JSON:

    root, read_only  the image's root file system, and whether it may be written to
    mounts           {source, target, read_only, tmpfs: the size, or not there}
    user, group, groups
    argv, env
"""

import ctypes
import json
import os
import signal
import stat
import subprocess
import sys

PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38


def give_to_group(root, group, policy):
    """What the kubelet does to a volume for fsGroup (SetVolumeOwnership)."""
    info = os.lstat(root)
    fits = (info.st_gid == group and info.st_mode & 0o770 == 0o770 and
            info.st_mode & stat.S_ISGID)
    if policy == "OnRootMismatch" and fits:
        return
    for folder, _, names in os.walk(root):
        for path in [folder] + [os.path.join(folder, name) for name in names]:
            mode = os.lstat(path).st_mode
            os.lchown(path, -1, group)
            if stat.S_ISLNK(mode):
                continue
            bits = 0o660 | (0o110 | stat.S_ISGID if stat.S_ISDIR(mode) else 0)
            os.chmod(path, stat.S_IMODE(mode) | bits)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def mount_all(spec):
    root = spec["root"]
    mount("--bind", root, root)
    mount("-t", "proc", "proc", f"{root}/proc")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/dev")
    for name in ("null", "zero", "full", "random", "urandom"):
        open(f"{root}/dev/{name}", "w").close()
        mount("--bind", f"/dev/{name}", f"{root}/dev/{name}")
    for volume in spec["mounts"]:
        target = root + volume["target"]
        if "tmpfs" in volume:
            mount("-t", "tmpfs", "-o", f"mode=777,size={volume['tmpfs']}",
                  "tmpfs", target)
            if spec["groups"]:
                give_to_group(target, spec["groups"][0], "Always")
        else:
            mount("--bind", volume["source"], target)
        if volume.get("read_only"):
            mount("-o", "remount,bind,ro", target)
    if spec["read_only"]:
        mount("-o", "remount,bind,ro", root)


def main():
    with open(sys.argv[1]) as file:
        spec = json.load(file)
    mount_all(spec)
    os.chroot(spec["root"])
    os.chdir("/")
    libc = ctypes.CDLL(None, use_errno=True)
    # No capability can come back, whatever is run.
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.setgroups(spec["groups"])
    os.setresgid(*[spec["group"]] * 3)
    os.setresuid(*[spec["user"]] * 3)
    # To end with its keeper; a change of user has undone what unshare asked for.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.umask(0o022)
    os.closerange(3, 256)
    os.execve(spec["argv"][0], spec["argv"], spec["env"])


if __name__ == "__main__":
    main()
