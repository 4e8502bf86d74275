"""Judges a plant from outside: the newsroom's ledger and clock, the receiver's file and the
brokers' topics against what the services answer.
"""

import collections
import json
import time

from plant import MIN_GAP_MS, harness

CLOCK_MS = (
    5  # the two clocks are one; this is what a loaded machine needs between two lines of Python
)
SETTLE_SECONDS = 300  # within which everything must have arrived after the last fault


class Verdict:
    def __init__(self):
        self.figures = collections.Counter()
        self.problems = []

    def wrong(self, sentence):
        self.problems.append(sentence)


def indexed(plant):
    """url → article id, over all indexers, and the URLs that one response named twice."""
    found, doubled = {}, []
    by_response = []
    for indexer in plant.of("indexer"):
        response = collections.Counter()
        for hit in indexer.listed("/v1/search", "hits", q="after:2000-01-01", sort="newest"):
            response[hit["url"]] += 1
            if found.setdefault(hit["url"], hit["id"]) != hit["id"]:
                doubled.append(hit["url"])
        doubled += [url for url, count in response.items() if count > 1]
        by_response.append(response)
    return found, doubled


def groups(plant, subscription):
    """Groups of alerts by delivery, with all their articles, over all indexers."""
    out = collections.defaultdict(set)
    for indexer in plant.of("indexer"):
        for match in indexer.listed(f"/v1/subscriptions/{subscription}/matches", "matches"):
            out[match["article"]["id"]] |= {match["article"]["id"], *match.get("copies", [])}
    return out


def told(plant):
    """subscription → article id → set of webhook-ids, and the deliveries, of what is told at once:
    digests are judged by slots.py.
    """
    out = collections.defaultdict(lambda: collections.defaultdict(set))
    taken = [
        delivery
        for delivery in plant.receiver.taken()
        if json.loads(delivery["body"])["type"] == "vigie.alert.v1"
    ]
    for delivery in taken:
        event = json.loads(delivery["body"])
        out[event["data"]["subscription"]["id"]][event["data"]["article"]["id"]].add(
            delivery["headers"]["webhook-id"]
        )
    return out, taken


def wait_quietly(condition, seconds, pause=1.0):
    deadline = time.monotonic() + seconds
    value = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except OSError:
            pass  # a service that is just starting
        time.sleep(pause)
    return value


def verify(plant, subscriptions, zombies=(), settle=SETTLE_SECONDS):
    """`subscriptions`: those that want everything, as the API gave them; `zombies`: (service name,
    from, to) in milliseconds of the newsroom's clock.
    """
    verdict = Verdict()
    wait_quietly(lambda: len(plant.newsroom.ledger()) >= plant.publish, settle, 0.5)
    ledger = plant.newsroom.ledger()
    if len(ledger) < plant.publish:
        verdict.wrong(f"the newsroom published {len(ledger)} of {plant.publish}")
    wanted = {entry["url"] for entry in ledger}
    begun = time.monotonic()
    wait_quietly(lambda: set(indexed(plant)[0]) >= wanted, settle)
    found, doubled = indexed(plant)
    verdict.figures["settle_s"] = round(time.monotonic() - begun)
    verdict.figures["published"] = len(wanted)
    lost = wanted - set(found)
    verdict.figures["lost"] = len(lost)
    verdict.figures["doubled"] = len(doubled)
    if lost:
        verdict.wrong(f"lost: {sorted(lost)[:5]} of {len(wanted)}")
    if doubled:
        verdict.wrong(f"doubled: {doubled[:5]}")
    if set(found) - wanted:
        verdict.wrong(f"articles that nobody published: {sorted(set(found) - wanted)[:5]}")
    judge_broker(plant, set(found.values()), verdict)
    judge_alerts(plant, subscriptions, set(found.values()), settle, verdict)
    judge_politeness(plant, zombies, verdict)
    return verdict


