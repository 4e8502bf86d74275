#!/usr/bin/env python3
"""The changelog of the Debian package, from CHANGELOG.md: changelog.py VERSION UNIX_SECONDS."""

import datetime
import email.utils
import pathlib
import re
import sys
import textwrap

MAINTAINER = "The vigie authors <vigie-project@users.noreply.github.com>"
TOP = pathlib.Path(__file__).resolve().parents[2]


def entries(text):
    """version → lines of its list, the newest first; an item goes on over indented lines."""
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        items = re.findall(r"^- (.*(?:\n  .*)*)", body, re.MULTILINE)
        found[head.split()[0]] = [" ".join(item.split()) for item in items]
    return found


def main(arguments):
    version, seconds = arguments[0], int(arguments[1])
    known = entries((TOP / "CHANGELOG.md").read_text(encoding="utf-8"))
    if version not in known:
        print(f"ops/package: CHANGELOG.md has no entry for {version}", file=sys.stderr)
        return 3
    day = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    print(f"vigie ({version}) stable; urgency=medium\n")
    for item in known[version]:
        print(textwrap.fill(item, 76, initial_indent="  * ", subsequent_indent="    "))
    print(f"\n -- {MAINTAINER}  {email.utils.format_datetime(day)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
