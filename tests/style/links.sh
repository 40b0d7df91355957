#!/usr/bin/env bash
# Each link of a page of this repository leads to a file that is there and, after a #,
# to a heading that is in it.
#
#   tests/style/links.sh <checkout>
cd "$1" || exit 2
find . -name '*.md' -not -path './.*' -not -path './build/*' | sort | python3 -c '
import os, re, sys

def lines_of(page):
    """Without its blocks of code."""
    within = False
    for line in open(page, encoding="utf-8"):
        if line.startswith("```"):
            within = not within
        elif not within:
            yield line

def anchor(heading):
    """As GitHub makes one."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")

def headings_of(page):
    return {anchor(line.lstrip("#")) for line in lines_of(page) if line.startswith("#")}

broken = 0
for page in sys.stdin.read().split("\n")[:-1]:
    for link in re.findall(r"\]\(([^)\s]+)\)", "".join(lines_of(page))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = link.partition("#")
        target = os.path.join(os.path.dirname(page), path) if path else page
        if not os.path.exists(target):
            print(f"{page}: {link}: there is no such file", file=sys.stderr)
        elif heading and heading not in headings_of(target):
            print(f"{page}: {link}: there is no such heading", file=sys.stderr)
        else:
            continue
        broken = 1
sys.exit(broken)
'
