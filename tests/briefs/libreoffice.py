#!/usr/bin/env python3
"""By hand: a brief of eight stories in eight languages, as Word, opened by LibreOffice.

  libreoffice.py BUILD_FOLDER OUT_FOLDER

Starts vigie, takes in eight articles of tests/gold/gist, keeps them with a note and a quotation
each, fetches the brief as DOCX and converts it (soffice --headless, pdftoppm). Writes brief.docx,
brief.pdf and brief-1.png …; checks that LibreOffice makes two pages of it at most, that every
archive hash is on them, and that these are those of the stored texts.
Debian: libreoffice-writer-nogui poppler-utils, and fonts for Chinese and Arabic."""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "field"))
from runner.vigie import Vigie  # noqa: E402

LANGUAGES = ("en", "fr", "de", "es", "zh", "ar", "ru", "ja")
NOTE = "What this means for the talks in May, in a sentence as long as such notes are."


def articles():
    """The first of each language."""
    with open(HERE.parent / "gold/gist/articles.jsonl", encoding="utf-8") as lines:
        known = [json.loads(line) for line in lines]
    return [next(a for a in known if a["language"] == language) for language in LANGUAGES]


def page(article):
    paragraphs = "".join(f"<p>{part}</p>" for part in article["text"].split("\n") if part)
    return (
        f"<!doctype html><html lang='{article['language']}'><head><meta charset='utf-8'>"
        f"<title>{article['title']}</title></head><body><article><h1>{article['title']}</h1>"
        f"{paragraphs}</article></body></html>"
    )


def archive_hash(article):
    """As ops/spec/http_api.md has it, of a brief."""
    parts = [part.encode() for part in ("version", article["title"], article["text"])]
    bytes_ = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.sha256(bytes_).hexdigest()[:32]


def ask(vigie, method, path, body=None, media="application/json"):
    response = vigie.call(method, path, body, {"Content-Type": media})
    assert response["status"] < 300, (
        f"{method} {path}: {response['status']} {response['body'][:300]}"
    )
    return response


def kept(vigie, chosen):
    """A collection of the articles; its id, and the hashes of what is in it."""
    lines = "".join(
        json.dumps(
            {"id": a["id"], "url": f"http://{a['language']}.example/{a['id']}", "html": page(a)}
        )
        + "\n"
        for a in chosen
    )
    ask(vigie, "POST", "/v1/ingest?wait=1", lines, "application/x-ndjson")
    made = ask(vigie, "POST", "/v1/collections", {"name": "For Monday"})["json"]
    hashes = []
    for article in chosen:
        found = ask(vigie, "GET", f"/v1/search?q=lang:{article['language']}")["json"]["hits"]
        assert found, f"no article in {article['language']}"
        whole = ask(vigie, "GET", f"/v1/articles/{found[0]['id']}")["json"]
        assert archive_hash(whole) == whole["version"], "as the spec says"
        hashes.append(whole["version"])
        words = whole["text"].split("\n")[0][:120].strip()
        body = {"article": whole["id"], "note": NOTE, "quotation": {"text": words}}
        ask(vigie, "POST", f"/v1/collections/{made['id']}/items", body)
    return made["id"], hashes


def main(build, out):
    out.mkdir(parents=True, exist_ok=True)
    chosen = articles()
    began = time.monotonic()
    topics = {"topics.dirs": f"[{HERE.parents[1] / 'ops/topics'}]"}
    with Vigie(build / "bin/vigie", settings=topics) as vigie:
        collection, hashes = kept(vigie, chosen)
        path = f"/v1/collections/{collection}/brief?format=docx&tz=Europe/Paris"
        (out / "brief.docx").write_bytes(ask(vigie, "GET", path)["bytes"])
    print(f"eight stories kept and fetched in {time.monotonic() - began:.0f} s, start included")
    convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", out, out / "brief.docx"]
    subprocess.run(convert, check=True, timeout=300, stdout=subprocess.DEVNULL)
    subprocess.run(["pdftoppm", "-r", "60", "-png", out / "brief.pdf", out / "brief"], check=True)
    text = subprocess.run(
        ["pdftotext", out / "brief.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = text.count("\f")
    assert pages <= 2, f"{pages} pages"
    for one in hashes:
        assert one in text, one
    print(f"LibreOffice: {pages} pages, {len(hashes)} archive hashes")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
