"""What was crawled with crawl.archive can be ingested again from its WARC files, and gives the same
articles.
"""

import json
import unittest

from harness import EndToEnd, Newsroom, Vigie, run, wait_until

PUBLISHED = 34
# Of an article, what must not depend on how its page came.
SAME = [
    "id",
    "url",
    "title",
    "text",
    "language",
    "published",
    "authors",
    "site",
    "description",
    "image",
    "section",
    "tags",
]


class Archive(EndToEnd):
    def articles(self, vigie):
        return {hit["url"]: vigie.get("/v1/articles/" + hit["id"]) for hit in vigie.all_hits("")}

    def test_an_archive_that_vigie_wrote_gives_the_same_articles(self):
        newsroom = self.keep(
            Newsroom(self.directory / "first", every=0.5, limit=PUBLISHED, edit_after=9999)
        )
        vigie = self.keep(
            Vigie(self.directory / "first", [newsroom.sources], ["crawl.archive=true"])
        )
        wait_until(lambda: len(newsroom.ledger()) == PUBLISHED, 60, "all is published")
        wanted = {entry["url"] for entry in newsroom.ledger()}
        wait_until(
            lambda: {hit["url"] for hit in vigie.all_hits("")} == wanted,
            60,
            "every article is searchable",
            pause=0.5,
        )
        crawled = self.articles(vigie)
        self.assertEqual(vigie.stop(), 0)
        newsroom.stop()

        archive = vigie.data / "archive"
        files = sorted(archive.glob("*.warc.gz"))
        self.assertTrue(files)
        index = [
            line
            for file in files
            for line in (archive / (file.name + ".cdxj")).read_text(encoding="utf-8").splitlines()
        ]
        responses = {
            json.loads(line.split(" ", 2)[2])["url"]
            for line in index
            if '"mime":"text/html"' in line
        }
        self.assertEqual(responses, wanted)

        nothing = self.directory / "nothing.yaml"
        nothing.write_text("sources: []\n", encoding="utf-8")
        (self.directory / "again").mkdir()
        again = self.keep(Vigie(self.directory / "again", [nothing]))
        code, out, err = run("ingest", *files, "--set", f"data_dir={again.data}")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["ingested"], PUBLISHED, (out, err))
        replayed = self.articles(again)
        self.assertEqual(set(replayed), wanted)
        for url, article in crawled.items():
            for name in SAME:
                if (
                    article["carriers"].get(name) == "feed"
                ):  # an archive holds pages; what only a feed said of one is not among them
                    continue
                self.assertEqual(replayed[url][name], article[name], f"{name} of {url}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
