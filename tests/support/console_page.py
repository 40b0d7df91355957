"""A page of commands: reads them, and compares what they print with what it shows.

A block ```console has commands after a prompt ("$ ", or "mike# " on Mike's machine),
continued after "> ", and their output. A command that the page shows without output
has only to succeed; "..." in an output stands for any lines. What differs every time
(ids, keys, times) is compared by its kind. A block ```console not-run is left out.
"""

import re
import sys

PROMPT = re.compile(r"(\$|[a-z]+#) (.*)")

# What is another thing each time, and what it is called in a comparison.
KINDS = [
    (r"ilk1_[A-Za-z0-9_.-]+", "KEY"),
    (r"#token=[A-Za-z0-9_-]+", "TOKEN"),
    (r"\b[0-9a-f]{64}\b", "HASH"),
    (r"\b[0-9a-f]{32}\b", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\b)", "TIME"),
    (r"\b\d\d:\d\d:\d\d\b", "TIME"),
    (r"\b(\d+ s|\d+ minutes?)( ago)?\b", "WHILE"),
    (r", (less than )?\d+ ms", ""),
    (r"\b\d+ bytes", "BYTES"),
    (r"[ ─]{2,}", "  "),
]


class Command:

    def __init__(self, prompt, text):
        self.prompt = prompt
        self.text = text
        self.expected = []
        self.lines = None  # Of the page, from and to.
        self.output = []
        self.status = None

    def is_refused(self):
        """The page shows how this is refused."""
        return any(re.match(r"ERROR:|interlinkctl: [A-Z_]+: ", line)
                   for line in self.expected)


def read(lines):
    """The commands of the page, in order."""
    commands = []
    inside = None
    for number, line in enumerate(lines):
        prompt = PROMPT.match(line)
        if line.startswith("```"):
            inside = line[3:] if inside is None else None
        elif inside != "console":
            continue
        elif prompt:
            commands.append(Command(*prompt.groups()))
            commands[-1].lines = [number + 1, number + 1]
        elif line.startswith("> ") and not commands[-1].expected:
            commands[-1].text += "\n" + line[2:]
            commands[-1].lines = [number + 1, number + 1]
        else:
            commands[-1].expected.append(line)
            commands[-1].lines[1] = number + 1
    return commands


def plain(line, kinds):
    for pattern, word in kinds:
        line = re.sub(pattern, word, line)
    return line.strip()


def agrees(expected, output, kinds):
    """Line by line; "..." matches any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(plain(line, kinds)) + "\n"
        for line in expected)
    text = "".join(plain(line, kinds) + "\n" for line in output)
    return re.fullmatch(pattern, text) is not None


def check(commands, kinds):
    """Whether all did what the page says; tells of those that did not."""
    failed = False
    for command in commands:
        said = "\n".join(f"    {line}" for line in command.output)
        if command.status is None:
            print(f"FAILED: it was not reached: {command.text}")
            return False
        if (command.status != 0) != command.is_refused():
            print(f"FAILED: it ends with {command.status}: {command.text}\n{said}")
            failed = True
        elif command.expected and not agrees(command.expected, command.output, kinds):
            shown = "\n".join(f"    {line}" for line in command.expected)
            print(f"FAILED: another output: {command.text}\n"
                  f"  the page has\n{shown}\n  and it printed\n{said}")
            failed = True
    return not failed


def write(page, lines, commands):
    """Puts the outputs of this run into the page, where it shows one."""
    for command in commands:
        if command.status is None:
            sys.exit(f"{command.text} was not reached")
    for command in reversed(commands):
        if command.expected and command.output:
            begin, end = command.lines
            lines[begin:end] = command.output
    page.write_text("\n".join(lines) + "\n")
