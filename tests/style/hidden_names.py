#!/usr/bin/env python3
"""What a source file keeps to itself is not called as what a header declares.

    tests/style/hidden_names.py <checkout>

Eight source files are compiled as one. A name of an unnamed namespace would hide that of
the header from the other seven, and what they do would change without an error.
"""

import pathlib
import re
import sys

FOLDERS = ["store", "federation", "daemon", "tests"]
# At the beginning of a line, which is where clang-format has declarations of a namespace.
DECLARATION = re.compile(
    r"(?:(?:inline|constexpr|const|static)\s+)*(?:"
    r"(?:struct|class|enum(?: class)?|union)\s+(?P<type>\w+)\b(?!;)|"
    r"(?:using|namespace)\s+(?P<alias>\w+)\s*=|"
    r"[\w:<>,\s*&\[\]]*?[\s*&](?P<value>\w+)\s*[(\[={])")


def declarations(path):
    """Yields (namespace, name, whether it is in an unnamed namespace)."""
    spaces = []
    for line in path.read_text(encoding="utf-8").splitlines():
        begins = re.match(r"namespace (?:([\w:]+) )?\{", line)
        if begins:
            spaces.append(begins[1])
        elif re.match(r"\}\s+// namespace", line):
            spaces.pop()
        elif spaces and line and line[0] not in " }#/":
            found = DECLARATION.match(line)
            if found:
                yield ("::".join(filter(None, spaces)),
                       found["type"] or found["alias"] or found["value"], None in spaces)


def main():
    top = pathlib.Path(sys.argv[1])
    in_headers = {}
    kept = []
    for folder in FOLDERS:
        for path in sorted((top / folder).rglob("*.h")):
            for space, name, _ in declarations(path):
                in_headers[space, name] = path.relative_to(top)
        for path in sorted((top / folder).rglob("*.cc")):
            kept += [(path.relative_to(top), space, name)
                     for space, name, is_unnamed in declarations(path) if is_unnamed]
    hidden = [f"{path}: {name} is {space}::{name} in {in_headers[space, name]}, too"
              for path, space, name in kept if (space, name) in in_headers]
    print("\n".join(hidden))
    sys.exit(bool(hidden))


if __name__ == "__main__":
    main()
