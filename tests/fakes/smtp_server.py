"""A mail server on loopback that keeps what it was sent: STARTTLS, AUTH PLAIN and LOGIN, replies by
command as a test wants them. RFC 5321, RFC 3207, RFC 4954.
"""

import base64
import pathlib
import socketserver
import ssl
import subprocess
import threading


def make_certificate(directory):
    """(certificate, key): self-signed, for 127.0.0.1."""
    directory = pathlib.Path(directory)
    certificate, key = directory / "smtp.crt", directory / "smtp.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    return certificate, key


class SmtpServer:
    """`mails`: each {"from", "to", "data", "tls", "user"}. `replies`: by command, one for each
    time, the last for ever."""

    def __init__(self, certificate=None, user=None, replies=None):
        self.mails = []
        self.replies = {verb: list(lines) for verb, lines in (replies or {}).items()}
        self.user = user
        self.lock = threading.Lock()
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, certificate))
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                Session(outer, self.connection).run()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                pass  # a client that was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self):
        with self.lock:
            return list(self.mails)

    def reply(self, verb, usual):
        with self.lock:
            lines = self.replies.get(verb)
            if not lines:
                return usual
            return lines.pop(0) if len(lines) > 1 else lines[0]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.file = connection.makefile("rb")
        self.tls, self.user, self.sender, self.recipients = False, None, None, []

    def say(self, line):
        self.connection.sendall(line.encode() + b"\r\n")

    def line(self):
        return self.file.readline().rstrip(b"\r\n").decode("utf-8", "replace")

    def run(self):
        self.say("220 fake ESMTP")
        while line := self.line():
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "QUIT":
                return self.say("221 bye")
            getattr(self, "on_" + verb.lower(), self.on_other)(line)

    def on_other(self, line):
        self.say("502 5.5.1 not known")

    def on_ehlo(self, line):
        offers = ["fake"]
        if self.server.context and not self.tls:
            offers.append("STARTTLS")
        if self.server.user and (self.tls or not self.server.context):
            offers.append("AUTH PLAIN LOGIN")
        for offer in offers[:-1]:
            self.say("250-" + offer)
        self.say("250 " + offers[-1])

    def on_starttls(self, line):
        self.say("220 go on")
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.tls = True

    def on_auth(self, line):
        words = line.split(" ")
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.line())
            name, password = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            self.say("334 " + base64.b64encode(b"Username:").decode())
            name = base64.b64decode(self.line()).decode()
            self.say("334 " + base64.b64encode(b"Password:").decode())
            password = base64.b64decode(self.line()).decode()
        if (name, password) != self.server.user:
            return self.say("535 5.7.8 no")
        self.user = name
        self.say("235 2.7.0 welcome")

    def on_mail(self, line):
        if self.server.user and not self.user:
            return self.say("530 5.7.0 sign in first")
        self.sender, self.recipients = line.partition("<")[2].partition(">")[0], []
        self.say(self.server.reply("MAIL", "250 2.1.0 well"))

    def on_rcpt(self, line):
        said = self.server.reply("RCPT", "250 2.1.5 well")
        if said.startswith("2"):
            self.recipients.append(line.partition("<")[2].partition(">")[0])
        self.say(said)

    def on_rset(self, line):
        self.say("250 2.0.0 well")

    on_noop = on_rset

    def on_data(self, line):
        self.say("354 go on")
        data = []
        while (one := self.file.readline()) not in (b".\r\n", b""):
            data.append(one[1:] if one.startswith(b".") else one)
        said = self.server.reply(".", "250 2.0.0 taken")
        if said.startswith("2"):
            with self.server.lock:
                self.server.mails.append(
                    {
                        "from": self.sender,
                        "to": self.recipients,
                        "data": b"".join(data),
                        "tls": self.tls,
                        "user": self.user,
                    }
                )
        self.say(said)
