#!/usr/bin/env python3
"""The images that we build on and run beside are named by digest, so that nobody can put another
one under the same tag. This looks what the tags are now.

    ops/containers/pin.py           writes today's digests into the files that name images
    ops/containers/pin.py --check   names what is behind or has none, and then ends with 1

Asks the registries that the images name (Docker's API, version 2), over https; VIGIE_REGISTRY,
where set, is asked instead of them all.
"""

import hashlib
import json
import os
import pathlib
import re
import sys
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = (
    "ops/compose/compose.yaml",
    "ops/containers/Containerfile",
    "ops/containers/kafka/Containerfile",
)
IMAGE = re.compile(
    r"\b(?P<registry>[a-z0-9-]+(?:\.[a-z0-9-]+)+)/(?P<name>[a-z0-9._/-]+):(?P<tag>[A-Za-z0-9_.-]+)"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?(?![\w/])"
)
HOSTS = {"docker.io": "registry-1.docker.io"}  # where a registry answers, if not by its name
# An index comes first: it names an image for each processor, and is what a tag means.
MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
LARGEST = 4 << 20
SECONDS = 30


def ask(url, headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        body = response.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ValueError(f"{url}: more than {LARGEST} bytes")
        return response.headers, body


def token(challenge, name):
    """A token for reading, as the registry's challenge says (RFC 6750 and Docker's token API)."""
    said = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    url = f"{said['realm']}?service={said.get('service', '')}&scope=repository:{name}:pull"
    response = json.loads(ask(url, {})[1])
    return response.get("token") or response["access_token"]


def digest_of(registry, name, tag):
    """What the tag is now, computed of the bytes, whatever the registry says of it."""
    base = os.environ.get("VIGIE_REGISTRY", f"https://{HOSTS.get(registry, registry)}")
    url = f"{base}/v2/{name}/manifests/{tag}"
    headers = {"Accept": ", ".join(MANIFESTS)}
    try:
        told, body = ask(url, headers)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        bearer = token(error.headers["WWW-Authenticate"], name)
        told, body = ask(url, {**headers, "Authorization": f"Bearer {bearer}"})
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    if told.get("Docker-Content-Digest", digest) != digest:
        raise ValueError(f"{url}: the registry names another digest than its response has")
    return digest


def images(text):
    """Every image of a text, as matches of IMAGE."""
    return list(IMAGE.finditer(text))


def pinned(text, now):
    """The text with the digest `now(registry, name, tag)` behind every tag."""
    return IMAGE.sub(
        lambda found: (
            f"{found['registry']}/{found['name']}:{found['tag']}@"
            + now(found["registry"], found["name"], found["tag"])
        ),
        text,
    )


def main(arguments, top=TOP):
    if arguments not in ([], ["--check"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    known = {}

    def now(*image):
        if image not in known:
            known[image] = digest_of(*image)
        return known[image]

    behind = 0
    for file in FILES:
        path = top / file
        text = path.read_text(encoding="utf-8")
        try:
            for found in images(text):
                wanted = now(found["registry"], found["name"], found["tag"])
                if found["digest"] != wanted:
                    behind += 1
                    print(f"{file}: {found[0]} is {wanted} now")
        except (OSError, ValueError, KeyError) as error:
            print(f"ops/containers/pin.py: {file}: {error}", file=sys.stderr)
            return 3
        if not arguments:
            path.write_text(pinned(text, now), encoding="utf-8")
    return 1 if arguments and behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
