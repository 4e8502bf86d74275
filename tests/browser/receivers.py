"""A mail server and a Slack on loopback for the browser tests (tests/fakes). The first line on
stdout names them; each line on stdin is answered by what they took.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from chat_services import ChatServices  # noqa: E402
from smtp_server import SmtpServer  # noqa: E402

smtp, chats = SmtpServer(), ChatServices()
slack = next(channel for channel in chats.channels() if channel["type"] == "slack")
print(json.dumps({"smtp": smtp.url, "slack": slack["url"]}), flush=True)
for _ in sys.stdin:
    mails = [mail["to"] for mail in smtp.taken()]
    print(json.dumps({"mails": mails, "slack": len(chats.taken("slack"))}), flush=True)
