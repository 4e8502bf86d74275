#!/usr/bin/env python3
"""Reads the files that export_bench wrote, with the programs for which they are made.

  export_read.py FOLDER ROWS

Every file must have ROWS rows, each with an id, none twice: CSV by Python's csv module and, where
they are installed, by pandas (pip install pandas) and R; JSON lines by json; Atom by an XML parser;
RIS and BibTeX by their records. One line a file and reader; exit status 1 where a count differs."""

import csv
import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

csv.field_size_limit(1 << 30)


def by_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        return [row["id"] for row in rows if None not in row and None not in row.values()]


def by_pandas(path):
    import pandas

    return list(pandas.read_csv(path, dtype=str, keep_default_na=False)["id"])


def by_r(path):
    program = f'cat(read.csv("{path}", colClasses="character", encoding="UTF-8")$id, sep="\\n")'
    done = subprocess.run(["Rscript", "-e", program], check=True, capture_output=True, text=True)
    return done.stdout.split()


def by_json(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["id"] for line in file]


def by_xml(path):
    atom = "{http://www.w3.org/2005/Atom}"
    ids = []
    for _, element in xml.iterparse(path):
        if element.tag == atom + "entry":
            ids.append(element.findtext(atom + "id"))
            element.clear()
    return ids


def by_records(begin, end, identity):
    """A reader of files whose records lie between two lines."""

    def read(path):
        ids, record = [], None
        with open(path, encoding="utf-8") as file:
            for line in file:
                if begin.match(line):
                    record = [line]
                elif record is not None:
                    record.append(line)
                if record is not None and end.match(line):
                    ids.append(identity.search("".join(record)).group(1))
                    record = None
        return ids

    return read


READERS = {
    "csv": [("csv", by_csv)],
    "jsonl": [("json", by_json)],
    "atom": [("xml", by_xml)],
    "ris": [
        (
            "records",
            by_records(
                re.compile(r"TY  - "), re.compile(r"ER  -"), re.compile(r"^UR  - (\S+)", re.M)
            ),
        )
    ],
    "bibtex": [
        ("records", by_records(re.compile(r"@\w+\{"), re.compile(r"\}$"), re.compile(r"\{(\S+),")))
    ],
}


def main():
    folder, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if importlib.util.find_spec("pandas"):
        READERS["csv"].append(("pandas", by_pandas))
    if shutil.which("Rscript"):
        READERS["csv"].append(("R", by_r))
    wrong = 0
    for path in sorted(folder.iterdir()):
        for name, read in READERS[path.name.split("_")[0]]:
            begin = time.monotonic()
            ids = read(path)
            good = len(ids) == wanted == len(set(ids))
            wrong += not good
            print(
                f"{path.name} by {name}: {len(ids)} rows, {len(set(ids))} ids of {wanted}, "
                f"{time.monotonic() - begin:.1f} s{'' if good else '  WRONG'}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
