"""A client of vigie's HTTP API.

`Client` (a vigie on loopback) and `AuthenticatedClient` (one with keys) are what the calls of
`vigie_client.api` take; `stream` and `verify_webhook` are for what vigie sends by itself.
"""

from .client import AuthenticatedClient, Client
from .streaming import Event, StreamError, stream
from .webhooks import WebhookError, verify_webhook

__all__ = (
    "AuthenticatedClient",
    "Client",
    "Event",
    "StreamError",
    "WebhookError",
    "stream",
    "verify_webhook",
)
