"""Does every public call of a running vigie by the client that was generated of its description,
and holds each response to its schema. Run by openapi_test.py.

  calls.py OPENAPI_JSON VIGIE"""

import hashlib
import importlib
import io
import json
import pathlib
import re
import sys
import time

import jsonschema

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "field"))
from runner.vigie import Vigie  # noqa: E402
from vigie_api import Client, models, types  # noqa: E402

INTERNAL = {"peer"}  # between indexers
SCHEMAS = "#/components/schemas/"
PAGE = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>The United States widened export controls on advanced AI chips on Monday, and Nvidia said that it
would study the text, officials in Washington told reporters.</p>
<p>Producers in three countries asked for licences before they ship again.</p></article></body>
</html>
"""


def closed(schema, branch=False):
    """The schema with every object closed: what it does not name is a fault. Parts of allOf stay
    open, since the others name the rest."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key == "allOf":
            out[key] = [closed(one, branch=True) for one in value]
        elif key == "properties":
            out[key] = {name: closed(member) for name, member in value.items()}
        else:
            out[key] = closed(value) if key in ("items", "anyOf") else value
    if not branch and "additionalProperties" not in out:
        out["unevaluatedProperties"] = False
    return out


def validator_of(document):
    """name → a validator of a component."""
    schemas = document["components"]["schemas"]
    # a component stays open itself: it may be a part of allOf, and is closed where it is used
    components = {name: closed(schema, branch=True) for name, schema in schemas.items()}

    def validator(schema):
        root = {**closed(schema), "components": {"schemas": components}}
        return jsonschema.Draft202012Validator(root)

    return validator


class Calls:
    def __init__(self, document, base):
        self.document, self.client = document, Client(base_url=base, timeout=60)
        self.validator, self.faults, self.done = validator_of(document), [], set()
        self.operations = {
            operation["operationId"]: operation
            for methods in document["paths"].values()
            for operation in methods.values()
        }

    def module(self, name):
        tag = self.operations[name]["tags"][0]
        return importlib.import_module(
            f"vigie_api.api.{tag}.{re.sub('([A-Z])', lambda m: '_' + m.group(1).lower(), name)}"
        )

    def __call__(self, name, *path, **parameters):
        """The response, parsed by the generated client."""
        response = self.module(name).sync_detailed(*path, client=self.client, **parameters)
        self.done.add(name)
        self.judge(name, response)
        return response.parsed

    def judge(self, name, response):
        status, text = str(int(response.status_code)), response.content.decode("utf-8")
        described = self.operations[name]["responses"].get(status)
        if described is None or isinstance(response.parsed, models.Problem):
            self.faults.append(f"{name}: {status} is not described: {text[:200]}")
            return
        kinds = described.get("content", {})
        given = response.headers.get("content-type", "")
        if kinds and not given.startswith(tuple(kinds)):
            self.faults.append(f"{name}: {given} is none of {', '.join(kinds)}")
        for media, content in kinds.items():
            if not given.startswith(media):
                continue
            if media == "application/json":
                self.hold(name, json.loads(text), content["schema"])
            elif media == "application/x-ndjson":
                for line in text.splitlines():
                    self.hold(name, json.loads(line), content["schema"]["contentSchema"])
            if content["schema"] != {"type": "string"} and response.parsed is None:
                self.faults.append(f"{name}: the client made nothing of {text[:100]}")

    def hold(self, name, value, schema):
        for error in list(self.validator(schema).iter_errors(value))[:3]:
            self.faults.append(f"{name}: {error.json_path}: {error.message[:300]}")


def lines(*titles):
    pages = [
        {"id": title, "url": f"https://openapi.example/{i}", "html": PAGE.format(title=title)}
        for i, title in enumerate(titles)
    ]
    pages.append({"id": "empty", "url": "https://openapi.example/empty", "html": ""})
    return types.File(io.BytesIO("".join(json.dumps(p) + "\n" for p in pages).encode()))


def archive_hash(title, text):
    """As ops/spec/http_api.md has it, of a brief."""
    parts = [part.encode() for part in ("version", title, text)]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return digest.hexdigest()[:32]