def judge_broker(plant, ids, verdict):
    """Every article that the brokers acknowledged is in the index; every page became an article or
    lies in quarantine.
    """
    articles = plant.topic_keys("articles")
    if articles is None:
        return
    missing = set(articles) - ids
    if missing:
        verdict.wrong(f"acknowledged by the brokers and not in the index: {sorted(missing)[:5]}")
    pages = set(plant.topic_keys("pages"))
    quarantined = plant.topic_keys("quarantine")
    verdict.figures["pages_acknowledged"] = len(pages)
    verdict.figures["articles_acknowledged"] = len(articles)
    verdict.figures["quarantined"] = len(set(quarantined))
    if len(pages) > len(set(articles)) + len(set(quarantined)):
        verdict.wrong(
            f"{len(pages)} pages became {len(set(articles))} articles and {len(set(quarantined))} "
            "records of quarantine"
        )


def judge_alerts(plant, subscriptions, ids, settle, verdict):
    def untold():
        delivered, _ = told(plant)
        missing = []
        for subscription in subscriptions:
            name = subscription["id"]
            covered = set()
            for members in groups(plant, name).values():
                if any(delivered[name].get(member) for member in members):
                    covered |= members
            missing += sorted(ids - covered)
        return missing

    wait_quietly(lambda: not untold(), settle)
    try:
        missing = untold()
    except OSError as error:
        missing = [str(error)]
    verdict.figures["untold"] = len(missing)
    if missing:
        verdict.wrong(f"never told: {missing[:5]}")
    delivered, taken = told(plant)
    secrets = {s["id"]: s["channels"][0]["secret"] for s in subscriptions}
    by_id = collections.defaultdict(set)
    for delivery in taken:
        event = json.loads(delivery["body"])
        subscription = event["data"]["subscription"]["id"]
        by_id[delivery["headers"]["webhook-id"]].add((subscription, event["data"]["article"]["id"]))
        if subscription in secrets and not harness.signature_is_right(
            delivery, secrets[subscription]
        ):
            verdict.wrong("a signature is wrong")
    for webhook_id, stories in by_id.items():
        if len(stories) > 1:
            verdict.wrong(f"one webhook-id, {len(stories)} alerts: {webhook_id}")
    for subscription, articles in delivered.items():
        for article, names in articles.items():
            if len(names) > 1:
                verdict.wrong(f"one alert of {article} under {len(names)} ids")
        # Two members of one group of copies must not both have been told.
        for members in groups(plant, subscription).values():
            both = [member for member in members if articles.get(member)]
            if len(both) > 1:
                verdict.wrong(f"copies told apart: {both[:3]}")
    verdict.figures["alerts"] = len(by_id)
    verdict.figures["repeats"] = len(taken) - len(by_id)


def judge_politeness(plant, zombies, verdict):
    """By the newsroom's clock. The first request of a crawler that was stopped, after it goes on,
    is its one request in flight, and counted apart.
    """
    by_host = collections.defaultdict(list)
    for request in plant.requests():
        by_host[request["host"]].append(request)
    excused = set()
    for name, _, until in zombies:
        after = [
            r
            for requests in by_host.values()
            for r in requests
            if name in r["user_agent"] and r["begin_ms"] >= until
        ]
        if after:
            excused.add(id(min(after, key=lambda r: r["begin_ms"])))
    smallest = float("inf")
    for host, requests in by_host.items():
        requests.sort(key=lambda request: request["begin_ms"])
        for before, after in zip(requests, requests[1:]):
            gap = after["begin_ms"] - before["end_ms"]
            smallest = min(smallest, gap)
            if gap >= MIN_GAP_MS - CLOCK_MS:
                continue
            if id(before) in excused or id(after) in excused:
                verdict.figures["zombie_requests"] += 1
                continue
            verdict.figures["impolite"] += 1
            verdict.wrong(
                f"{host} {before['path']} → {after['path']}: {gap:.1f} ms after "
                f"{before['user_agent'][-30:]}, {after['user_agent'][-30:]}"
            )
    verdict.figures["requests"] = sum(map(len, by_host.values()))
    verdict.figures["impolite"] += 0
    verdict.figures["smallest_gap_ms"] = round(smallest) if by_host else 0
