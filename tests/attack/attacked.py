"""A vigie with a key that is to be attacked, and connections to it from addresses of the attacker's
choice. Used by attack_test.py and inputs_test.py.
"""

import http.client
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
from harness import EndToEnd, Vigie  # noqa: E402

KEY = "0123456789abcdef-attack"
# Callers are told apart by address: attackers come from the first, those who take in pages beside
# them from the third, everybody else from the second.
ATTACKER, VICTIM, SUPPLIER = "127.0.0.3", "127.0.0.2", "127.0.0.4"


class Attacked(EndToEnd):
    """Each test has a vigie without sources. What `settings` says is added to its settings."""

    settings = ()

    def home(self):
        """Where its data is."""
        return self.directory

    def setUp(self):
        super().setUp()
        keys = self.directory / "keys"
        keys.write_text(KEY + "\n", encoding="ascii")
        keys.chmod(0o600)
        none = self.directory / "none.yaml"
        none.write_text("sources: []\n")
        self.vigie = self.keep(
            Vigie(self.home(), [none], [f"api.keys_file={keys}", *self.settings])
        )

    def endpoint(self):
        host, port = self.vigie.address.rsplit(":", 1)
        return host, int(port)

    def connect(self, source=ATTACKER, timeout=10):
        """A connection that sends nothing by itself."""
        return socket.create_connection(
            self.endpoint(), timeout=timeout, source_address=(source, 0)
        )

    def open(self, source=VICTIM, timeout=30):
        """A connection for well-formed requests."""
        host, port = self.endpoint()
        return http.client.HTTPConnection(host, port, timeout=timeout, source_address=(source, 0))

    def resident(self):
        """Bytes of memory that it holds."""
        status = pathlib.Path(f"/proc/{self.vigie.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) << 10
