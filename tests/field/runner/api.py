"""Cases of the HTTP API: requests, pages put in, receivers of webhooks, live streams.

All cases with the same settings share one vigie and run at the same time."""

import concurrent.futures
import email.utils
import http.client
import http.server
import json
import re
import socket
import sys
import threading
import time
import traceback
import xml.etree.ElementTree as ElementTree

from . import checks
from .crawl import KIT
from .vigie import KEY, Vigie

ATOM = "{http://www.w3.org/2005/Atom}"
AT_ONCE = 12  # cases that run at the same time; most of their time is waiting
one_ingest = threading.Lock()


def dated(value):
    """A header value; "in N s", "in N s by RFC 850" and "in N s by asctime" become that date."""
    match = re.fullmatch(r"in (\d+) s(?: by (RFC 850|asctime))?", value)
    if not match:
        return value
    seconds = int(time.time()) + 1 + int(match.group(1))
    if match.group(2) == "RFC 850":
        return time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(seconds))
    if match.group(2) == "asctime":
        return time.asctime(time.gmtime(seconds))
    return email.utils.formatdate(seconds, usegmt=True)


class Receiver:
    """A receiver of webhooks: answers[i] for the i-th request, the last one for all later.
    An answer is {"status", "delay_s", "headers"}; a header value "in N s" becomes that date, in
    one of the forms of RFC 9110 §5.6.7."""

    def __init__(self, answers):
        self.requests = requests = []
        lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                with lock:
                    spec = answers[min(len(requests), len(answers) - 1)]
                    requests.append(
                        {
                            "at": time.monotonic(),
                            "headers": {k.lower(): v for k, v in self.headers.items()},
                            "body": body.decode("utf-8", "replace"),
                        }
                    )
                time.sleep(spec.get("delay_s", 0))
                try:
                    self.send_response(spec.get("status", 200))
                    for name, value in spec.get("headers", {}).items():
                        self.send_header(name, dated(value))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def document(self):
        """{"count", "gaps": seconds between requests, "requests": [{"headers", "body"}]}"""
        at = [r["at"] for r in self.requests]
        return {
            "count": len(at),
            "gaps": [round(b - a, 2) for a, b in zip(at, at[1:])],
            "requests": self.requests,
        }


def xml_of(answer):
    try:
        root = ElementTree.fromstring(answer["bytes"])
    except ElementTree.ParseError as error:
        return {"well_formed": False, "error": str(error)}
    return {
        "well_formed": True,
        "entries": len(root.findall(ATOM + "entry")),
        "links": {
            link.get("rel", "alternate"): link.get("href") for link in root.findall(ATOM + "link")
        },
    }


