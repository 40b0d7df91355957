"""Machines on one wire, on each of which the package has just been installed.

Each has namespaces and a root file system of its own; see machine.sh. What they write
and run ends with the process that made them, which has to be in a network, mount and
PID namespace of its own: enter_namespaces() sees to that.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
MARK = "=-=-= ended"
SECONDS = 90  # That a command may take.


def enter_namespaces():
    """Goes on in namespaces of its own; in those it returns."""
    if os.environ.get("INTERLINK_MACHINES") != "here":
        os.environ["INTERLINK_MACHINES"] = "here"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork",
                              "--kill-child=KILL", "--mount-proc", sys.executable,
                              *sys.argv])
    # The first process of a PID namespace has no default for it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Stuck(Exception):
    """A command did not end in time."""


def on_alarm(*_):
    raise Stuck()


class Machines:

    def __init__(self, folder, programs, addresses, hosts):
        """Of these names and IPv4 addresses, in an existing folder. `hosts` are the
        lines of each /etc/hosts."""
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
        (folder / "stick").mkdir()
        (folder / "hosts").write_text(hosts)
        subprocess.run(["ip", "link", "add", "wire", "type", "bridge"], check=True)
        subprocess.run(["ip", "link", "set", "wire", "up"], check=True)
        signal.signal(signal.SIGALRM, on_alarm)
        self.shells = {name: self.switch_on(name, address, folder, programs)
                       for name, address in addresses.items()}

    @staticmethod
    def switch_on(name, address, folder, programs):
        """The shell that is on it."""
        (folder / name).mkdir()
        shell = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--uts", "--fork",
             "--kill-child=KILL", "bash", "-c", 'read -r && exec "$@"', "-",
             HERE / "machine.sh", folder / name, name, programs],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        # It has its network once unshare has made one.
        own = pathlib.Path("/proc/self/ns/net").readlink()
        while pathlib.Path(f"/proc/{shell.pid}/ns/net").readlink() == own:
            time.sleep(0.01)
        for command in (
                f"link add to-{name} type veth peer name lan netns {shell.pid}",
                f"link set to-{name} master wire up"):
            subprocess.run(["ip", *command.split()], check=True)
        for command in ("link set lo up", f"addr add {address}/24 dev lan",
                        "link set lan up", "route add default dev lan"):
            subprocess.run(["nsenter", f"--net=/proc/{shell.pid}/ns/net", "ip",
                            *command.split()], check=True)
        shell.stdin.write("\n")
        return shell

    def run(self, name, command):
        """What the command prints, in lines, and its exit status."""
        shell = self.shells[name]
        shell.stdin.write(f"{{ {command}\n}} </dev/null 2>&1\n"
                          f"printf '\\n{MARK} %d\\n' $?\n")
        shell.stdin.flush()
        lines = []
        signal.alarm(SECONDS)
        try:
            for line in shell.stdout:
                if line.startswith(MARK):
                    # The line break before the mark is not the command's.
                    return "\n".join(lines).rstrip("\n").splitlines(), int(line.split()[-1])
                lines.append(line.rstrip("\n"))
        except Stuck:
            lines.append(f"(it did not end within {SECONDS} s)")
        finally:
            signal.alarm(0)
        return lines, -1
