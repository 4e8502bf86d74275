"""An export as somebody else's program reads it: streamed, whole, never in memory at once."""

import csv
import http.client
import io
import json
import pathlib
import random
import unittest
import urllib.parse

from harness import EndToEnd, Vigie, wait_until

PAGES = 2_000
PARAGRAPHS = 10
WORDS = 90  # of a paragraph
PIECE_BYTES = 64 * 1024
MOST_MORE_MB = 8  # of memory while an export is read; each file has more
TITLES = [
    "Licences for chips, and who asks for them",
    'A minister says "no" to exports',
    "=HYPERLINK(1) is no headline",
    "+44 calls later; a ban",
    "出口管制、芯片与人工智能",
    "Ограничения экспорта ИИ-чипов",
    "قيود على تصدير الرقائق",
    "Ein Halbleiter – und kein Ende",
]
SYLLABLES = "ba ke li mo ru sa ti vo wen dar".split()
csv.field_size_limit(1 << 30)


def word(chance):
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 5)))


def page(number):
    chance = random.Random(number)
    title = f"{TITLES[number % len(TITLES)]} {number}"
    paragraphs = "".join(
        "<p>"
        + " ".join(word(chance) for _ in range(WORDS)).capitalize()
        + f', said "{word(chance)}", number {number}.</p>\n'
        for _ in range(PARAGRAPHS)
    )
    return {
        "url": f"https://exports.example/{number}",
        "html": f"<!doctype html><html><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>",
    }


class Export(EndToEnd):
    def setUp(self):
        super().setUp()
        self.vigie = self.keep(Vigie(self.directory, []))
        body = "\n".join(json.dumps(page(number)) for number in range(PAGES)).encode()
        status, _, told = self.vigie.call(
            "POST", "/v1/ingest", body, {"wait": "1"}, {"content-type": "x/y"}, timeout=500
        )
        self.assertEqual((status, json.loads(told)["ingested"]), (200, PAGES), told)

    def total_of_all(self):
        found = self.vigie.get("/v1/search", q="", limit=1)
        return found["total"]["value"] if found["total"]["value"] == PAGES else None

    def memory_mb(self, name):
        status = pathlib.Path(f"/proc/{self.vigie.process.pid}/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0]) / 1024

    def export(self, **query):
        """(headers, bytes, MB of memory that the program took meanwhile), read piece by piece."""
        pathlib.Path(f"/proc/{self.vigie.process.pid}/clear_refs").write_text("5")  # proc(5)
        before = self.memory_mb("VmRSS")
        host, port = self.vigie.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/v1/export?" + urllib.parse.urlencode({"q": "", **query}))
        response = connection.getresponse()
        self.assertEqual(response.status, 200, response.headers)
        body = bytearray()
        while piece := response.read(PIECE_BYTES):
            body += piece
        return response.headers, bytes(body), self.memory_mb("VmHWM") - before

    def rows(self, body):
        return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))

    def test_is_read_whole_by_other_programs_and_kept_in_memory_by_none(self):
        # Taking pages in leaves work for the minutes after it, which takes memory of its own.
        self.vigie.stop()
        self.vigie.start()
        total = wait_until(self.total_of_all, 120, "all pages are searchable again")
        headers, body, more = self.export(text="1")
        size = len(body) / (1 << 20)
        print(f"csv: {PAGES} rows, {size:.1f} MB, {more:.1f} MB of memory more", flush=True)
        self.assertGreater(size, 1.5 * MOST_MORE_MB, "so that memory would show it")
        self.assertLess(more, MOST_MORE_MB)
        rows = self.rows(body)
        self.assertEqual((int(headers["vigie-rows"]), len(rows)), (total, total))
        self.assertEqual(
            {row["url"] for row in rows}, {page(number)["url"] for number in range(PAGES)}
        )
        _, body, more = self.export(text="1", format="jsonl")
        self.assertLess(more, MOST_MORE_MB)
        objects = [json.loads(line) for line in body.decode("utf-8").splitlines()]
        self.assertEqual(len(objects), total)
        for row, one in zip(rows, objects):
            self.assertEqual(row["id"], one["id"])
            self.assertEqual(row["text"], one["text"])
            harmless = "'" if one["title"][0] in "=+-@" else ""
            self.assertEqual(row["title"], harmless + one["title"])
        self.goes_on_where_it_ended(rows)

    def goes_on_where_it_ended(self, rows):
        headers, body, _ = self.export(rows=700, fields="id")
        for begin in (700, 1_400):
            body += self.export(
                resume=headers["vigie-export"], rows=700, fields="id", **{"from": begin}
            )[1]
        self.assertEqual([row["id"] for row in self.rows(body)], [row["id"] for row in rows])


if __name__ == "__main__":
    unittest.main(verbosity=2)
