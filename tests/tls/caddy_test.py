"""vigie behind the proxy that ops/caddy describes: TLS by Debian's Caddy, whose certificate an
authority of its own signs. Skipped (77), and said so, where there is no Caddy.
"""

import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import harness  # noqa: E402

CADDY = os.environ.get("VIGIE_CADDY") or shutil.which("caddy")
SKIPPED = 77
KEY = "a-key-of-the-tests-of-tls"
GLOBAL = """{{
	admin off
	local_certs
	skip_install_trust
	grace_period 2s
	storage file_system {folder}/storage
	http_port {http}
	https_port {https}
}}
import {file}
"""


def free_ports(count):
    """Ports that nobody has: all are taken at once, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Caddy:
    """The file of ops/caddy for https://localhost, before a vigie."""

    def __init__(self, folder, upstream, begins_with=200):
        self.begins_with = begins_with
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.http, self.https = free_ports(2)
        config = self.folder / "Caddyfile"
        config.write_text(
            GLOBAL.format(
                folder=self.folder,
                http=self.http,
                https=self.https,
                file=harness.TOP / "ops/caddy/Caddyfile",
            )
        )
        environment = {
            **os.environ,
            "VIGIE_SITE": "localhost",
            "VIGIE_UPSTREAM": upstream,
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
        }
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [CADDY, "run", "--config", str(config), "--adapter", "caddyfile"],
            env=environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.authority = self.folder / "storage/pki/authorities/local/root.crt"
        harness.wait_until(self.listens, 30, "Caddy listens")

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError("Caddy ended: " + (self.folder / "log").read_text()[-2000:])
        if not self.authority.exists():
            return False
        try:
            return self.call("GET", "/")[0] == self.begins_with
        except (OSError, http.client.HTTPException):
            return False

    def connection(self):
        trusted = ssl.create_default_context(cafile=str(self.authority))
        return http.client.HTTPSConnection("localhost", self.https, timeout=20, context=trusted)

    def call(self, method, path, body=None, **headers):
        """(status, [(name, value)], bytes)"""
        connection = self.connection()
        try:
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            if body is not None:
                headers["content-type"] = "application/json"
            connection.request(method, path, body and json.dumps(body), headers)
            response = connection.getresponse()
            names = [(name.lower(), value) for name, value in response.getheaders()]
            return response.status, names, response.read()
        finally:
            connection.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class TrustingVigie(harness.Vigie):
    """A vigie on a machine whose authorities are those of a file: `update-ca-certificates` in a
    mount namespace of its own.
    """

    MACHINE = "/etc/ssl/certs/ca-certificates.crt"

    def __init__(self, directory, authorities, settings):
        self.authorities = authorities
        super().__init__(directory, [], settings)

    def launch(self, command, settings):
        mounted = f'mount --bind "$0" {self.MACHINE} && exec "$@"'
        inside = ["--mount", "sh", "-c", mounted, str(self.authorities)]
        super().launch([pathlib.Path("unshare"), *inside, *map(str, command)], settings)

    @classmethod
    def cannot(cls):
        """Why there is no such machine here; None: there may be."""
        if not os.path.exists(cls.MACHINE):
            return f"there is no {cls.MACHINE}"
        tried = subprocess.run(
            ["unshare", "--mount", "mount", "--bind", cls.MACHINE, cls.MACHINE],
            capture_output=True,
        )
        return None if tried.returncode == 0 else "mounting is not permitted here"


