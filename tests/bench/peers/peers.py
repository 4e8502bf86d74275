#!/usr/bin/env python3
"""Search engines beside each other: tests/bench/peers/peers.py [DOCUMENTS [ROUNDS [FOLDER]]].

Makes one collection and one set of queries, indexes it with vigie, tantivy and Lucene, then asks
every query once an engine in turns and keeps each query's least thread CPU time. Prints p50 and p99
of each kind in microseconds, what ours is of the better peer's, and where numbers of hits differ.
Wants build/bench/peers_bench (ninja -C build peers_bench), cargo, and Maven with a JDK of 21 or
later; says what it leaves out.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parents[2] / "build" / "bench" / "peers_bench"
LEAST_JAVA = 21
HEAP = "1g"
# Lucene asks for the first itself; the collector of one thread is the one that takes least CPU time
JAVA_OPTIONS = [
    "--add-modules",
    "jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "-XX:+UseSerialGC",
]


class Program:
    """Asks every query once for each line of its input, in the way that the line names."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in self.lines_until("ready"):
            print(f"# {name}: {' '.join(part)}", flush=True)

    def lines_until(self, end):
        for line in self.process.stdout:
            part = line.rstrip("\n").split("\t")
            if part == [end]:
                return
            yield part
        sys.exit(f"{self.name} ended")

    def ask(self, way):
        self.process.stdin.write(way + "\n")
        self.process.stdin.flush()
        return list(self.lines_until("done"))

    def memory(self):
        """Resident megabytes, and of them those that are no file's."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = [re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "RssAnon")]
        return [int(one.group(1)) / 1e3 for one in found]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Engine:
    """A program in one of its ways, and what it took and found."""

    def __init__(self, name, program, way):
        self.name = name
        self.program = program
        self.way = way
        self.best = {}
        self.hits = {}

    def ask(self):
        for kind, number, hits, took in self.program.ask(self.way):
            key = (kind, int(number))
            self.best[key] = min(self.best.get(key, float("inf")), float(took))
            self.hits[key] = int(hits)


def tantivy_program(folder):
    if shutil.which("cargo") is None:
        print("# tantivy is left out: no cargo")
        return None
    command = ["cargo", "build", "--release", "--quiet", "--target-dir", folder / "tantivy-build"]
    subprocess.run(command, cwd=HERE / "tantivy", check=True)
    return folder / "tantivy-build" / "release" / "tantivy-peer"


def jdk():
    """The folder of a JDK that Lucene runs on; None where there is none."""
    homes = sorted(pathlib.Path("/usr/lib/jvm").glob("*"))
    if "JAVA_HOME" in os.environ:
        homes.append(pathlib.Path(os.environ["JAVA_HOME"]))
    for home in reversed(homes):
        release = home / "release"
        if not release.is_file() or not (home / "bin" / "javac").is_file():
            continue
        version = re.search(r'JAVA_VERSION="(\d+)', release.read_text())
        if version and int(version.group(1)) >= LEAST_JAVA:
            return home
    return None


def lucene_program(folder):
    home = jdk()
    if home is None or shutil.which("mvn") is None:
        print(f"# Lucene is left out: no Maven with a JDK of {LEAST_JAVA} or later")
        return None
    jars, classes = folder / "lucene-build" / "jars", folder / "lucene-build" / "classes"
    here = HERE / "lucene"
    fetch = ["mvn", "-q", "-B", "-f", here / "pom.xml", "dependency:copy-dependencies"]
    subprocess.run([*fetch, f"-DoutputDirectory={jars}"], check=True)
    path = f"{jars}/*"
    compile_it = [home / "bin" / "javac", "-cp", path, "-d", classes, here / "LucenePeer.java"]
    subprocess.run(compile_it, check=True)
    return [home / "bin" / "java", f"-Xmx{HEAP}", *JAVA_OPTIONS, "-cp", f"{classes}:{path}"]


def at(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


def table(engines):
    """Whole-question engines first; `text alone` are smaller questions and no measure."""
    kinds = list(dict.fromkeys(kind for kind, _ in engines[0].best))
    peers = [one for one in engines if one.name.endswith("title and text")]
    ours = [one for one in engines if one.name.startswith("vigie")]
    heads = [one.name for one in engines]
    heads += [f"{one.name} / the better, p50 · p99" for one in ours if peers]
    print("| Kind | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 1) + "|")
    for kind in kinds:
        took = {one.name: [us for key, us in one.best.items() if key[0] == kind] for one in engines}
        cells = [f"{at(took[e.name], 0.5):.1f} / {at(took[e.name], 0.99):.1f}" for e in engines]
        for one in ours if peers else []:
            better = [min(at(took[peer.name], p) for peer in peers) for p in (0.5, 0.99)]
            ratios = [at(took[one.name], p) / of for p, of in zip((0.5, 0.99), better, strict=True)]
            cells.append(f"{ratios[0]:.2f} · {ratios[1]:.2f}")
        print(f"| {kind} | " + " | ".join(cells) + " |")


def compare_hits(one, other):
    """Where the meaning is the same the numbers are."""
    differ = [key for key in one.hits if one.hits[key] != other.hits[key]]
    print(f"\n{one.name} and {other.name}: {len(one.hits)} queries, {len(differ)} with other hits")
    for key in differ[:10]:
        print(f"  {key[0]} {key[1]}: {one.hits[key]} and {other.hits[key]}")
    return not differ


def run(documents, rounds, folder):
    collection, queries = folder / "collection.tsv", folder / "queries.tsv"
    if not collection.exists():
        made = [BENCH, "make", str(documents), collection, queries]
        subprocess.run([str(part) for part in made], check=True)
    # one after the other, so that each index is made alone
    programs = [Program("vigie", [BENCH, "ask", collection, folder / "vigie", queries])]
    engines = [
        Engine("vigie, forms", programs[0], "forms"),
        Engine("vigie, typed", programs[0], "typed"),
    ]
    tantivy = tantivy_program(folder)
    if tantivy:
        programs.append(Program("tantivy", [tantivy, collection, folder / "tantivy", queries]))
        engines.append(Engine("tantivy, title and text", programs[-1], "both"))
        engines.append(Engine("tantivy, text alone", programs[-1], "body"))
    lucene = lucene_program(folder)
    if lucene:
        command = [*lucene, "LucenePeer", collection, folder / "lucene", queries]
        programs.append(Program("Lucene", command))
        engines.append(Engine("Lucene, title and text", programs[-1], "both"))
        engines.append(Engine("Lucene, text alone", programs[-1], "body"))
    for _ in range(rounds):
        for engine in engines:
            engine.ask()
    for program in programs:
        resident, anonymous = program.memory()
        print(f"# {program.name}: {resident:.0f} MB resident, {anonymous:.0f} of no file")
        program.end()
    print(f"\n{documents} articles, best of {rounds} rounds, thread CPU, us, p50 / p99\n")
    table(engines)
    whole = [one for one in engines if one.name.endswith("title and text")]
    return all([compare_hits(engines[0], one) for one in whole])


def main():
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if len(sys.argv) > 3:
        folder = pathlib.Path(sys.argv[3])
        folder.mkdir(parents=True, exist_ok=True)
        return 0 if run(documents, rounds, folder) else 1
    with tempfile.TemporaryDirectory(prefix="vigie-peers-") as made:
        return 0 if run(documents, rounds, pathlib.Path(made)) else 1


if __name__ == "__main__":
    sys.exit(main())