def reads(call):
    """Calls of search, catalogue, log, operation and process."""
    page = call("search", q="chips", sort=models.SearchSort.NEWEST, group=models.SearchGroup.STORY)
    assert page.total.value == 2, page
    article = call("article", page.hits[0].id, q="chips")
    assert article.evidence, "the words by which the query matches"
    version = call("articleVersion", article.id, article.versions[0].id)
    assert version.version == archive_hash(version.title, version.text), "as the spec says"
    call("timeline", q="chips", interval=models.TimelineInterval.HOUR, split="language")
    assert call("trend", q="chips", field=["country"]).reason == "too_few_days"
    reading = call("reading", ids=page.hits[0].id, to="fr")
    assert reading.articles[0].names is not None and not reading.translator
    assert call("facets", field=["topic", "language"]).fields[1].field == "language"
    call("export", q="chips", fields="id,title")
    call("topic", call("topics").topics[0].id)
    call("actor", call("actors").actors[0].id)
    assert call("suggest", q="chips nvi").suggestions
    call("logTopics")
    for topic in (
        "articles",
        "pages",
        "quarantine",
        "subscriptions",
        "status",
        "sessions",
        "keys",
        "audit",
        "source_edits",
    ):
        call("log", topic, limit=5)
    for name in ("sources", "pipeline", "openapi", "metrics", "healthz", "readyz"):
        call(name)


def subscriptions(call):
    """Calls of subscriptions and their alerts."""
    channel = models.ChannelDraft(type_="webhook", url="https://nobody.invalid/hook")
    draft = models.Draft(name="Chips", query="chips", channels=[channel])
    made = call("createSubscription", body=draft)
    call("previewSubscription", body=models.PreviewRequest(query="chips", within="7d"))
    call("subscriptions")
    given = call("subscription", made.id)
    # what GET gave, as the client has it, is put back
    back = call("replaceSubscription", made.id, body=models.Draft.from_dict(given.to_dict()))
    assert back.revision == 2, back
    time.sleep(1)
    more = [f"Chips of {place}" for place in ("Busan", "Dresden")]
    call(
        "ingest",
        body=lines(*more),
        wait=models.IngestWait.VALUE_1,
        alerts=models.IngestAlerts.VALUE_1,
    )
    end = time.monotonic() + 20
    while not (alerts := call("matches", made.id, limit=5).matches) and time.monotonic() < end:
        time.sleep(0.3)
    assert alerts, "the pages were put in with alerts=1"
    call("deliveries", made.id)
    call("feed", made.id)
    call("feedJson", made.id)
    assert [one.action for one in call("subscriptionHistory", made.id).changes] == [
        "replaceSubscription",
        "createSubscription",
    ]
    call("testSubscription", made.id)
    call("replayMatch", made.id, alerts[0].id)
    call("deleteSubscription", made.id)
    unsubscribing(call)


def unsubscribing(call):
    """Nobody was sent a mail here whose address could be shown."""
    address = {"subscription": "none", "channel": "none", "token": "none"}
    call("askUnsubscribe", **address)
    ended = call.module("unsubscribe").sync_detailed(client=call.client, **address)
    assert int(ended.status_code) == 404, ended
    call.done.add("unsubscribe")


def collections(call):
    """Calls of collections and briefs."""
    article = call("search", q="chips").hits[0].id
    made = call("createCollection", body=models.NewCollection(name="Monday"))
    item = models.NewItem(article=article, note="why")
    given = call("addToCollection", made.id, body=item)
    # what GET gave, as the client has it, is put back
    draft = models.CollectionDraft.from_dict(given.to_dict())
    assert call("replaceCollection", made.id, body=draft).revision == 3
    call("collection", made.id)
    assert call("collections", article=article).collections
    call("brief", made.id)
    call("sharedBrief", call("shareCollection", made.id).path.removeprefix("/b/"))
    call("unshareCollection", made.id)
    call("deleteCollection", made.id)


def searches(call):
    """Calls of saved searches and of what was seen."""
    draft = models.SavedSearchDraft(name="Chips", query="chips", home=True)
    made = call("saveSearch", body=draft)
    listed = call("savedSearches")
    assert [one.id for one in listed.searches] == [made.id], listed
    assert listed.home_query == "chips", listed
    changed = models.SavedSearchDraft.from_dict({**draft.to_dict(), "home": False})
    assert call("replaceSavedSearch", made.id, body=changed).home is False
    article = call("search", q="chips").hits[0].id
    call("markSeen", body=models.SeenMark(ids=[article]))
    assert call("seen", ids=article).seen == [article]
    assert call("unreadCounts").unread[0].stories is not None
    assert call("seeSavedSearch", made.id).seen_until >= made.seen_until
    call("deleteSavedSearch", made.id)


