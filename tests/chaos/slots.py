"""Alerts that are told by the clock: one subscription a minute of the run, each with a slot of its
own, and indexers that die just as it closes. Judged by the log time of each match, as the brokers
gave it, and by what the receiver took.
"""

import collections
import datetime
import json
import sys
import threading
import time

SETTLE_SECONDS = 120
PLACE = ("time", "partition", "offset", "key")
TOLD_OF_RECORDS = (
    "match_id",
    "delivery_id",
    "match_ids",
    "first_matched_at_unix_ms",
    "held_at_unix_ms",
    "held_offset",
    "state",
    "slot",
    "alerts",
    "told_before_offset",
    "partition",
    "next_offset",
)


class Slots(threading.Thread):
    """Begins with subscribe(). At the time of each slot who may be closing it dies."""

    def __init__(self, plant, chance):
        super().__init__(daemon=True)
        self.plant, self.chance = plant, chance
        self.subscriptions = []  # (subscription, unix seconds of its slot)
        self.over = threading.Event()
        self.kills = 0

    def subscribe(self, query, count):
        """Slots are at full minutes; the first comes a minute from now or later."""
        begin = (int(time.time()) // 60 + 2) * 60
        for due in range(begin, begin + count * 60, 60):
            at = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
            told = self.plant.subscribe(f"told at {at:%H:%M}", query, f"daily@{at:%H:%M} UTC")
            self.subscriptions.append((told, due))
        self.start()
        return self

    def run(self):
        for _, due in self.subscriptions:
            if self.over.wait(max(0.0, due + self.chance.uniform(-0.3, 0.9) - time.time())):
                return
            indexers = self.plant.of("indexer")
            struck = self.chance.sample(indexers, self.chance.randint(1, len(indexers)))
            struck = [one for one in struck if one.kill()]
            self.kills += len(struck)
            time.sleep(self.chance.uniform(0.0, 0.8))
            for one in struck:
                one.start()

    def finish(self):
        """Once the last slot is over, and whoever was struck in it is back."""
        self.join(max(1.0, self.subscriptions[-1][1] + 30 - time.time()))
        self.stop()

    def stop(self):
        self.over.set()
        if self.is_alive():
            self.join(30)

    # the verdict

    def matches(self):
        """subscription → article → log time of its first match, in the order of the log."""
        out = collections.defaultdict(dict)
        for record in self.records("matches"):
            if not record["value"] or record["value"].get("unreadable"):
                continue
            article = record["value"]["article"]["article_id"]
            at = datetime.datetime.fromisoformat(record["time"])
            out[record["key"]].setdefault(article, at.timestamp())
        return out

    def records(self, topic):
        return [json.loads(line) for line in self.plant.log_command("cat", topic).splitlines()]

    def story(self, out):
        """What the log says of the subscriptions for whom something is wrong: every match, alert,
        digest, slot, position and mark of their partitions, shortened, in order.
        """
        for subscription, _ in self.subscriptions:
            print(f"--- {subscription['name']}: {subscription['id']}", file=out)
        for topic in ("matches", "deliveries", "digests"):
            for record in self.records(topic):
                value = record["value"] or {}
                short = {
                    name: value[name]
                    for name in TOLD_OF_RECORDS
                    if value.get(name) not in (None, "", 0, "0")
                }
                if "article" in value:
                    short["article_id"] = value["article"].get("article_id")
                print(topic, *(record[n] for n in PLACE), json.dumps(short), file=out)

    def digests(self):
        """subscription → the digests that the receiver took, repeats included."""
        out = collections.defaultdict(list)
        for delivery in self.plant.receiver.taken():
            event = json.loads(delivery["body"])
            if event["type"] == "vigie.digest.v1":
                out[event["data"]["subscription"]["id"]].append((delivery, event["data"]))
        return out

    def alerts(self, subscription):
        """alert id → its articles, over all indexers."""
        out = collections.defaultdict(set)
        for indexer in self.plant.of("indexer"):
            for alert in indexer.listed(f"/v1/subscriptions/{subscription}/matches", "matches"):
                out[alert["id"]] |= {alert["article"]["id"], *alert.get("copies", [])}
        return out

    def wrong(self):
        """What is not told in its slot, or told twice, too early or out of it. An entry names all
        its alerts, and shows the articles of some.
        """
        wrong = []
        matches, digests = self.matches(), self.digests()
        told_alerts = 0
        for subscription, due in self.subscriptions:
            one = subscription["id"]
            taken = digests.get(one, [])
            told = alerts_of(taken[0][1]) if taken else collections.Counter()
            told_alerts += len(told)
            name = subscription["name"]
            wrong += wrong_deliveries(name, due, taken)
            wrong += [f"{name}: {a} stands in it {n} times" for a, n in told.items() if n > 1]
            alerts = self.alerts(one)
            for alert, articles in alerts.items():
                first = min((matches[one][a] for a in articles if a in matches[one]), default=None)
                if first is None:
                    wrong.append(f"{name}: an alert without a match: {alert}")
                elif first < due and alert not in told:
                    wrong.append(f"{name}: lost {alert}, {due - first:.3f} s before the slot")
                elif first >= due and alert in told:
                    wrong.append(f"{name}: told {first - due:.3f} s before it matched")
            alerted = set().union(*alerts.values())
            wrong += [f"{name}: a match in no alert: {a}" for a in set(matches[one]) - alerted]
            wrong += [f"{name}: told, and no alert: {a}" for a in set(told) - set(alerts)]
            shown = articles_of(taken[0][1]) if taken else set()
            wrong += [f"{name}: shown, and in no alert: {a}" for a in shown - alerted]
        return wrong, told_alerts

    def judge(self, verdict):
        """Adds to the verdict what is wrong."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                wrong, told = self.wrong()
            except OSError as error:  # a service that is just starting
                wrong, told = [str(error)], 0
            if not wrong or time.monotonic() > deadline:
                break
            time.sleep(2)
        digests = self.digests()
        verdict.figures["slots"] = len(self.subscriptions)
        verdict.figures["digests"] = len(digests)
        verdict.figures["digest_repeats"] = sum(map(len, digests.values())) - len(digests)
        verdict.figures["digest_alerts"] = told
        verdict.figures["digest_alerts_unshown"] = sum(
            len(entry["alerts"]) - 1 - len(entry["others"])
            for taken in digests.values()
            for entry in taken[0][1]["entries"]
        )
        verdict.figures["slot_kills"] = self.kills
        verdict.figures["slots_wrong"] = len(wrong)
        for sentence in wrong[:10]:
            verdict.wrong(sentence)
        if wrong:
            self.story(sys.stderr)


def wrong_deliveries(name, due, taken):
    """One slot is told under one id, with one content, and not before its time."""
    ids = {delivery["headers"]["webhook-id"] for delivery, _ in taken}
    wrong = [f"{name}: told under {len(ids)} ids"] if len(ids) > 1 else []
    if len({json.dumps(data, sort_keys=True) for _, data in taken}) > 1:
        wrong.append(f"{name}: one slot, two contents")
    early = [due - delivery["at"] for delivery, _ in taken if delivery["at"] < due]
    return wrong + [f"{name}: told {seconds:.3f} s before its time" for seconds in early]


def alerts_of(data):
    """Alert id → how often it stands in a digest."""
    return collections.Counter(alert for entry in data["entries"] for alert in entry["alerts"])


def articles_of(data):
    """What a digest shows."""
    out = {entry["article"]["id"] for entry in data["entries"]}
    return out | {other["id"] for entry in data["entries"] for other in entry["others"]}


def at(plant, chance, query, count):
    """So many subscriptions that wait for their slots."""
    return Slots(plant, chance).subscribe(query, count)
