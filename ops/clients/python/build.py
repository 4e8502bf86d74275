#!/usr/bin/env python3
"""Builds the wheel of vigie-client: the calls, made from the description of the API, and the
modules of this folder.

  build.py OPENAPI_JSON OUT_FOLDER [VERSION]

Needs openapi-python-client and setuptools in the Python that runs it (requirements.txt here and in
tests/openapi). The description is that of the build, build/indexer/api/schema/openapi.json, or of a
running vigie, GET /openapi.json. Prints the path of the wheel."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GENERATOR_SETTINGS = HERE.parents[2] / "tests/openapi/client.yml"
NAMES = {"project_name_override": "vigie-client", "package_name_override": "vigie_client"}


def generate(document, folder):
    """Makes the calls with the settings by which the tests hold the description to the API."""
    lines = GENERATOR_SETTINGS.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.split(":")[0] not in NAMES]
    settings = folder / "settings.yml"
    names = [f"{key}: {value}" for key, value in NAMES.items()]
    settings.write_text("\n".join(names + kept) + "\n", encoding="utf-8")
    generator = [pathlib.Path(sys.executable).parent / "openapi-python-client", "generate"]
    options = ["--fail-on-warning", "--path", document, "--config", settings]
    made = folder / "made"
    subprocess.run([*generator, *options, "--output-path", made], check=True, stdout=sys.stderr)
    return made / "vigie_client"


def main(document, out, version):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        package = generate(document, folder)
        for own in (HERE / "vigie_client").glob("*.py"):
            shutil.copy(own, package / own.name)
        (package / "version.py").write_text(f'VERSION = "{version}"\n', encoding="utf-8")
        project = folder / "project"
        project.mkdir()
        shutil.move(package, project / "vigie_client")
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(HERE / name, project / name)
        wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
        command = [*wheel, "--quiet", "--disable-pip-version-check", "--wheel-dir", out, project]
        subprocess.run(command, check=True, stdout=sys.stderr)
    print(max(out.glob(f"vigie_client-{version}-*.whl")))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    document, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    told = json.loads(document.read_text(encoding="utf-8"))["info"]["version"]
    main(document, out, sys.argv[3] if len(sys.argv) == 4 else told)
