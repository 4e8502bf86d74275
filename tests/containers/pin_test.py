"""ops/containers/pin.py against a registry of our own."""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "ops" / "containers"))
import pin  # noqa: E402

OLD = "sha256:" + "0" * 64


class Registry(http.server.BaseHTTPRequestHandler):
    """Two images, shown to who has a token; a digest that is a lie for the third."""

    MANIFESTS = {
        "/v2/library/debian/manifests/trixie-slim": b'{"schemaVersion": 2, "of": "debian"}',
        "/v2/grafana/grafana/manifests/12.1.0": b'{"schemaVersion": 2, "of": "grafana"}',
        "/v2/a/liar/manifests/1": b'{"schemaVersion": 2, "of": "somebody"}',
    }

    def do_GET(self):
        if self.path.startswith("/token?"):
            scope = self.path.partition("scope=repository:")[2].partition(":")[0]
            return self.answer(200, json.dumps({"token": f"for {scope}"}).encode())
        name = self.path.removeprefix("/v2/").partition("/manifests/")[0]
        if self.headers.get("Authorization") != f"Bearer for {name}":
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            return self.answer(
                401, b"{}", [("WWW-Authenticate", f'Bearer realm="{realm}",service="test"')]
            )
        body = self.MANIFESTS.get(self.path)
        if body is None:
            return self.answer(404, b"{}")
        if "oci.image.index" not in self.headers["Accept"]:
            return self.answer(200, b"one of its manifests")
        told = OLD if "liar" in self.path else "sha256:" + hashlib.sha256(body).hexdigest()
        return self.answer(200, body, [("Docker-Content-Digest", told)])

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Pin(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        folder = tempfile.TemporaryDirectory(prefix="vigie-pin-")
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        for file in pin.FILES:
            (self.top / file).parent.mkdir(parents=True, exist_ok=True)
            (self.top / file).write_text("ARG BASE=docker.io/library/debian:trixie-slim\n")

    def run_pin(self, *arguments):
        script = (
            "import pathlib, sys; sys.path.insert(0, sys.argv[1]); import pin; "
            "sys.exit(pin.main(sys.argv[3:], pathlib.Path(sys.argv[2])))"
        )
        done = subprocess.run(
            [sys.executable, "-B", "-c", script, str(TOP / "ops/containers"), str(self.top)]
            + list(arguments),
            env={**os.environ, "VIGIE_REGISTRY": f"http://127.0.0.1:{self.server.server_port}"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    @staticmethod
    def digest(path):
        return "sha256:" + hashlib.sha256(Registry.MANIFESTS[path]).hexdigest()

    def test_writes_what_the_tags_are_now(self):
        compose = self.top / pin.FILES[0]
        compose.write_text(
            "x: docker.io/grafana/grafana:12.1.0\n"
            f"y: docker.io/library/debian:trixie-slim@{OLD}\n"
            "z: ${VIGIE_IMAGES:-localhost/vigie}:latest  # kafka-1:9092 http://127.0.0.1:8080\n"
        )
        code, out, _ = self.run_pin("--check")
        self.assertEqual(code, 1)
        self.assertEqual(len(out.splitlines()), 4, out)
        self.assertIn(OLD, compose.read_text(), "nothing was written")
        self.assertEqual(self.run_pin()[0], 0)
        debian = self.digest("/v2/library/debian/manifests/trixie-slim")
        self.assertEqual(
            compose.read_text(),
            "x: docker.io/grafana/grafana:12.1.0@"
            + self.digest("/v2/grafana/grafana/manifests/12.1.0")
            + f"\ny: docker.io/library/debian:trixie-slim@{debian}\n"
            "z: ${VIGIE_IMAGES:-localhost/vigie}:latest  # kafka-1:9092 http://127.0.0.1:8080\n",
        )
        self.assertEqual(self.run_pin("--check")[:2], (0, ""))

    def test_writes_nothing_of_a_registry_that_contradicts_itself_or_lacks_the_image(self):
        compose = self.top / pin.FILES[0]
        for image in ("docker.io/a/liar:1", "docker.io/a/nobody:1"):
            compose.write_text(f"x: {image}\n")
            code, _, err = self.run_pin()
            self.assertEqual(code, 3)
            self.assertIn(pin.FILES[0], err)
            self.assertEqual(compose.read_text(), f"x: {image}\n")

    def test_finds_every_image_of_the_tree(self):
        for file in pin.FILES:
            text = (TOP / file).read_text(encoding="utf-8")
            self.assertEqual(len(pin.images(text)), text.count("docker.io/"), file)
            for found in pin.images(text):
                self.assertIsNotNone(found["digest"], found[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