def operation(call):
    record = call("quarantine").records[0]
    call("quarantineRecord", record.id)
    call("quarantineReplay", record.id)
    call(
        "command",
        body=models.CommandRequest(action=models.CommandRequestAction.PAUSE, target="none"),
    )
    call("control")
    call("conditions")
    call("startSession", body=models.Session(key="none is needed"))
    call("endSession")
    call("sessions")
    # where no key is asked for nobody has a session that could be ended
    call("freeze")
    call("thaw")
    missing(call, "endSessionById")


def missing(call, name):
    """A call on what is not there."""
    response = call.module(name).sync_detailed("none", client=call.client)
    assert int(response.status_code) == 404, response
    call.done.add(name)


def people(call):
    """Calls of keys, feeds and audit, where no key is asked for."""
    assert call("session").by == "loopback"
    made = call("createKey", body=models.KeyDraft(name="Ana", role=models.KeyDraftRole.READER))
    assert made.key.startswith("vigie_"), made
    assert [key.name for key in call("keys").keys] == ["Ana"]
    call("revokeKey", made.id)
    assert [entry.action for entry in call("audit", who="local", limit=2).entries] == [
        "revokeKey",
        "createKey",
    ]
    feed = call("createFeed", body=models.FeedDraft(query="chips"))
    assert feed.id is None and feed.atom.endswith("/v1/feed.atom?q=chips"), feed
    assert not call("feeds").feeds, "without keys a feed has no token"
    missing(call, "deleteFeed")
    call("searchFeed", q="chips")
    call("searchFeedJson", q="chips", limit=1)


def sources(call):
    """Sources of people; nobody crawls here, so that no address is looked at."""
    draft = models.SourceDraft(
        name="Ledger",
        homepage="https://ledger.invalid/",
        feeds=["https://ledger.invalid/feed.xml"],
    )
    added = call("addSource", body=draft)
    assert call("source", added.id).own
    changed = call("changeSource", added.id, body=models.SourceChange(country="GB"))
    assert changed.edit.revision == 2, changed
    call("pollSource", added.id)
    call("exportSources")
    listed = b'<opml><body><outline text="A" xmlUrl="https://a.invalid/f"/></body></opml>'
    done = call("importSources", body=types.File(io.BytesIO(listed)))
    assert len(done.added) == 1, done
    call("removeSource", added.id)
    request = models.DiscoverRequest(url="ledger.invalid")
    found = call.module("discoverSource").sync_detailed(client=call.client, body=request)
    assert int(found.status_code) in (200, 503), found
    call.done.add("discoverSource")


def stream(call):
    """A stream does not end: its beginning is read."""
    request = call.module("stream")._get_kwargs(q="chips")
    with call.client.get_httpx_client().stream(**request) as response:
        first = next(response.iter_text())
    call.done.add("stream")
    if response.status_code != 200 or not first.startswith("retry:"):
        call.faults.append(f"stream: {response.status_code} {first[:100]}")


def main(document, program):
    document = json.loads(pathlib.Path(document).read_text(encoding="utf-8"))
    with Vigie(pathlib.Path(program)) as vigie:
        call = Calls(document, vigie.base)
        summary = call(
            "ingest", body=lines("Chips one", "Chips two"), wait=models.IngestWait.VALUE_1
        )
        assert (summary.read, summary.quarantined) == (3, 1), summary
        reads(call)
        subscriptions(call)
        collections(call)
        searches(call)
        operation(call)
        people(call)
        sources(call)
        stream(call)
        served = vigie.call("GET", "/openapi.json")["json"]
    if {**served, "info": None} != {**document, "info": None}:
        call.faults.append("/openapi.json is not the document of the build")
    missed = set(call.operations) - call.done - INTERNAL
    call.faults += [f"{name} was not called" for name in sorted(missed)]
    for fault in call.faults:
        print(f"FAIL: {fault}")
    print(f"{len(call.done)} calls by the generated client, {len(call.faults)} faults")
    return 1 if call.faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
