"""ops/topics/unseen.py --write: whichever terms are met, what the pack says stays the same."""

import pathlib
import random
import shutil
import sys
import tempfile
import unittest

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "ops" / "topics"))
import unseen  # noqa: E402

PACK = TOP / "ops" / "topics" / "ai-geopolitics"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NOT_TERMS = (*unseen.LEVELS, "terms")


def meaning(path):
    """Topic → its terms with languages and weights, in any order, and all else that it has."""
    out = {}
    for topic in yaml.load(path.read_text(encoding="utf-8"), LOADER)["topics"]:
        terms = []
        for level, weight in unseen.LEVELS.items():
            for language, items in (topic.get(level) or {}).items():
                terms += [(language, weight, level == "sure", str(item)) for item in items]
        for entry in topic.get("terms", []):
            for language, items in entry["match"].items():
                terms += [(language, entry["weight"], False, str(item)) for item in items]
        rest = {key: value for key, value in topic.items() if key not in NOT_TERMS}
        out[topic["id"]] = sorted(terms), rest
    return out


class Unseen(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vigie-unseen-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_writing_changes_marks_alone(self):
        for path in (PACK / "topics").glob("*.yaml"):
            shutil.copy(path, self.folder)
        paths = sorted(self.folder.glob("*.yaml"))
        before = {path: meaning(path) for path in paths}
        for share in (0.0, 0.7, 1.0):
            chance = random.Random(share)
            files = {path: unseen.read_file(path) for path in paths}
            met = {
                (topic.name, language, item)
                for _, topics in files.values()
                for topic in topics
                for (_, language), items in topic.terms.items()
                for item in items
                if chance.random() < share
            }
            self.assertEqual(unseen.write(files, met), 0)
            self.assertEqual({path: meaning(path) for path in paths}, before, share)
            marked = sum(path.read_text(encoding="utf-8").count("unseen: true") for path in paths)
            self.assertEqual(marked == 0, share == 1.0)

    def test_a_file_of_another_layout_is_left_as_it_is(self):
        path = self.folder / "own.yaml"
        text = (
            "topics:\n  - id: own\n    strong:\n      en: [one, two]\n"
            "      de:\n        - drei\n    tests: {must: {en: [x]}, must_not: {en: [y]}}\n"
        )
        path.write_text(text, encoding="utf-8")
        files = {path: unseen.read_file(path)}
        self.assertEqual(unseen.write(files, set()), 3)
        self.assertEqual(path.read_text(encoding="utf-8"), text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
