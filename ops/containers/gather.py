#!/usr/bin/env python3
"""Lays out the root of each image: one program, what it links, certificates, time zones, topic
packs, source lists; and says what is in it and under which licences.

    gather.py --build BUILD --source SOURCE --out OUT

runs in the build stage of the Containerfile, on Debian.

OUT/NAME becomes the whole image NAME. In it, /usr/share/vigie/sbom.spdx.json (SPDX 2.3) and
/usr/share/vigie/licences.json name every package a file comes from, those whose headers the
programs were compiled with, and for the indexer what its web pages are bundled from;
/usr/share/doc/PACKAGE/copyright are the texts.
"""

import argparse
import datetime
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

# image → (program, port that it listens on, whether it serves the web pages, whether it reads feeds
# and so converts charsets by the C library)
IMAGES = {
    "crawler": ("vigie-crawler", 8081, False, True),
    "extractor": ("vigie-extractor", 8082, False, False),
    "indexer": ("vigie-indexer", 8080, True, False),
    "vigie": ("vigie", 8080, True, True),
}
USER = 65532
LICENSE_LINE = re.compile(r"^License:\s*(\S.*)$", re.MULTILINE | re.IGNORECASE)


def run(*command):
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True
    ).stdout


def linked(program):
    """Every shared library that the program loads, as the loader finds it."""
    found = set()
    for line in run("ldd", program).splitlines():
        path = re.search(r"(?:=> )?(/\S+) \(0x", line)
        if path:
            found.add(pathlib.Path(path[1]))
        elif "not found" in line:
            raise SystemExit(f"gather: {program}: {line.strip()}")
    return sorted(found)


@functools.cache
def owners():
    """file → Debian package, of everything that is installed; read at once, since there are
    thousands of headers to ask for.
    """
    found = {}
    for listing in pathlib.Path("/var/lib/dpkg/info").glob("*.list"):
        package = listing.stem.partition(":")[0]
        found.update((line, package) for line in listing.read_text(encoding="utf-8").splitlines())
    return found


@functools.cache
def owner(path):
    """The Debian package that a file comes from; since /usr was merged, dpkg may know it under
    either name.
    """
    path = os.path.realpath(path)
    for candidate in (path, path.removeprefix("/usr")):
        if candidate in owners():
            return owners()[candidate]
    raise SystemExit(f"gather: no package owns {path}")


@functools.cache
def described(package):
    fields = (
        run(
            "dpkg-query",
            "-W",
            "-f",
            "${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\t"
            "${Maintainer}\\n",
            package,
        )
        .splitlines()[0]
        .split("\t")
    )
    return dict(zip(("version", "architecture", "source", "source_version", "maintainer"), fields))


def copyright_of(package):
    return pathlib.Path(os.path.realpath(f"/usr/share/doc/{package}/copyright"))


@functools.cache
def licences(package):
    """Short names that debian/copyright gives (DEP 5); where it is prose, what it says is the text
    itself.
    """
    text = copyright_of(package).read_text(encoding="utf-8", errors="replace")
    names = (
        {name.strip() for name in LICENSE_LINE.findall(text)}
        if "copyright-format" in text[:600]
        else set()
    )
    if not names:
        names = {
            f"see-copyright-{reference}"
            for reference in re.findall(
                r"/usr/share/common-licenses/([A-Za-z0-9.-]+[A-Za-z0-9])", text
            )
        } or {"see-copyright"}
    return sorted(names)


def compiled_with(build, objects_of):
    """Packages whose headers went into the program: what is in headers alone (Boost, CLI11,
    expected) is in the binary.
    """
    headers = set()
    wanted = False
    for line in run("ninja", "-C", build, "-t", "deps").splitlines():
        if line and not line.startswith(" "):
            wanted = line.split(":")[0].split("/")[0] in objects_of
        elif wanted and line.strip().startswith("/usr/"):
            headers.add(line.strip())
    return {owner(header) for header in headers}


