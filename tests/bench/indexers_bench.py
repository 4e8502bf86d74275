"""Figures of several indexers on a real broker, one line each: indexers_bench.py [--pages N]
[--seconds N]

Take-over of a dead indexer's shards; memory of what stays while an indexer is stopped and its
backlog grows; how much faster than the ingest it then catches up.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(TOP / "ops" / "kafka"),
    str(TOP / "tests" / "end_to_end"),
    str(TOP / "tests" / "integration" / "kafka"),
]
import harness  # noqa: E402
import indexers_test  # noqa: E402
import kafka  # noqa: E402

PAGES_A_CALL = 50


def resident_mib(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def ingest(indexer, numbers):
    lines = "".join(json.dumps(indexers_test.page(number)) + "\n" for number in numbers).encode()
    status, _, body = indexer.call(
        "POST", "/v1/ingest", lines, headers={"content-type": "application/x-ndjson"}, timeout=120
    )
    if status != 202:
        raise AssertionError(f"POST /v1/ingest: {status} {body!r}")


def own_shards(indexer):
    _, _, body = indexer.call("GET", "/metrics")
    return next(
        float(line.split()[-1])
        for line in body.decode().splitlines()
        if line.startswith("vigie_indexer_shards ")
    )


def documents(indexer):
    return indexer.get("/v1/pipeline")["index"]["documents"]


def log_end(indexer, topic):
    return next(
        entry["end"] for entry in indexer.get("/v1/pipeline")["topics"] if entry["topic"] == topic
    )


def parse_options():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pages", type=int, default=3000, help="most pages of the backlog")
    arguments.add_argument(
        "--seconds", type=int, default=90, help="longest time that the backlog grows"
    )
    return arguments.parse_args()


def make_topics(brokers, directory):
    settings = [
        "log.engine=kafka",
        f"log.brokers={brokers}",
        f"log.partitions={indexers_test.PARTITIONS}",
        f"data_dir={directory}/command",
    ]
    command = [str(harness.VIGIE), "log", "setup"]
    for setting in settings:
        command += ["--set", setting]
    subprocess.run(command, check=True, capture_output=True, cwd=TOP, timeout=120)


def both_have_shards(one, two):
    return one.is_whole() and two.is_whole() and own_shards(one) > 0 and own_shards(two) > 0


def measure_take_over(one, two):
    taken = []
    for _ in range(3):
        harness.wait_until(lambda: both_have_shards(one, two), 120, "both have shards")
        time.sleep(2)
        before = time.monotonic()
        two.kill()
        harness.wait_until(lambda: not one.is_whole(), 10, "the shards are missing", pause=0.02)
        harness.wait_until(one.is_whole, 120, "the shards are taken over", pause=0.05)
        taken.append(time.monotonic() - before)
        two.start()
    print(
        f"take-over of a dead indexer's shards, median of {len(taken)}: "
        f"{statistics.median(taken):.1f} s, session 8 s",
        flush=True,
    )


def grow_backlog(options, front, extractor):
    """Ingests while an indexer is stopped. Out: pages a second, how many there were, and samples of
    the memory of extractor and front.
    """
    begin, sent = time.monotonic(), 0
    at_start = log_end(front, "articles")
    samples = []

    def made():
        return log_end(front, "articles") - at_start

    while sent < options.pages and time.monotonic() - begin < options.seconds:
        ingest(front, range(10_000 + sent, 10_000 + sent + PAGES_A_CALL))
        sent += PAGES_A_CALL
        harness.wait_until(
            lambda: made() >= sent - 4 * PAGES_A_CALL, 120, "the extractor keeps up", pause=0.05
        )
        samples.append((resident_mib(extractor.process), resident_mib(front.process)))
    harness.wait_until(lambda: made() >= sent, 120, "all pages are articles", pause=0.05)
    return sent / (time.monotonic() - begin), sent, samples


def print_memory(samples, sent):
    third = max(1, len(samples) // 3)
    for i, name in enumerate(["extractor", "front"]):
        middle = statistics.median(sample[i] for sample in samples[third : 2 * third] or samples)
        last = statistics.median(sample[i] for sample in samples[-third:])
        print(
            f"memory of the {name} while a backlog of {sent} articles grows: {last:.0f} MiB in "
            f"the last third, {last / middle:.2f} of the middle third",
            flush=True,
        )


def measure_catch_up(one, sent, ingest_rate):
    before = time.monotonic()
    one.start()
    harness.wait_until(one.is_whole, 300, "the backlog is read", pause=0.05)
    seconds = time.monotonic() - before
    print(
        f"catch-up, start of the process included: {sent / seconds:.0f} articles/s, "
        f"{sent / seconds / ingest_rate:.1f} of the ingest rate ({ingest_rate:.0f}/s)",
        flush=True,
    )


def main():
    options = parse_options()
    with contextlib.ExitStack() as stack:
        directory = tempfile.mkdtemp(prefix="vigie-bench-")
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        broker = stack.enter_context(kafka.Kafka())
        make_topics(broker.brokers, directory)

        def program(*parts, **more):
            made = indexers_test.Program(parts[0], directory, broker.brokers, *parts[1:], **more)
            stack.callback(lambda: made.process.kill())
            return made

        extractor = program("extractor", program="vigie-extractor")
        # The front takes the pages, and stays.
        front = program("front", "log.group=front", "alerts.deliver=false")
        ports = [indexers_test.free_port(), indexers_test.free_port()]
        peers = "indexer.peers=" + json.dumps([f"http://127.0.0.1:{port}" for port in ports])
        one = program("one", peers, port=ports[0])
        two = program("two", peers, port=ports[1])
        for indexer in (front, one, two):
            harness.wait_until(indexer.is_whole, 120, f"{indexer.name} is whole")
        measure_take_over(one, two)

        # One process owns all the shards of its group; then it is stopped while pages go on coming.
        two.stop()
        harness.wait_until(
            lambda: own_shards(one) == indexers_test.PARTITIONS and one.is_whole(),
            120,
            "one is enough",
        )
        one.stop()
        ingest_rate, sent, samples = grow_backlog(options, front, extractor)
        print_memory(samples, sent)
        measure_catch_up(one, sent, ingest_rate)
        if documents(one) != documents(front):
            raise AssertionError(
                f"{documents(one)} articles, and {documents(front)} at the other group"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
