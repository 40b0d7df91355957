#!/usr/bin/env python3
"""The page at a terminal with job control, as `interlinkctl page &` and then `fg` have it.

    job_control.py INTERLINKCTL

Fails unless the page leaves the terminal alone in the background, with what is typed for
the shell, and prints a link at each Enter once it is in the foreground.
"""

import http.client
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

LINK = re.compile(rb"http://(\S+)/#token=[\w-]{43}")
PATIENCE_SECONDS = 20


def shell(program, orders):
    """Runs the page in the background, and puts it into the foreground when told so."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = subprocess.Popen([program, "page"], process_group=0)
    if not orders.read(1):
        job.terminate()  # The test has failed.
    if not os.get_blocking(0):
        print("a read of other programs at the terminal would not wait")
        job.terminate()
    os.tcsetpgrp(0, job.pid)
    sys.exit(job.wait())


class Terminal:

    def __init__(self, program):
        order, self.order = os.pipe()
        self.shell, self.master = pty.fork()
        if self.shell == 0:
            os.close(self.order)
            shell(program, os.fdopen(order, "rb", 0))
        os.close(order)
        self.shown = b""

    def links(self):
        return list(dict.fromkeys(match.group() for match in LINK.finditer(self.shown)))

    def await_links(self, count, why):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.links()) < count:
            if not select.select([self.master], [], [], deadline - time.monotonic())[0]:
                sys.exit(f"{why}: {self.shown.decode()}")
            try:
                self.shown += os.read(self.master, 4096)
            except OSError:  # All that had it open have ended.
                sys.exit(f"{why}: {self.shown.decode()}")

    def press(self, key):
        os.write(self.master, key)

    def put_into_foreground(self):
        os.write(self.order, b"f")

    def status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.shell, 0)[1])


def ask(link):
    """Comes back when the page has seen whatever came before."""
    connection = http.client.HTTPConnection(LINK.match(link).group(1).decode(),
                                            timeout=PATIENCE_SECONDS)
    for _ in range(2):
        connection.request("GET", "/")
        connection.getresponse().read()
    connection.close()


def main():
    terminal = Terminal(sys.argv[1])
    terminal.await_links(1, "the page prints no link")
    terminal.press(b"for the shell\n")
    ask(terminal.links()[0])
    terminal.put_into_foreground()
    # The shell has not read it.
    terminal.await_links(2, "in the foreground it does not read what there is")
    for count in (3, 4):
        terminal.press(b"\n")
        terminal.await_links(count, "in the foreground Enter prints no link")
    terminal.press(b"\x03")
    if terminal.status() != 0:
        sys.exit(f"Ctrl-C does not end the page: {terminal.shown.decode()}")


if __name__ == "__main__":
    main()