class BehindCaddy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-tls-"))
        keys = cls.folder / "keys"
        keys.write_text(KEY + "\n")
        keys.chmod(0o600)
        (cls.folder / "vigie").mkdir()
        (cls.folder / "keyless").mkdir()
        cls.vigie = harness.Vigie(
            cls.folder / "vigie", sources=[], settings=[f"api.keys_file={keys}"]
        )
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.addClassCleanup(cls.vigie.stop)
        cls.caddy = Caddy(cls.folder / "caddy", cls.vigie.address)
        cls.addClassCleanup(cls.caddy.stop)
        cls.origin = f"https://localhost:{cls.caddy.https}"

    def sign_in(self, origin):
        return self.caddy.call("POST", "/v1/session", {"key": KEY}, origin=origin)

    def cookie(self):
        status, headers, body = self.sign_in(self.origin)
        self.assertEqual(status, 204, body)
        return dict(headers)["set-cookie"]

    def test_pages_and_api_come_by_tls(self):
        status, headers, body = self.caddy.call("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn(b'id="app"', body)
        self.assertIn("default-src 'self'", dict(headers)["content-security-policy"])
        self.assertIn("max-age=", dict(headers)["strict-transport-security"])
        self.assertEqual(self.caddy.call("GET", "/v1/search")[0], 401)
        status, headers, _ = self.caddy.call("GET", "/v1/search", authorization=f"Bearer {KEY}")
        self.assertEqual(status, 200)
        self.assertEqual(dict(headers)["cache-control"], "no-store")

    def test_the_certificate_is_verified(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            connection = http.client.HTTPSConnection("localhost", self.caddy.https, timeout=20)
            connection.request("GET", "/")

    def test_http_is_sent_to_https(self):
        connection = http.client.HTTPConnection("localhost", self.caddy.http, timeout=20)
        connection.request("GET", "/alerts")
        response = connection.getresponse()
        self.assertEqual(response.status, 308)
        self.assertTrue(response.getheader("location").startswith("https://localhost"))
        connection.close()

    def test_sessions_are_secure_and_can_be_ended(self):
        cookie = self.cookie()
        for attribute in ("Secure", "HttpOnly", "SameSite=Strict"):
            self.assertIn(attribute, cookie)
        pair = cookie.partition(";")[0]
        status, _, body = self.caddy.call("GET", "/v1/sessions", cookie=pair)
        self.assertEqual(status, 200)
        own = [one for one in json.loads(body)["sessions"] if one["current"]]
        self.assertEqual(len(own), 1)
        status, _, _ = self.caddy.call("DELETE", "/v1/session", cookie=pair, origin=self.origin)
        self.assertEqual(status, 204)
        self.assertEqual(self.caddy.call("GET", "/v1/search", cookie=pair)[0], 401)

    def test_another_origin_is_refused(self):
        self.assertEqual(self.sign_in("https://evil.example")[0], 403)
        self.assertEqual(self.sign_in(f"http://localhost:{self.caddy.https + 1}")[0], 403)

    def test_streams_are_not_held_back(self):
        connection = self.caddy.connection()
        begin = time.monotonic()
        connection.request("GET", "/v1/stream", headers={"authorization": f"Bearer {KEY}"})
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        self.assertTrue(response.read1(64).startswith(b"retry:"))
        self.assertLess(time.monotonic() - begin, 10, "the first bytes come at once")
        connection.close()

    def test_figures_stay_inside(self):
        for path in ("/metrics", "/healthz", "/readyz"):
            self.assertEqual(self.caddy.call("GET", path)[0], 404, path)
            self.assertIn(self.vigie.call("GET", path)[0], (200, 503), path)

    def asking(self, name, authorities):
        """An indexer that has the one behind Caddy as its peer, and trusts these authorities."""
        folder = self.folder / name
        folder.mkdir()
        peers = f'indexer.peers=["{self.origin}"]'
        one = TrustingVigie(folder, authorities, [peers, f"api.keys_file={self.folder / 'keys'}"])
        self.addCleanup(one.stop)
        return one

    def test_indexers_ask_each_other_by_tls_where_the_authority_is_trusted(self):
        if why := TrustingVigie.cannot():
            self.skipTest(why)

        def figure(indexer, metric):
            body = indexer.call("GET", "/metrics")[2].decode()
            return next(
                (float(at.split()[-1]) for at in body.splitlines() if at.startswith(metric + " ")),
                0,
            )

        trusting = self.asking("trusting", self.caddy.authority)
        harness.wait_until(
            lambda: figure(trusting, "vigie_indexer_peers") == 1, 30, "the peer says what it has"
        )
        self.assertEqual(figure(trusting, "vigie_indexer_peer_failures_total"), 0)
        other = self.folder / "another.crt"
        shutil.copyfile(TrustingVigie.MACHINE, other)
        doubting = self.asking("doubting", other)
        harness.wait_until(
            lambda: figure(doubting, "vigie_indexer_peer_failures_total") > 1, 30, "it is refused"
        )
        self.assertEqual(figure(doubting, "vigie_indexer_peers"), 0)

    def test_without_keys_vigie_answers_no_proxy(self):
        vigie = harness.Vigie(self.folder / "keyless", sources=[])
        self.addCleanup(vigie.stop)
        self.assertEqual(vigie.call("GET", "/v1/search")[0], 200, "from this machine")
        open_caddy = Caddy(self.folder / "open", vigie.address, begins_with=403)
        self.addCleanup(open_caddy.stop)
        status, _, body = open_caddy.call("GET", "/v1/search")
        self.assertEqual((status, json.loads(body)["code"]), (403, "loopback_only"))
        status, _, _ = open_caddy.call("POST", "/v1/control", {"action": "pause", "target": "*"})
        self.assertEqual(status, 403)


if __name__ == "__main__":
    if not CADDY:
        print("skipped: there is no caddy (Debian's package; ops/install --test)")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
