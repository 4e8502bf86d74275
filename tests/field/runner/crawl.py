"""Cases of the crawl: each site.py is served on a loopback address of its own, one vigie crawls
them all, requests and articles are judged."""

import importlib.util
import itertools
import json
import pathlib
import re
import socketserver
import sys
import threading
import time

from . import checks
from .vigie import Vigie

WITHIN_S = 40
LOOK_EVERY_S = 0.5
KIT = pathlib.Path(__file__).resolve().parents[1] / "crawl"
address_numbers = itertools.count()
BROKEN = b"HTTP/1.1 500 Broken case\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Request:
    """What answer() gets: method, path (with query), headers (lower case), body, time (monotonic),
    n (how many times this path was asked for, this time included), base (http://HOST:PORT of this
    site), other (base of its second host)."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 64

    def handle_error(self, *_):
        pass


def read_request(stream):
    """A request as it came; None where there is none."""
    line = stream.readline(65536).decode("latin-1").split()
    if len(line) < 2:
        return None
    headers = {}
    while (header := stream.readline(65536)) not in (b"\r\n", b"\n", b""):
        name, _, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    request = Request()
    request.method, request.path = line[0], line[1]
    request.headers, request.time = headers, time.monotonic()
    length = headers.get("content-length", "")
    request.body = stream.read(int(length)) if length.isdigit() else b""
    return request


class Site:
    """A case's site.py on its addresses.

    SOURCES or SOURCE names feeds, sitemaps and sections ("other:/path" on the second host);
    answer(req, state) gives bytes, a generator of bytes, or None (close without a word);
    other(req, state), where there is one,
    answers on a second host. state is a dict that lives as long as the site."""

    def __init__(self, case):
        self.case, self.requests, self.lock, self.servers = case, [], threading.Lock(), []
        if str(KIT) not in sys.path:
            sys.path.insert(0, str(KIT))
        spec = importlib.util.spec_from_file_location(
            "site_" + re.sub(r"\W", "_", case["name"]), case["dir"] / "site.py"
        )
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        state = {}
        self.base = self.serve(self.module.answer, state)
        self.other = self.serve(self.module.other, state) if hasattr(self.module, "other") else None
        self.hosts = {b.split("/")[2] for b in (self.base, self.other) if b}

    def take(self, request, answer, counts, state):
        """What the case answers; the request is kept for the checks."""
        with self.lock:
            counts[request.path] = counts.get(request.path, 0) + 1
            request.n = counts[request.path]
            self.requests.append(request)
        try:
            out = answer(request, state)
        except Exception as error:  # a fault of the case, not of the crawler
            words = f"{self.case['name']}: site.py failed on {request.path}: {error!r}"
            print(words, file=sys.stderr)
            out = BROKEN
        return [out] if isinstance(out, bytes) else out or []

    def serve(self, answer, state):
        site, counts = self, {}
        number = next(address_numbers)
        place = f"127.0.{20 + number // 200}.{1 + number % 200}"

        class Handler(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self):
                request = read_request(self.rfile)
                if request is None:
                    return
                request.base = base
                request.other = site.other if answer is site.module.answer else site.base
                try:
                    for piece in site.take(request, answer, counts, state):
                        self.wfile.write(piece)
                        self.wfile.flush()
                except OSError:
                    pass

        server = Server((place, 0), Handler)
        base = f"http://{place}:{server.server_address[1]}"
        self.servers.append(server)
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()
        return base

    def places(self, paths):
        """Addresses of paths, as a YAML list."""

        def place(path):
            base = self.other if path.startswith("other:") else self.base
            return base + path.removeprefix("other:")

        return json.dumps([place(path) for path in paths])

    def sources(self):
        lines = []
        specs = getattr(self.module, "SOURCES", None) or [self.module.SOURCE]
        for i, spec in enumerate(specs):
            name = spec.get("name", self.case["name"] + (f"-{i + 1}" if i else ""))
            lines += [
                f"  - name: {json.dumps(name, ensure_ascii=False)}",
                f"    homepage: {self.base}/",
            ]
            lines += [
                f"    {key}: {self.places(spec.get(key, []))}"
                for key in ("feeds", "sitemaps", "sections")
            ]
            lines += [
                "    country: GB",
                "    language: en",
                "    kind: newspaper",
                "    affiliation: independent",
            ]
        return lines

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


def waits_for_the_end(check):
    """Checks that something does not happen are known at the end only."""
    return any(
        k in check for k in ("not_asked", "no_article", "articles", "at_most", "nth")
    ) or any(waits_for_the_end(c) for c in check.get("any", []))


def judge_articles(check, articles):
    titles = [a["title"] for a in articles]
    if "article" in check:
        if check["article"] in titles:
            return None
        got = checks.show(sorted(titles)[:4])
        return f"an article {checks.show(check['article'])}, got {got}"
    if "no_article" in check:
        found = [t for t in titles if re.search(check["no_article"], t)]
        wanted = f"no article that matches {checks.show(check['no_article'])}"
        return f"{wanted}, got {checks.show(found[:3])}" if found else None
    pattern = check.get("matching", "")
    found = [a for a in articles if re.search(pattern, a["title"])]
    if len(found) == check["articles"]:
        return None
    urls = checks.show(sorted(a["url"] for a in found)[:4])
    wanted = f"{check['articles']} article(s) that match {checks.show(pattern)}"
    return f"{wanted}, got {len(found)}: {urls}"


def judge_query(check, site, vigie):
    wanted = f"query {checks.show(check['query'])} finds {checks.show(check['finds'])}"
    hits, refusal = vigie.hits(check["query"])
    if hits is None:
        return f"{wanted}, got {refusal}"
    found = sorted(h["title"] for h in hits if h["url"].split("/")[2] in site.hosts)
    return None if found == sorted(check["finds"]) else f"{wanted}, got {checks.show(found)}"


def judge_requests(check, site):
    path, having = check.get("asked") or check["not_asked"], check.get("with", {})
    with site.lock:
        same = [r for r in site.requests if r.path == path]
    asked = [r for r in same if all(r.headers.get(k) == v for k, v in having.items())]
    name = path + (f" with {checks.show(having)}" if having else "")
    if "not_asked" in check:
        return f"{name} is not asked for, got {len(asked)} requests" if asked else None
    if "nth" in check:
        if len(asked) < check["nth"]:
            return f"{name} is asked for {check['nth']} times, got {len(asked)}"
        after = asked[check["nth"] - 1].time - asked[0].time
        if after >= check["not_before_s"]:
            return None
        wanted = (
            f"request {check['nth']} for {name} comes {check['not_before_s']} s after the first"
        )
        return f"{wanted} or later, got {after:.1f} s"
    if len(asked) < check.get("at_least", 0 if "at_most" in check else 1):
        return f"{name} is asked for {check.get('at_least', 1)} time(s) or more, got {len(asked)}"
    if "at_most" in check and len(asked) > check["at_most"]:
        return f"{name} is asked for {check['at_most']} time(s) at most, got {len(asked)}"
    return None


def judge(check, site, articles, vigie):
    if "any" in check:
        faults = [judge(c, site, articles, vigie) for c in check["any"]]
        return None if any(f is None for f in faults) else " — or ".join(faults)
    if any(k in check for k in ("article", "no_article", "articles")):
        return judge_articles(check, articles)
    return judge_query(check, site, vigie) if "query" in check else judge_requests(check, site)


def run_together(program, cases, settings, keep):
    outcome, sites = {}, [Site(case) for case in cases]
    try:
        sources = (
            "\n".join(["sources:"] + [line for site in sites for line in site.sources()]) + "\n"
        )
        with Vigie(program, sources, settings, keep) as vigie:
            begun = time.monotonic()
            open_sites = list(sites)
            while open_sites:
                time.sleep(LOOK_EVERY_S)
                passed_s = time.monotonic() - begun
                articles = {}
                if vigie.process.poll() is not None:
                    outcome.update(
                        {
                            site.case["name"]: [
                                f"vigie ended with {vigie.process.returncode}:"
                                f" {vigie.said()[-300:]}"
                            ]
                            for site in open_sites
                        }
                    )
                    break
                for hit in vigie.hits("", sort="newest")[0] or []:
                    articles.setdefault(hit["url"].split("/")[2], []).append(hit)
                for site in list(open_sites):
                    case = site.case
                    over = passed_s >= case.get("within_s", WITHIN_S)
                    if not over and any(waits_for_the_end(c) for c in case["checks"]):
                        continue
                    mine = [a for host in site.hosts for a in articles.get(host, [])]
                    faults = [f for f in (judge(c, site, mine, vigie) for c in case["checks"]) if f]
                    if over or not faults:
                        outcome[case["name"]] = faults
                        open_sites.remove(site)
    finally:
        for site in sites:
            site.close()
    return outcome


def run(program, cases, keep=False):
    outcome, groups = {}, {}
    for case in cases:
        groups.setdefault(json.dumps(case.get("settings", {}), sort_keys=True), []).append(case)
    for settings, some in groups.items():
        outcome.update(run_together(program, some, json.loads(settings), keep))
    return outcome
