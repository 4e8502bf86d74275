"""People at the pages of the indexers: they keep stories, save searches, mark what they saw, add
sources, make keys, subscribe, sign in and out, while the services die. What they were answered is
written down here, and judged at every indexer in the end.
"""

import collections
import dataclasses
import http.client
import http.cookies
import json
import random
import threading
import time

from plant import ROOT_KEY

PAUSE_SECONDS = (0.05, 0.4)
LEAST_ANSWERED, LAST_SECONDS = 40, 15
SETTLE_SECONDS = 15
MOST = {
    "collections": 4,
    "searches": 40,
    "sources": 8,
    "keys": 60,
    "subscriptions": 60,
    "sessions": 40,
}
REMOVED = {"searches": 0.2, "keys": 0.4, "subscriptions": 0.3, "sources": 0.0}


@dataclasses.dataclass
class Session:
    """Of somebody who signed in, and was answered."""

    cookie: str
    key: str | None  # the id of the key that was shown; None: the admin's
    maybe_ended: bool = False
    ended: bool = False

    def shown(self):
        return {"cookie": f"vigie_session={self.cookie}"}


class People(threading.Thread):
    """One thread, whose calls go to any indexer. A call without a response may have been made or
    not; one with a response was.
    """

    def __init__(self, plant, seed):
        super().__init__(daemon=True)
        self.plant = plant
        self.chance = random.Random(seed)
        self.over = threading.Event()
        self.number = 0
        self.articles = []
        self.made = collections.defaultdict(dict)  # kind → name → id
        self.tried = collections.defaultdict(set)  # kind → names
        self.removed = collections.defaultdict(set)  # kind → ids
        self.maybe_removed = collections.defaultdict(set)
        self.added = collections.defaultdict(set)  # collection → articles
        self.maybe_added = collections.defaultdict(set)
        self.seen = set()
        self.key_texts = {}  # of a key that was made: name → what is shown
        self.sessions = {}  # of who signed in: name → Session
        self.signed_in = set()  # names under which somebody tried
        self.figures = collections.Counter()
        self.problems = []

    def run(self):
        acts = [
            self.collect,
            self.see,
            lambda: self.change("searches", {"query": "chips"}),
            lambda: self.change("keys", {"role": "reader"}),
            lambda: self.change("subscriptions", {"query": "nothingofthekind", "channels": []}),
            lambda: self.change("sources", self.source()),
            self.sign_in,
            self.sign_out,
        ]
        while not self.over.wait(self.chance.uniform(*PAUSE_SECONDS)):
            try:
                self.chance.choice(acts)()
            except (OSError, http.client.HTTPException):
                self.figures["unanswered"] += 1

    def finish(self):
        """Once nothing strikes any more they go on for a moment, so that there is what to judge
        where services had hardly started before they died again.
        """
        deadline = time.monotonic() + LAST_SECONDS
        while self.figures["answered"] < LEAST_ANSWERED and time.monotonic() < deadline:
            time.sleep(0.2)
        self.stop()

    def stop(self):
        self.over.set()
        self.join(60)

    def ask(self, method, path, body=None, headers=None, right=()):
        """Status, headers and body, where there was a response at all. `right`: refusals beside
        those that every call may meet.
        """
        there = [indexer for indexer in self.plant.of("indexer") if indexer.address()]
        if not there:
            raise OSError("no indexer is there")
        indexer = self.chance.choice(there)
        status, said, body = indexer.call(method, path, body, timeout=10, headers=headers)
        if status >= 400 and status not in (404, 409, 429, 503, 507, *right):
            self.problems.append(f"{method} {path}: {status} {body[:200]!r}")
        if status < 300 and method != "GET":
            self.figures["answered"] += 1
        return status, said, body

    def call(self, method, path, body=None):
        status, _, body = self.ask(method, path, body)
        return status, json.loads(body) if body else None

    def source(self):
        # Nobody is there: what is said of a source is what is judged, not what it gives.
        base = f"http://127.0.0.1:9/{self.number}"
        return {"homepage": base, "feeds": [base + ".xml"], "language": "en"}

    def change(self, kind, draft):
        """Makes one of a name that nobody else gives, or removes one."""
        mine = self.made[kind]
        there = [i for i in mine.values() if i not in self.maybe_removed[kind]]
        if there and self.chance.random() < REMOVED[kind]:
            one = self.chance.choice(there)
            self.maybe_removed[kind].add(one)
            status, _ = self.call("DELETE", f"/v1/{kind}/{one}")
            if status in (200, 204):
                self.removed[kind].add(one)
            return
        if len(there) >= MOST[kind]:
            return
        self.number += 1
        name = f"{kind}-{self.number}"
        self.tried[kind].add(name)
        status, said = self.call("POST", f"/v1/{kind}", {"name": name, **draft})
        if status == 201:
            mine[name] = said["id"]
            if kind == "keys":
                self.key_texts[name] = said["key"]

    def sign_in(self):
        """With the admin's key, or one that somebody made and nobody revokes meanwhile."""
        mine = self.made["keys"]
        named = [n for n in self.key_texts if mine[n] not in self.maybe_removed["keys"]]
        there = [one for one in self.sessions.values() if not one.maybe_ended]
        if len(there) >= MOST["sessions"]:
            return
        by = self.chance.choice(named) if named and self.chance.random() < 0.5 else None
        self.number += 1
        name = f"browser-{self.number}"
        self.signed_in.add(name)
        key = self.key_texts[by] if by else ROOT_KEY
        # 401: an indexer that hears late of a key that another made (KNOWN_LIMITS.md)
        status, said, _ = self.ask(
            "POST", "/v1/session", {"key": key}, {"user-agent": name}, right=(401,)
        )
        if status != 204:
            return
        cookie = http.cookies.SimpleCookie(said["set-cookie"])["vigie_session"].value
        self.sessions[name] = Session(cookie, mine[by] if by else None)

    def sign_out(self):
        there = [name for name, one in self.sessions.items() if not one.maybe_ended]
        if not there or self.chance.random() < 0.5:
            return
        one = self.sessions[self.chance.choice(there)]
        one.maybe_ended = True
        status, _, _ = self.ask("DELETE", "/v1/session", None, one.shown())
        one.ended = status == 204

    def collect(self):
        mine = self.made["collections"]
        if len(mine) < MOST["collections"] and self.chance.random() < 0.3:
            return self.make_collection()
        if not mine or not self.know_articles():
            return None
        name = self.chance.choice(sorted(mine))
        article = self.chance.choice(self.articles)
        self.maybe_added[name].add(article)
        status, _ = self.call("POST", f"/v1/collections/{mine[name]}/items", {"article": article})
        if status in (200, 201):
            self.added[name].add(article)
        return None

    def make_collection(self):
        self.number += 1
        name = f"collection-{self.number}"
        self.tried["collections"].add(name)
        status, said = self.call("POST", "/v1/collections", {"name": name})
        if status == 201:
            self.made["collections"][name] = said["id"]

    def see(self):
        if not self.know_articles():
            return
        article = self.chance.choice(self.articles)
        if self.call("POST", "/v1/seen", {"ids": [article]})[0] == 204:
            self.seen.add(article)

    def know_articles(self):
        if len(self.articles) < 10:
            status, said = self.call("GET", "/v1/search?q=after:2000-01-01&limit=20")
            if status == 200:
                self.articles = sorted({hit["id"] for hit in said["hits"]})
        return self.articles

    # the verdict

    def wrong_at(self, indexer):
        """What was answered and is not there, or there twice, or there though it was removed."""
        wrong = []
        for kind in ("collections", "searches", "keys", "subscriptions"):
            listed = indexer.get(f"/v1/{kind}")[kind]
            names = collections.Counter(one["name"] for one in listed)
            ids = {one["id"] for one in listed}
            wrong += [f"{kind}: twice {name}" for name, count in names.items() if count > 1]
            gone = self.maybe_removed[kind]
            wrong += [
                f"{kind}: lost {name}"
                for name, one in self.made[kind].items()
                if one not in gone and one not in ids
            ]
            wrong += [f"{kind}: {one} was removed" for one in self.removed[kind] & ids]
            wrong += [
                f"{kind}: nobody made {name}"
                for name in names
                if name.startswith(kind[:6]) and name not in self.tried[kind]
            ]
        wrong += self.wrong_items(indexer) + self.wrong_sources(indexer) + self.wrong_seen(indexer)
        return wrong + self.wrong_sessions(indexer) + self.wrong_audit(indexer)

    def wrong_sessions(self, indexer):
        """Who signed in is, once, until they signed out or their key was revoked."""
        wrong = []
        listed = collections.Counter(
            one["user_agent"] for one in indexer.get("/v1/sessions")["sessions"]
        )
        wrong += [f"sessions: twice {name}" for name, count in listed.items() if count > 1]
        wrong += [f"sessions: nobody was {name}" for name in set(listed) - self.signed_in]
        for name, one in self.sessions.items():
            opens = indexer.call("GET", "/v1/session", headers=one.shown())[0] == 200
            if opens and (one.ended or one.key in self.removed["keys"]):
                wrong.append(f"sessions: {name} ended and opens")
            if not opens and not one.maybe_ended and one.key not in self.maybe_removed["keys"]:
                wrong.append(f"sessions: lost {name}")
            if one.ended and name in listed:
                wrong.append(f"sessions: {name} ended and is listed")
        return wrong

    def wrong_items(self, indexer):
        wrong = []
        for name, one in self.made["collections"].items():
            items = collections.Counter(
                item["article"] for item in indexer.get(f"/v1/collections/{one}")["items"]
            )
            wrong += [f"{name}: twice {item}" for item, count in items.items() if count > 1]
            wrong += [f"{name}: lost {item}" for item in self.added[name] - set(items)]
            wrong += [f"{name}: nobody kept {i}" for i in set(items) - self.maybe_added[name]]
        return wrong

    def wrong_sources(self, indexer):
        wrong = []
        for name, one in self.made["sources"].items():
            status, _, body = indexer.call("GET", f"/v1/sources/{one}")
            said = json.loads(body)["edit"] if status == 200 else None
            if not said or said["name"] != name:
                wrong.append(f"sources: lost {name}")
        return wrong

    def wrong_seen(self, indexer):
        if not self.seen:
            return []
        seen = indexer.get("/v1/seen", ids=",".join(sorted(self.seen)))["seen"]
        return [f"seen: lost {article}" for article in self.seen - set(seen)]

    def wrong_audit(self, indexer):
        """Each key and subscription that was made is in the audit once, and who signed in, too."""
        wrong = []
        begun = indexer.listed("/v1/audit", "entries", action="startSession")
        if not len(self.sessions) <= len(begun) <= len(self.signed_in):
            wrong.append(
                f"audit: {len(begun)} entries of {len(self.sessions)} sessions, "
                f"{len(self.signed_in)} tries"
            )
        objects = collections.Counter(entry["object"] for entry in begun if entry["object"])
        wrong += [f"audit: {n} entries of session {one}" for one, n in objects.items() if n > 1]
        for kind, action in (("keys", "createKey"), ("subscriptions", "createSubscription")):
            made = collections.Counter(
                entry["object"]
                for entry in indexer.listed("/v1/audit", "entries", action=action)
                if entry["outcome"] == "done"
            )
            wrong += [
                f"audit: {made[one]} entries of {action} {name}"
                for name, one in self.made[kind].items()
                if made[one] != 1
            ]
        return wrong

    def state_at(self, indexer):
        """What every indexer must say alike."""
        out = {}
        for kind in ("collections", "searches", "keys", "subscriptions"):
            out[kind] = sorted(
                (one["id"] or "", one["name"], one.get("revision", 0))
                for one in indexer.get(f"/v1/{kind}")[kind]
            )
        return out

    def judge(self, verdict):
        """Adds to the verdict what is wrong at any indexer, and whether they differ."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                indexers = self.plant.of("indexer")
                wrong = [f"{i.name}: {what}" for i in indexers for what in self.wrong_at(i)]
                states = [self.state_at(indexer) for indexer in indexers]
                if any(state != states[0] for state in states):
                    wrong.append("two indexers say different things of what people made")
            except OSError as error:
                wrong = [str(error)]
            if not wrong or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        verdict.figures["people_answered"] = self.figures["answered"]
        verdict.figures["people_unanswered"] = self.figures["unanswered"]
        verdict.figures["sessions"] = len(self.sessions)
        verdict.figures["people_wrong"] = len(wrong)
        for sentence in [*wrong[:10], *self.problems[:10]]:
            verdict.wrong(sentence)


def at(plant, seed):
    """People who have begun."""
    people = People(plant, seed)
    people.start()
    return people
