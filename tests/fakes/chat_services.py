"""Slack, Teams, Matrix, Telegram, ntfy and Discord on loopback, as far as a message takes: each
answers a good request as its documentation says, refuses a bad one, and keeps what it took.
"""

import http.server
import json
import threading
import urllib.parse

TOKEN = "123:token"
ROOM = "!room:example.org"


class ChatServices:
    """`requests`: each {"service", "method", "path", "headers", "body"}. `answers`: by service, a
    list of (status, headers, body) that come before the usual one."""

    def __init__(self, responses=None):
        self.requests = []
        self.responses = {service: list(those) for service, those in (responses or {}).items()}
        self.lock = threading.Lock()
        self.events = {}  # Matrix: event id by transaction, so that a repeat makes none
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                status, headers, text = outer.answer(self.command, self.path, self.headers, body)
                data = text.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_PUT = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def channels(self):
        """A channel of each service, as a caller says it."""
        return [
            {"type": "slack", "url": self.url + "/services/T1/B1/hush"},
            {"type": "teams", "url": self.url + "/workflows/hush?sig=hush"},
            {"type": "discord", "url": self.url + "/api/webhooks/1/hush"},
            {"type": "matrix", "url": self.url, "room": ROOM, "token": TOKEN},
            {"type": "telegram", "url": self.url, "chat": "-1001", "token": TOKEN},
            {"type": "ntfy", "url": self.url, "topic": "chips", "token": TOKEN},
        ]

    def taken(self, service=None):
        with self.lock:
            return [r for r in self.requests if service in (None, r["service"])]

    def answer(self, method, path, headers, body):
        service = self.service_of(path)
        with self.lock:
            if self.responses.get(service):
                return self.responses[service].pop(0)
        try:
            said = json.loads(body)
            status, text = getattr(self, service)(method, path, headers, said)
        except (AttributeError, KeyError, ValueError, AssertionError, TypeError) as error:
            return 400, {}, f"bad request: {error!r}"
        if status < 300:
            with self.lock:
                self.requests.append(
                    {
                        "service": service,
                        "method": method,
                        "path": path,
                        "headers": {k.lower(): v for k, v in headers.items()},
                        "body": said,
                    }
                )
        return status, {"content-type": "application/json"}, text

    @staticmethod
    def service_of(path):
        for begin, service in (
            ("/services/", "slack"),
            ("/workflows/", "teams"),
            ("/api/webhooks/", "discord"),
            ("/_matrix/", "matrix"),
            ("/bot", "telegram"),
        ):
            if path.startswith(begin):
                return service
        return "ntfy"

    def slack(self, method, path, headers, body):
        assert method == "POST" and body["text"] and 0 < len(body["blocks"]) <= 50
        return 200, "ok"

    def teams(self, method, path, headers, body):
        assert method == "POST" and body["type"] == "message"
        card = body["attachments"][0]
        assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert card["content"]["type"] == "AdaptiveCard"
        return 202, ""

    def discord(self, method, path, headers, body):
        assert method == "POST" and path.endswith("?wait=true")
        assert len(body["embeds"]) <= 10 and len(body["embeds"][0]["description"]) <= 4096
        return 200, json.dumps({"id": "1", "type": 0})

    def matrix(self, method, path, headers, body):
        if headers.get("authorization") != "Bearer " + TOKEN:
            return 401, json.dumps({"errcode": "M_UNKNOWN_TOKEN", "error": "who?"})
        parts = [urllib.parse.unquote(part) for part in path.split("/")]
        assert method == "PUT" and parts[4:8] == ["rooms", ROOM, "send", "m.room.message"]
        assert body["msgtype"] == "m.notice" and body["body"]
        event = self.events.setdefault(parts[8], f"${len(self.events)}")
        return 200, json.dumps({"event_id": event})

    def telegram(self, method, path, headers, body):
        if path != f"/bot{TOKEN}/sendMessage":
            return 401, json.dumps({"ok": False, "error_code": 401, "description": "Unauthorized"})
        assert isinstance(body["chat_id"], int) and body["parse_mode"] == "HTML"
        assert 0 < len(body["text"]) <= 4096
        return 200, json.dumps({"ok": True, "result": {"message_id": 1}})

    def ntfy(self, method, path, headers, body):
        if headers.get("authorization") != "Bearer " + TOKEN:
            return 403, json.dumps({"code": 40301, "http": 403, "error": "forbidden"})
        assert method == "POST" and path == "/" and body["topic"] and body["message"]
        return 200, json.dumps({"id": "1", "event": "message"})

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
