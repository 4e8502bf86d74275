#!/usr/bin/env python3
"""Pages a second from POST /v1/ingest to searchable, through a real Apache Kafka, with one
extractor and one indexer on this machine; beside it `vigie extract` on the same pages, which
neither logs nor indexes. Pages are the newsroom's.

    tests/bench/pipeline_bench.py [PAGES]
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "chaos"), str(TOP / "tests" / "newsroom")]
import pages as newsroom_pages  # noqa: E402
import plant as plants  # noqa: E402
from plant import harness  # noqa: E402
from press import Press  # noqa: E402

PAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
IN_ONE_CALL = 256
# an ingestion answers when its pages are searchable: two, as many as an indexer takes, keep the
# pipeline full
CALLS_AT_ONCE = 2


def make_pages(directory):
    press = Press(1)
    lines = []
    for number in range(PAGES):
        article = press.article(number)
        base = f"http://{article.site.address}"
        html = newsroom_pages.article_page(
            article, base, press.phrases[article.site.language], [], article.published_ms
        )
        (directory / f"{number}.html").write_text(html, encoding="utf-8")
        lines.append(
            {"id": str(number), "url": f"{base}/bench/{number}.html", "html": f"{number}.html"}
        )
    (directory / "manifest.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    return lines


def main():
    plant = plants.Plant(1, publish=0, every=3600, crawlers=0, extractors=1, indexers=1)
    try:
        plant.start({})
        directory = plant.directory / "pages"
        directory.mkdir()
        lines = make_pages(directory)
        begin = time.monotonic()
        subprocess.run(
            [
                str(harness.VIGIE),
                "extract",
                "--manifest",
                str(directory / "manifest.jsonl"),
                "--root",
                str(directory),
                "--jobs",
                "2",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=TOP,
        )
        bare = PAGES / (time.monotonic() - begin)
        indexer = plant.of("indexer")[0]

        def send(first):
            body = []
            for line in lines[first : first + IN_ONE_CALL]:
                body.append(
                    json.dumps(
                        {
                            "id": line["id"],
                            "url": line["url"],
                            "html": (directory / line["html"]).read_text(encoding="utf-8"),
                        }
                    )
                )
            status, _, response = indexer.call(
                "POST",
                "/v1/ingest",
                ("\n".join(body) + "\n").encode(),
                query={"wait": "1"},
                timeout=300,
            )
            if status != 200:
                raise SystemExit(f"POST /v1/ingest: {status} {response[:300]!r}")
            return json.loads(response)

        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            responses = list(pool.map(send, range(0, PAGES, IN_ONE_CALL)))
        seconds = time.monotonic() - begin
        ingested = sum(response["ingested"] + response["duplicates"] for response in responses)
        print(f"pipeline.kafka_pages_per_s {ingested / seconds:.0f}")
        print(f"pipeline.extract_alone_pages_per_s {bare:.0f}")
        print(f"pipeline.kafka_of_extract_alone {ingested / seconds / bare:.2f}")
    finally:
        plant.stop()


if __name__ == "__main__":
    main()
