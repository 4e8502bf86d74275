"""Reads a brief as DOCX with python-docx.

docx_test.py BUILD_FOLDER"""

import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
HOSTILE = "<script>alert(1)</script> *bold* [a](javascript:b) &amp; evil"
SKIP = 77


def reader(build):
    """A Python that has python-docx; None where it cannot be had."""
    folder = build / "tests/briefs-python"
    python = folder / "bin/python"
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    mark = folder / "installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return python
    pip = [folder / "bin/pip", "install", "--quiet", "--no-deps", "-r", HERE / "requirements.txt"]
    for command in (["python3", "-m", "venv", "--clear", folder], pip):
        if subprocess.run(command, check=False).returncode != 0:
            return None
    mark.write_text(wanted, encoding="utf-8")
    return python


def made(build, folder):
    """A brief as the unit test writes it."""
    path = folder / "brief.docx"
    subprocess.run(
        [build / "tests/vigie_indexer_briefs_test", "--gtest_filter=Brief.IsTheSameBytes*"],
        env={**os.environ, "VIGIE_BRIEF_DOCX": str(path)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return path


def check(path):
    """Run by the Python that has python-docx."""
    import docx

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    document = docx.Document(path)
    texts = [paragraph.text for paragraph in document.paragraphs]
    titles = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert document.core_properties.title == "Export controls & chips: <the week>"
    assert titles == ["Chips ##", "قيود على تصدير الرقائق (2025)", "芯片出口管制:新规", HOSTILE], (
        titles
    )
    assert "“" + HOSTILE + "”" in texts
    assert "second line" in texts
    assert any(text.startswith("</w:t><evil/> (CN, state-run) · First seen ") for text in texts)
    hashes = [text for text in texts if text.startswith("Archive hash 0011223344556677889")]
    places = [text for text in hashes if text.endswith(", quoted from its characters 121 to 136")]
    assert (len(hashes), len(places)) == (4, 1), hashes
    rtl = [
        p.text for p in document.paragraphs if p._p.pPr.find(docx.oxml.ns.qn("w:bidi")) is not None
    ]
    assert rtl == ["قيود على تصدير الرقائق (2025)"], rtl
    links = [link.address for p in document.paragraphs for link in p.hyperlinks]
    assert links == [
        "https://example.org/a?b=1&c=%25zz%20%5Bx%5D",
        "https://example.org/%D8%B1%D9%82%D8%A7%D8%A6%D9%82",
        "http://example.org/%E8%8A%AF%E7%89%87",
    ], links
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    print(f"{len(texts)} paragraphs, {len(links)} links")


def main(build):
    python = reader(build)
    if python is None:
        print("SKIP: python-docx is not here and could not be fetched")
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        path = made(build, pathlib.Path(folder))
        return subprocess.run([python, __file__, "--check", path], check=False).returncode


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(sys.argv[2])
    else:
        sys.exit(main(pathlib.Path(sys.argv[1])))