class Case:
    def __init__(self, case, vigie):
        self.case, self.vigie, self.faults, self.receivers = case, vigie, [], {}
        self.values = {"base": vigie.base, "key": KEY}

    def fill(self, value):
        """${name} becomes what was saved under that name; alone, a list or an object as it is."""
        if isinstance(value, str) and (whole := re.fullmatch(r"\$\{(\w+)\}", value)):
            value = self.values.get(whole.group(1), value)
            return value if isinstance(value, (dict, list)) else str(value)
        if isinstance(value, str):
            return re.sub(
                r"\$\{([\w.]+)\}", lambda m: str(self.values.get(m.group(1), m.group(0))), value
            )
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        return {k: self.fill(v) for k, v in value.items()} if isinstance(value, dict) else value

    def run(self):
        try:
            self.steps(self.case["steps"])
        except Exception as error:
            self.faults.append(f"{type(error).__name__}: {error}")
            if not isinstance(error, (OSError, RuntimeError, http.client.HTTPException)):
                traceback.print_exc(file=sys.stderr)
        for receiver in self.receivers.values():
            receiver.server.shutdown()
        return self.faults

    def steps(self, steps):
        for step in steps:
            fault = getattr(self, "do_" + step["do"])(step)
            self.faults += fault
            if fault and step.get("save"):
                return

    def document(self, method, path, body, headers):
        answer = self.vigie.call(method, path, body, headers)
        if "xml" in answer["header"].get("content-type", ""):
            answer["xml"] = xml_of(answer)
        return answer

    def judge(self, step, document, name):
        status = step.get("status", [])
        status = (
            [
                {"field": "status", "one_of": status}
                if isinstance(status, list)
                else {"field": "status", "equals": status}
            ]
            if status
            else []
        )
        faults = [
            f
            for f in (checks.judge(self.fill(c), document) for c in status + step.get("checks", []))
            if f
        ]
        if faults and faults[0].startswith("status "):
            faults[0] += f" {checks.show(document.get('body', ''), 110)}"
        return [f"{name}: {f}" for f in faults]

    def do_call(self, step):
        method, path, body, headers = (
            step.get("method", "GET"),
            self.fill(step["path"]),
            self.fill(step.get("body")),
            self.fill(step.get("headers", {})),
        )
        end = time.monotonic() + step.get("until_s", 0)
        while True:
            document = self.document(method, path, body, headers)
            faults = self.judge(
                step,
                document,
                f"{method} {path}" + (f" {checks.show(body, 70)}" if body is not None else ""),
            )
            if not faults or time.monotonic() >= end:
                break
            time.sleep(0.3)
        for name, place in step.get("save", {}).items():
            if isinstance(place, dict):  # {"matches": PATTERN}: its first group, in the body
                match = re.search(place["matches"], document["body"])
                self.values[name] = match.group(1) if match else checks.MISSING
            else:
                self.values[name] = checks.look(document, place)
            if self.values[name] is checks.MISSING:
                faults.append(
                    f"{method} {path}: no {place} in the answer {document['status']}"
                    f" {checks.show(document['body'])}"
                )
        return faults

    def do_any(self, step):
        """One of several lists of steps holds."""
        all_faults = []
        for steps in step["of"]:
            before, self.faults = self.faults, []
            self.steps(steps)
            found, self.faults = self.faults, before
            if not found:
                return []
            all_faults += found
        return [
            step["name"]
            + ": none of "
            + str(len(step["of"]))
            + " ways; "
            + " — ".join(all_faults)[:400]
        ]

    def do_wait(self, step):
        time.sleep(step["s"])
        return []

    def do_ingest(self, step):
        if str(KIT) not in sys.path:
            sys.path.insert(0, str(KIT))
        import sitekit

        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
        pages = []
        for d in step["documents"]:
            page = sitekit.article(
                d["title"],
                d.get("seed", d["url"]),
                lead=d.get("lead", ""),
                published=d.get("published", now),
            )
            if "paragraphs" in d:
                page = re.sub(
                    r"(?s)(</h1>\n).*(\n</article>)",
                    lambda m: (
                        m.group(1) + "\n".join(f"<p>{p}</p>" for p in d["paragraphs"]) + m.group(2)
                    ),
                    page,
                )
            pages.append((d["url"], d["url"], page))
        with one_ingest:  # the API takes two at a time
            self.vigie.ingest(pages, step.get("alerts", False))
        return []

    def do_receiver(self, step):
        self.receivers[step["name"]] = receiver = Receiver(step["answers"])
        self.values["receiver." + step["name"]] = receiver.url
        return []

    def do_received(self, step):
        return self.judge(step, self.receivers[step["name"]].document(), f"receiver {step['name']}")

    def do_stream(self, step):
        """Reads a live stream for some seconds; over a bare socket, since it never ends."""
        path, end, data = self.fill(step["path"]), time.monotonic() + step.get("for_s", 1.5), b""
        headers = {
            "Host": self.vigie.address,
            "Accept": "text/event-stream",
            **self.fill(step.get("headers", {})),
        }
        host, port = self.vigie.address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                (
                    f"GET {path} HTTP/1.1\r\n"
                    + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
                    + "\r\n"
                ).encode()
            )
            while b"\r\n\r\n" not in data or time.monotonic() < end:
                try:
                    piece = connection.recv(65536)
                except TimeoutError:
                    if time.monotonic() >= end:
                        break
                    continue
                if not piece:
                    break
                data += piece
                connection.settimeout(0.3)
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        lines = head.split("\r\n")
        status = lines[0].split(" ")[1] if " " in lines[0] else "0"
        document = {
            "status": int(status),
            "header": {
                k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])
            },
            "body": body,
        }
        return self.judge(
            step,
            document,
            f"stream {path} {checks.show(step['headers']) if step.get('headers') else ''}".strip(),
        )

    def do_agree(self, step):
        """The same queries as searches, subscriptions and previews match the same documents."""
        made = []
        for i, query in enumerate(step["queries"]):
            answer = self.vigie.call(
                "POST", "/v1/subscriptions", {"name": f"agree {i}", "query": query}
            )
            made.append(answer["json"]["id"] if answer["status"] == 201 else None)
        time.sleep(1.5)
        self.do_ingest({**step, "alerts": True})
        urls = {d["url"] for d in step["documents"]}
        time.sleep(3)
        faults = []
        for query, subscription in zip(step["queries"], made):
            if subscription is None:
                continue
            hits, refusal = self.vigie.hits(query)
            by_search = sorted(h["url"] for h in hits or [] if h["url"] in urls)
            matches = self.vigie.call("GET", f"/v1/subscriptions/{subscription}/matches?limit=100")[
                "json"
            ]["matches"]
            by_alert = sorted(m["article"]["url"] for m in matches)
            preview = self.vigie.call(
                "POST", "/v1/subscriptions/preview", {"query": query, "within": "2d"}
            )["json"]
            by_preview = sorted(e["url"] for e in preview["examples"] if e["url"] in urls)
            if not by_search == by_alert == by_preview:
                faults.append(
                    f"{query!r} matches the same everywhere, got search {by_search},"
                    f" alerts {by_alert}, preview {by_preview}"
                )
        return faults


def run(program, cases, keep=False):
    outcome, groups = {}, {}
    for case in cases:
        groups.setdefault(json.dumps(case.get("settings", {}), sort_keys=True), []).append(case)
    for settings, some in groups.items():
        with (
            Vigie(program, settings=json.loads(settings), keep=keep) as vigie,
            concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool,
        ):
            for case, faults in zip(some, pool.map(lambda c: Case(c, vigie).run(), some)):
                outcome[case["name"]] = faults
    return outcome
