"""Receiving alerts: whether a request came from vigie, and what it says."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import standardwebhooks


class WebhookError(Exception):
    """The request was not signed with any of the secrets, is older than five minutes, or is no
    alert. Answer it with 401 and forget it."""


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secrets: str | Iterable[str]
) -> dict[str, Any]:
    """The CloudEvent of a request that a channel's secret signed (Standard Webhooks). Its `id` is
    the same whenever the alert is sent again: drop what was seen before.

    :param body: as it was received, byte by byte
    :param headers: of the request; capitals do not matter
    :param secrets: the `whsec_…` of the channel; several while one is being replaced. A request may
        carry several signatures too: one that fits is enough
    :raises WebhookError: it must not be believed
    """
    reasons = []
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        try:
            webhook = standardwebhooks.Webhook(secret)
            webhook.verify(body, dict(headers), json_parse=False)
        except Exception as error:  # of a malformed header or secret the library raises many kinds
            reasons.append(str(error) or type(error).__name__)
            continue
        return _event(body)
    raise WebhookError("; ".join(reasons) or "there is no secret")


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError as error:
        raise WebhookError(f"the body is no JSON: {error}") from error
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise WebhookError("the body is no CloudEvent 1.0")
    return event
