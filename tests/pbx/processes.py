"""What the tests start. Each has a process group of its own, so that it ends with its
children; end_all() is the end of whatever is left, however a test ended."""

import os
import signal
import subprocess

_started = []


def start(command, log=None, environment=None):
    """With its words in `log`, where there is one."""
    with open(log or os.devnull, "ab") as words:
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=words,
            stderr=words, env=environment, start_new_session=True)
    _started.append(process)
    return process


def _signal(process, number):
    if process.returncode is None:  # Else its id may be somebody else's by now.
        os.killpg(process.pid, number)


def end(process, patience=0):
    """Asks it to end, if it is given `patience` seconds for that, and then ends it."""
    if patience:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    _signal(process, signal.SIGKILL)
    process.wait()
    if process in _started:
        _started.remove(process)


def end_all():
    for process in list(_started):
        end(process)


def end_all_at_sigterm():
    """A second one changes nothing: the first is obeyed to its end."""
    def leave(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(1)
    signal.signal(signal.SIGTERM, leave)
