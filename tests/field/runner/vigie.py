"""A vigie that runs whole on loopback: its own data folder, port 0, its own source list."""

import http.client
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

START_S = 90  # on a busy machine
STOP_S = 30
KEY = "0123456789abcdef0123456789abcdef"
SETTINGS = {
    "fetch.allow_networks": "[127.0.0.0/8]",
    "webhook.allow_networks": "[127.0.0.0/8]",
    "fetch.feed_floor_s": "1",
    "fetch.min_gap_ms": "50",
    "fetch.ip_gap_ms": "20",
    "fetch.user_agent_contact": "https://fieldcases.example/bot",
}
# Schedules short enough for a test, where the program has settings for them.
SHORT_SCHEDULES = {
    "crawl.revisits_s": "[20, 60, 300]",
    "crawl.retry_base_s": "1",
    "crawl.retry_ceiling_s": "10",
}


def known_settings(program):
    done = subprocess.run([str(program), "config"], capture_output=True, text=True, timeout=START_S)
    return {key for key in SHORT_SCHEDULES if key in done.stdout}


class Vigie:
    """`with Vigie(program, sources, settings) as v:`; v.call(…) asks its API."""

    def __init__(self, program, sources="sources: []\n", settings=None, keep=False):
        self.program, self.sources, self.keep = program, sources, keep
        real = (settings or {}).get("fetch.feed_floor_s", "1") != "1"  # a case at the real pauses
        short = {} if real else {key: SHORT_SCHEDULES[key] for key in known_settings(program)}
        self.settings = {**SETTINGS, **short, **(settings or {})}
        self.keyed = self.settings.get("api.keys_file") == "@keys"

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fieldcases-"))
        (self.folder / "sources.yaml").write_text(self.sources, encoding="utf-8")
        if self.keyed:
            (self.folder / "keys").write_text(KEY + "\n", encoding="ascii")
            (self.folder / "keys").chmod(0o600)
            self.settings["api.keys_file"] = str(self.folder / "keys")
        settings = {
            "data_dir": str(self.folder / "data"),
            "http.listen": "127.0.0.1:0",
            "sources.files": f"[{self.folder / 'sources.yaml'}]",
            **self.settings,
        }
        command = [str(self.program), "up"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        self.log = open(self.folder / "log", "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        end = time.monotonic() + START_S
        self.address = None
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("vigie did not start: " + self.said()[-600:])
            if self.address is None:
                match = re.search(r"listening on http://([0-9.]+:\d+)", self.said())
                self.address = match.group(1) if match else None
            else:
                try:
                    if self.call("GET", "/readyz")["status"] == 200:
                        return
                except OSError:
                    pass
            time.sleep(0.1)
        raise RuntimeError(f"vigie was not ready after {START_S} s: " + self.said()[-600:])

    def said(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        if self.keep:
            print(f"kept {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def base(self):
        return f"http://{self.address}"

    def call(self, method, path, body=None, headers=None, limit_s=60):
        """{"status", "header": {lower-case name: value}, "body": text, "bytes", "json"}"""
        connection = http.client.HTTPConnection(self.address, timeout=limit_s)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        sent.update(headers or {})
        if self.keyed and "Authorization" not in sent:
            sent["Authorization"] = "Bearer " + KEY
        if sent.get("Authorization") == "none":
            del sent["Authorization"]
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False)
        try:
            connection.request(
                method,
                urllib.parse.quote(path, safe="%/:?&=+,;@!$'()*~[]#\""),
                body.encode() if isinstance(body, str) else body,
                sent,
            )
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        return {
            "status": answer.status,
            "header": {k.lower(): v for k, v in answer.getheaders()},
            "body": data.decode("utf-8", "replace"),
            "bytes": data,
            "json": value,
        }

    def ingest(self, pages, alerts=False):
        """pages: [(id, url, html)]; returns when they are searchable."""
        lines = "".join(
            json.dumps({"id": i, "url": u, "html": h}, ensure_ascii=False) + "\n"
            for i, u, h in pages
        )
        answer = self.call(
            "POST",
            "/v1/ingest?wait=1" + ("&alerts=1" if alerts else ""),
            lines,
            {"Content-Type": "application/x-ndjson"},
            180,
        )
        if answer["status"] // 100 != 2:
            raise RuntimeError(f"ingest answered {answer['status']}: {answer['body'][:300]}")
        return answer["json"]

    def hits(self, query="", **more):
        """(every hit of a query, None) or (None, the refusal)"""
        found, cursor = [], ""
        while True:
            parameters = {
                "q": query,
                "limit": "200",
                **more,
                **({"cursor": cursor} if cursor else {}),
            }
            answer = self.call(
                "GET",
                "/v1/search?" + urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote),
            )
            if answer["status"] != 200:
                problem = answer["json"] or {}
                return (
                    None,
                    f"{answer['status']} {problem.get('detail') or answer['body'][:100]}",
                )
            found += answer["json"]["hits"]
            cursor = answer["json"].get("cursor")
            if not cursor or not answer["json"]["hits"]:
                return found, None
