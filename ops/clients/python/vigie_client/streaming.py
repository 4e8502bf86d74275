"""The live stream: new articles and alerts as they come, without a gap across disconnections."""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import httpx_sse

from .client import AuthenticatedClient, Client

SILENCE_S = 45.0  # the server says something every 15 s
CONNECT_S = 10.0
FIRST_PAUSE_S = 2.0  # what the server asks for by `retry`
LONGEST_PAUSE_S = 60.0
COME_BACK = {429, 500, 502, 503, 504}  # the others do not get better by themselves


class StreamError(Exception):
    """The server refuses the stream: a wrong query or key, a subscription that is not there."""

    def __init__(self, status: int, detail: str):
        super().__init__(f"{status}: {detail}")
        self.status, self.detail = status, detail


@dataclass(frozen=True)
class Event:
    """`kind` is `article`, `alert`, or what the server says of the stream itself: `restart` (it
    could not go on from the id; some events may be missing) and `slow` (this reader was; the
    stream goes on without a gap). `id` is what `last_event_id` takes in another process."""

    kind: str
    id: str
    data: dict[str, Any]


def stream(
    client: AuthenticatedClient | Client,
    q: str = "",
    *,
    subscription: str = "",
    last_event_id: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Event]:
    """Events for ever. After a disconnection it goes on behind the last event that was taken, after
    a pause that doubles up to a minute (and is what `Retry-After` says, where the server does).

    :param q: a query; empty: every article
    :param subscription: only alerts of this one
    :param last_event_id: where an earlier stream was left
    :raises StreamError: where the server refuses for good
    """
    parameters = {"q": q, "subscription": subscription}
    asked = {name: value for name, value in parameters.items() if value}
    timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    least = pause = FIRST_PAUSE_S
    while True:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        wait = None
        try:
            with httpx_sse.connect_sse(
                client.get_httpx_client(), "GET", "/v1/stream", params=asked, headers=headers,
                timeout=timeout,
            ) as source:  # fmt: skip
                _check(source.response)
                for one in source.iter_sse():
                    if one.retry is not None:
                        least = min(max(one.retry / 1000, 0.1), LONGEST_PAUSE_S)
                    if one.data:
                        pause = least
                        yield Event(one.event, one.id, json.loads(one.data))
                        last_event_id = one.id or last_event_id
        except _ComeBack as error:
            wait = error.after
        except (httpx.TransportError, httpx_sse.SSEError, json.JSONDecodeError):
            pass  # it broke off; the last event that was whole is known
        sleep(wait if wait is not None else pause * random.uniform(0.8, 1.2))
        pause = min(max(pause, least) * 2, LONGEST_PAUSE_S)


class _ComeBack(Exception):
    def __init__(self, after: float | None):
        super().__init__()
        self.after = after


def _check(response: httpx.Response) -> None:
    if response.status_code == 200:
        return
    if response.status_code in COME_BACK:
        after = response.headers.get("retry-after", "")
        raise _ComeBack(min(float(after), 3600.0) if after.isdigit() else None)
    try:
        detail = json.loads(response.read())["detail"]
    except (ValueError, KeyError, TypeError):
        detail = response.reason_phrase
    raise StreamError(response.status_code, detail)
