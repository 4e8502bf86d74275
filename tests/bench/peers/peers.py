#!/usr/bin/env python3
"""Search engines beside each other: tests/bench/peers/peers.py [DOCUMENTS [ROUNDS [FOLDER]]].

Makes one collection and one set of queries, indexes it with vigie and tantivy, then asks every
query once an engine in turns and keeps each query's least thread CPU time. Prints p50 and p99 of
each kind in microseconds, the ratios, and where numbers of hits differ. Wants
build/bench/peers_bench (ninja -C build peers_bench) and cargo; says what it leaves out.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parents[2] / "build" / "bench" / "peers_bench"


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


def at(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


def table(engines):
    kinds = list(dict.fromkeys(kind for kind, _ in engines[0].best))
    peers = [one for one in engines if not one.name.startswith("vigie")]
    ours = [one for one in engines if one.name.startswith("vigie")]
    heads = [one.name for one in engines]
    for one in ours:
        heads += [f"{one.name} / {peer.name}, p50 · p99" for peer in peers]
    print("| Kind | " + " | ".join(heads) + " |")
    print("|---" * (len(heads) + 1) + "|")
    for kind in kinds:
        took = {one.name: [us for key, us in one.best.items() if key[0] == kind] for one in engines}
        cells = [f"{at(took[e.name], 0.5):.1f} / {at(took[e.name], 0.99):.1f}" for e in engines]
        for one in ours:
            for peer in peers:
                ratios = [at(took[one.name], p) / at(took[peer.name], p) for p in (0.5, 0.99)]
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
    for _ in range(rounds):
        for engine in engines:
            engine.ask()
    for program in programs:
        program.end()
    print(f"\n{documents} articles, best of {rounds} rounds, thread CPU, us, p50 / p99\n")
    table(engines)
    return not tantivy or compare_hits(engines[0], engines[2])


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
