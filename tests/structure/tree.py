"""The files of a tree, and which of them a program wrote."""

import pathlib
import re
import subprocess

SKIPPED_FOLDERS = re.compile(r"^(build.*|\..*|node_modules|dist|__pycache__|vigie-data.*)$")
GENERATED_LIST = "tests/structure/generated_files.txt"
PYTHON_START = re.compile(r"#![^\n]*python3")


class Tree:
    """Paths are relative to the root, texts are read once."""

    def __init__(self, root):
        self.root = root
        self.files = self._list()
        self.known = set(self.files)
        self._texts = {}
        self.generated = self._generated()

    def text(self, path):
        if path not in self._texts:
            whole = (self.root / path).read_text(encoding="utf-8", errors="replace")
            self._texts[path] = whole
        return self._texts[path]

    def language(self, path):
        """The suffix that says which language a file is in; a program without one says it in its
        first line.
        """
        program = not path.suffix and not self.is_generated(path)
        if program and PYTHON_START.match(self.text(path)):
            return ".py"
        return path.suffix

    def is_generated(self, path):
        return any(str(path) == entry or str(path).startswith(entry) for entry in self.generated)

    def _list(self):
        """What git tracks or would track, or, without git, all but what is made."""
        command = ["git", "-C", str(self.root), "ls-files", "-co", "--exclude-standard", "-z"]
        listed = None
        if (self.root / ".git").exists():
            listed = subprocess.run(command, capture_output=True, check=False)
        if listed is not None and listed.returncode == 0:
            names = [name for name in listed.stdout.decode().split("\0") if name]
        else:
            found = self.root.rglob("*")
            names = [str(path.relative_to(self.root)) for path in found if path.is_file()]
        paths = [pathlib.PurePosixPath(name) for name in sorted(set(names))]
        return [path for path in paths if self._belongs(path)]

    def _belongs(self, path):
        made = any(SKIPPED_FOLDERS.match(part) for part in path.parts[:-1])
        return not made and (self.root / path).is_file()

    def _generated(self):
        """Entries of the list of generated files; a folder ends in a slash."""
        path = pathlib.PurePosixPath(GENERATED_LIST)
        lines = self.text(path).splitlines() if path in self.known else []
        return [line.partition(":")[0] for line in lines if line and not line.startswith("#")]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