class Image:
    def __init__(self, out, name, source):
        self.name, self.source = name, source
        self.program, self.port, self.pages, self.feeds = IMAGES[name]
        self.root = out / name
        self.packages = {}  # package → files of it in the image
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in (
            "usr/bin",
            "usr/lib",
            "etc/vigie",
            "usr/share/vigie",
            "var/lib",
            "proc",
            "sys",
            "dev",
        ):
            (self.root / folder).mkdir(parents=True)
        (self.root / "tmp").mkdir(mode=0o1777)
        for link in ("bin", "lib", "lib64"):
            (self.root / link).symlink_to(f"usr/{link}")
        (self.root / "usr/lib64").mkdir()
        data = self.root / "var/lib/vigie"
        data.mkdir(mode=0o700)
        os.chown(data, USER, USER)

    def put(self, path, text):
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(0o644)

    def take(self, path):
        """Copies a file of a package to where it is, and the link that names it beside it."""
        path = pathlib.Path(path)
        real = pathlib.Path(os.path.realpath(path))
        place = self.root / str(pathlib.Path(os.path.realpath(path.parent)) / path.name).lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        target = self.root / str(real).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(real, target)
            target.chmod(0o755 if os.access(real, os.X_OK) else 0o644)
            self.packages.setdefault(owner(real), []).append(
                "/" + str(target.relative_to(self.root))
            )
        if place != target and not place.is_symlink():
            place.symlink_to(os.path.relpath(target, place.parent))

    def take_tree(self, folder):
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_file():
                self.take(path)

    def lay_out(self, build):
        binary = self.root / "usr/bin" / self.program
        run("strip", "--strip-unneeded", "-o", binary, build / "bin" / self.program)
        binary.chmod(0o755)
        for library in linked(build / "bin" / self.program):
            self.take(library)
        if self.feeds:
            self.take_tree(
                pathlib.Path(os.path.realpath("/usr/lib"))
                / f"{os.uname().machine}-linux-gnu"
                / "gconv"
            )
        self.take_tree("/usr/share/zoneinfo")
        certificates = pathlib.Path(
            "/etc/ssl/certs/ca-certificates.crt"
        )  # made by the package from what it holds: no package owns it
        (self.root / "etc/ssl/certs").mkdir(parents=True)
        shutil.copyfile(certificates, self.root / "etc/ssl/certs/ca-certificates.crt")
        self.packages.setdefault("ca-certificates", []).append(str(certificates))
        (self.root / "usr/lib/ssl").mkdir()
        (self.root / "usr/lib/ssl/cert.pem").symlink_to("/etc/ssl/certs/ca-certificates.crt")
        (self.root / "usr/lib/ssl/certs").symlink_to("/etc/ssl/certs")
        self.put("/etc/passwd", f"vigie:x:{USER}:{USER}:vigie:/var/lib/vigie:/nonexistent\n")
        self.put("/etc/group", f"vigie:x:{USER}:\n")
        self.put("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
        for folder in ("sources", "topics"):
            shutil.copytree(
                self.source / "ops" / folder, self.root / "usr/share/vigie/ops" / folder
            )
        engine = "" if self.name == "vigie" else "log.engine: kafka\n"
        self.put(
            "/etc/vigie/vigie.yaml",
            "# Settings of this image; --set and VIGIE_LOG_BROKERS win over them. Another file may "
            "be mounted in its place; it must keep data_dir,\n"
            "# which the health check reads.\n"
            f"data_dir: /var/lib/vigie\nhttp.listen: 0.0.0.0:{self.port}\nlog.format: json\n"
            f"{engine}",
        )

    def describe(self, build, built_at):
        entries = self.debian_entries(build) + self.bundled_entries()
        licences_of_all = {"program": self.program, "licence": "Apache-2.0", "packages": entries}
        self.put("/usr/share/vigie/licences.json", json.dumps(licences_of_all, indent=1) + "\n")
        self.put("/usr/share/vigie/LICENSE", (self.source / "LICENSE").read_text(encoding="utf-8"))
        self.put(
            "/usr/share/vigie/sbom.spdx.json",
            json.dumps(self.sbom(entries, built_at), indent=1) + "\n",
        )

    def debian_entries(self, build):
        """What is known of each Debian package of the image; lays its copyright file out."""
        parts = {"platform", "proto", self.name}
        if self.name == "vigie":
            parts |= {"crawler", "extractor", "indexer"}
        headers = compiled_with(build, parts) - set(self.packages)
        uses = [
            (package, "dynamically linked or copied", sorted(files))
            for package, files in self.packages.items()
        ] + [(package, "headers compiled in", []) for package in headers]
        entries = []
        for package, how, files in sorted(uses):
            facts = described(package)
            place = self.root / f"usr/share/doc/{package}/copyright"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copyright_of(package), place)
            place.chmod(0o644)
            entries.append(
                {
                    "package": package,
                    "version": facts["version"],
                    "source": facts["source"],
                    "how": how,
                    "licences": licences(package),
                    "text": f"/usr/share/doc/{package}/copyright",
                    "files": files,
                }
            )
        return entries

    def bundled_entries(self):
        """What is known of each npm package whose code is in the web pages."""
        if not self.pages:
            return []
        lock = self.source / "indexer/pages/package-lock.json"
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        entries = []
        for path, entry in packages.items():
            if not path or entry.get("dev"):
                continue
            name = path.rpartition("node_modules/")[2]
            entries.append(
                {
                    "package": name,
                    "version": entry["version"],
                    "source": f"npm:{name}",
                    "how": "bundled into the web pages",
                    "licences": [entry.get("license") or "see-copyright"],
                    "text": "",
                    "files": [],
                }
            )
        return entries

    def sbom(self, entries, built_at):
        version = run(self.root / "usr/bin" / self.program, "--version").split()[-1]
        binary = (self.root / "usr/bin" / self.program).read_bytes()
        digest = hashlib.sha256(binary).hexdigest()
        own = {
            "SPDXID": "SPDXRef-vigie",
            "name": self.program,
            "versionInfo": version,
            "supplier": "Organization: vigie",
            "downloadLocation": "https://github.com/vigie-project/vigie",
            "filesAnalyzed": False,
            "licenseConcluded": "Apache-2.0",
            "licenseDeclared": "Apache-2.0",
            "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": "APPLICATION",
            "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        }
        describes = {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-vigie",
        }
        return {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"vigie image {self.name}",
            "documentNamespace": f"https://github.com/vigie-project/vigie/sbom/{self.name}"
            f"-{version}-{digest[:16]}",
            "creationInfo": {
                "created": built_at,
                "creators": ["Tool: vigie ops/containers/gather.py", "Organization: vigie"],
            },
            "packages": [own] + [spdx_package(entry) for entry in entries],
            "relationships": [describes] + [spdx_relation(entry) for entry in entries],
        }


def is_npm(entry):
    return entry["source"].startswith("npm:")


def spdx_identity(entry):
    kind = "npm" if is_npm(entry) else "deb"
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{kind}-{entry['package']}")


def package_url(entry):
    if is_npm(entry):
        return f"pkg:npm/{entry['package']}@{entry['version']}"
    version = entry["version"].replace("+", "%2B")
    return f"pkg:deb/debian/{entry['package']}@{version}?distro=debian-13"


def spdx_package(entry):
    return {
        "SPDXID": spdx_identity(entry),
        "name": entry["package"],
        "versionInfo": entry["version"],
        "supplier": "NOASSERTION" if is_npm(entry) else "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "licenseComments": "named by its copyright file: " + ", ".join(entry["licences"]),
        "copyrightText": "NOASSERTION",
        "sourceInfo": f"source package {entry['source']}",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": package_url(entry),
            }
        ],
    }


def spdx_relation(entry):
    first, kind, second = "SPDXRef-vigie", "CONTAINS", spdx_identity(entry)
    if any(".so" in pathlib.Path(file).name for file in entry["files"]):
        kind = "DYNAMIC_LINK"
    elif entry["how"].startswith("headers"):
        first, kind, second = second, "BUILD_DEPENDENCY_OF", first
    return {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    now = int(
        os.environ.get("SOURCE_DATE_EPOCH")
        or datetime.datetime.now(datetime.timezone.utc).timestamp()
    )
    built_at = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    for name in IMAGES:
        image = Image(arguments.out, name, arguments.source)
        image.lay_out(arguments.build)
        image.describe(arguments.build, built_at)
        size = sum(path.lstat().st_size for path in image.root.rglob("*") if not path.is_symlink())
        print(f"{name}: {size / 1e6:.0f} MB, {len(image.packages)} packages with files in it")


if __name__ == "__main__":
    main()
