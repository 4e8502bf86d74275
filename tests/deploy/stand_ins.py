"""Images for a compose file where no registry is in reach: those of vigie from programs that are
built and the last stages of the shipped Containerfile as they are; Kafka, Prometheus and
Alertmanager from Debian's packages and Maven's jars, with the paths and the environment of the
projects' own images; Grafana, of which there is no package, as a container that waits.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "ops" / "kafka"))
import kafka  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "stand_ins"
PACKAGES = "openjdk-17-jre-headless,prometheus,prometheus-alertmanager,wget,ca-certificates"
RELEASE = "bookworm"
TARGETS = {"crawler": "-crawler", "extractor": "-extractor", "indexer": "-indexer", "vigie": ""}
OTHERS = ("kafka", "prometheus", "alertmanager", "grafana")


def cache():
    base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return base / "vigie" / "deploy"


def debian():
    """A root of Debian with what the stand-ins run, made once."""
    root = cache() / f"{RELEASE}-stand-ins"
    if not (root / "made").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(root)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (root / "made").touch()
    return root


def last_stages():
    """What follows the building in the Containerfile, as it is."""
    text = (TOP / "ops/containers/Containerfile").read_text()
    return text[text.index("FROM scratch AS crawler") :]


def import_tree(engine, folder, name, *options):
    """An image of a folder, owners and rights as they are."""
    pipe = subprocess.Popen(
        ["tar", "-C", str(folder), "--numeric-owner", *options, "-c", "."], stdout=subprocess.PIPE
    )
    subprocess.run(
        ["docker", "import", "-", name],
        stdin=pipe.stdout,
        stdout=subprocess.DEVNULL,
        check=True,
        env=engine.environment,
    )
    pipe.stdout.close()
    if pipe.wait() != 0:
        raise RuntimeError(f"tar could not read {folder}")


def build(engine, context, target, image, file="Dockerfile"):
    command = ["build", "-q", "--target", target, "-t", image, "-f", context / file, context]
    engine(*command, timeout=600)


def make_vigie(engine, programs, images, tag):
    """`programs`: the folder of a build."""
    with tempfile.TemporaryDirectory(prefix="vigie-images-") as folder:
        out = pathlib.Path(folder) / "out"
        subprocess.run(
            [
                sys.executable,
                str(TOP / "ops/containers/gather.py"),
                f"--build={programs}",
                f"--source={TOP}",
                f"--out={out}/images",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for name in TARGETS:
            for path in (out / "images" / name / "usr/bin").iterdir():
                subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)
        import_tree(engine, out, "vigie-stand-in/built")
        context = pathlib.Path(folder) / "context"
        context.mkdir()
        (context / "Dockerfile").write_text("FROM vigie-stand-in/built AS build\n" + last_stages())
        for name, ending in TARGETS.items():
            build(engine, context, name, f"{images}{ending}:{tag}")


def make_others(engine):
    import_tree(
        engine,
        debian(),
        "vigie-stand-in/debian",
        "--exclude=./var/cache",
        "--exclude=./var/lib/apt/lists",
    )
    with tempfile.TemporaryDirectory(prefix="vigie-stand-ins-") as folder:
        context = pathlib.Path(folder)
        shutil.copytree(HERE, context, dirs_exist_ok=True)
        shutil.copytree(kafka.fetch(), context / "jars")
        for name in OTHERS:
            build(engine, context, name, f"vigie-stand-in/{name}")
