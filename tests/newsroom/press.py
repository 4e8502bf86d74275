"""What the newsroom publishes, in which order, and what each article says: pure functions of a
seed.

Stock in articles/<lang>.jsonl, one article a line: {"key", "about": "ai"|"other", "section",
"author", "title", "text": [paragraphs], "copy_title"?: headline under which the other site of that
language prints it too}. When the stock is used up, follow-ups are made from the sentences of
phrases.json, with other figures, places and days each time.
"""

import json
import pathlib
import random
import re
import urllib.parse
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).resolve().parent
EDIT_AFTER_S = 90  # a silent edit, after readers and crawlers have seen the first version
EDIT_EVERY = 7  # every so many articles is edited


@dataclass(frozen=True)
class Site:
    number: int  # its address is 127.0.10.<number>
    name: str
    language: str
    country: str
    kind: str
    affiliation: str
    feed: str  # path of the feed that its pages announce
    in_sources: tuple  # which of feed, sitemap, section the source list names
    robots: str

    @property
    def address(self):
        return f"127.0.10.{self.number}"


SITES = [
    Site(
        1,
        "The Harbour Ledger",
        "en",
        "GB",
        "newspaper",
        "independent",
        "/feed.rss",
        ("feed",),
        "User-agent: *\nDisallow: /private/\n",
    ),
    Site(
        2,
        "Meridian Wire",
        "en",
        "US",
        "agency",
        "independent",
        "/feed.json",
        ("feed",),
        "User-agent: *\nCrawl-delay: 0\nAllow: /\n",
    ),
    Site(
        3,
        "Le Courrier des Alpes",
        "fr",
        "FR",
        "newspaper",
        "independent",
        "/feed.atom",
        ("feed",),
        "User-agent: *\nDisallow: /private/\nCrawl-delay: 0\n",
    ),
    Site(
        4,
        "Der Morgenkurier",
        "de",
        "DE",
        "newspaper",
        "independent",
        "/feed.rss",
        ("feed", "section"),
        "User-agent: *\nDisallow: /private/\n",
    ),
    Site(
        5,
        "El Faro del Sur",
        "es",
        "ES",
        "newspaper",
        "independent",
        "/feed.broken.rss",
        ("feed",),
        "User-agent: *\nAllow: /\n",
    ),
    Site(
        6,
        "江岸日报",
        "zh",
        "CN",
        "newspaper",
        "state-run",
        "/feed.rss",
        ("feed",),
        "User-agent: *\nCrawl-delay: 0\n",
    ),
    Site(
        7,
        "Невский обозреватель",
        "ru",
        "RU",
        "magazine",
        "independent",
        "/feed.atom",
        ("sitemap",),
        "User-agent: *\nDisallow: /private/\n",
    ),
    Site(
        8,
        "منبر الخليج",
        "ar",
        "AE",
        "broadcaster",
        "state-funded",
        "/feed.rss",
        ("feed",),
        "User-agent: *\nDisallow: /private/\n",
    ),
]
SITE_OF = {site.number: site for site in SITES}


@dataclass(frozen=True)
class Article:
    number: int
    site: Site
    section: str
    author: str
    title: str
    paragraphs: tuple
    edited: tuple  # the paragraphs after the silent edit, () if there is none
    copy_of: int  # number of the original, -1 if it is one
    published_ms: int = 0
    edit_after_s: float = EDIT_AFTER_S

    def path(self):
        """Stable, and of the kinds that news sites use; Arabic ones are percent-encoded UTF-8."""
        if self.site.language in ("en", "fr", "de", "es"):
            slug = (
                re.sub(r"[^a-z0-9]+", "-", ascii_of(self.title.lower())).strip("-")[:60].strip("-")
            )
        elif self.site.language == "ar":
            slug = urllib.parse.quote(re.sub(r"[^\w]+", "-", self.title).strip("-")[:30])
        else:
            slug = "news"
        return f"/{self.section}/{slug}-{self.number}.html"

    def paragraphs_at(self, now_ms):
        return (
            self.edited
            if self.edited and now_ms >= self.published_ms + self.edit_after_s * 1000
            else self.paragraphs
        )


def ascii_of(text):
    table = str.maketrans("àâäáçéèêëíîïñóôöúùûüÿß", "aaaaceeeeiiinooouuuuys")
    return text.translate(table)


def read_stock(language):
    lines = (FOLDER / "articles" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


class Press:
    """The endless list of articles: article(n) is the same for the same seed."""

    def __init__(self, seed, edit_after_s=EDIT_AFTER_S):
        self.edit_after_s = edit_after_s
        self.seed = seed
        self.phrases = json.loads((FOLDER / "phrases.json").read_text(encoding="utf-8"))
        self.stock = {site.language: read_stock(site.language) for site in SITES}
        self.plan = self._plan()

    def _plan(self):
        """Stock articles in mixed order, then the copies of some, each at least five places behind
        its original.
        """
        order = random.Random(f"{self.seed} plan")
        originals = []
        for language, articles in self.stock.items():
            sites = [site for site in SITES if site.language == language]
            for index, article in enumerate(articles):
                originals.append((article, sites[index % len(sites)], -1))
        order.shuffle(originals)
        plan = list(originals)
        for article, site, _ in originals:
            if "copy_title" not in article:
                continue
            others = [
                other for other in SITES if other.language == site.language and other is not site
            ]
            at = next(i for i, entry in enumerate(plan) if entry[0] is article)
            plan.insert(
                min(len(plan), at + 5 + order.randrange(6)), (article, others[0], article["key"])
            )
        numbers = {}
        out = []
        for number, (article, site, copied) in enumerate(plan):
            if copied == -1:
                numbers[article["key"]] = number
            out.append((article, site, numbers[copied] if copied != -1 else -1))
        return out

    def article(self, number):
        if number < len(self.plan):
            article, site, copy_of = self.plan[number]
            paragraphs = list(article["text"])
            title = article["title"]
            author = article["author"]
            if copy_of >= 0:
                title, author, paragraphs = self._as_copy(article, site, paragraphs)
            return self._finish(
                number, site, article["section"], author, title, paragraphs, copy_of
            )
        return self._follow_up(number)

    def _as_copy(self, article, site, paragraphs):
        """What a desk does to an agency's text: another headline, a place line, a word here and
        there, the end cut where there is room to.
        """
        phrases = self.phrases[site.language]
        paragraphs[0] = phrases["copy_lead"] + paragraphs[0]
        if len(paragraphs) > 4:
            paragraphs.pop()
        return article["copy_title"], phrases["copy_author"], paragraphs

    def _finish(self, number, site, section, author, title, paragraphs, copy_of):
        edited = ()
        if number % EDIT_EVERY == 3:
            edited = tuple(paragraphs[:-1]) + (
                paragraphs[-1] + " " + self.phrases[site.language]["edit"],
            )
        return Article(
            number,
            site,
            section,
            author,
            title,
            tuple(paragraphs),
            edited,
            copy_of,
            edit_after_s=self.edit_after_s,
        )

    def _follow_up(self, number):
        """Facts combined anew: no two have the same figures, and seldom the same sentences in the
        same order.
        """
        site = SITES[number % len(SITES)]
        phrases = self.phrases[site.language]
        chance = random.Random(f"{self.seed} article {number}")
        facts = {
            name: chance.choice(phrases[name])
            for name in ("company", "rival", "place", "body", "person")
        }
        facts["figure"] = f"{chance.randrange(11, 989)}"
        facts["money"] = f"{chance.randrange(2, 97)}"
        facts["share"] = f"{chance.randrange(3, 71)}"
        facts["day"] = f"{chance.randrange(2, 28)}"
        facts["year"] = f"{chance.randrange(2027, 2036)}"
        facts["count"] = f"{number}"

        def fill(text):
            return text.format_map(facts)

        body = [fill(text) for text in chance.sample(phrases["bodies"], 6)]
        paragraphs = [
            fill(chance.choice(phrases["leads"])) + " " + body[0],
            body[1] + " " + body[2],
            body[3] + " " + body[4],
            body[5],
        ]
        # Some background, as desks keep it, from an article of the stock.
        background = chance.choice(
            [article for article in self.stock[site.language] if article["about"] == "ai"]
        )
        paragraphs.append(phrases["background"] + " " + chance.choice(background["text"]))
        return self._finish(
            number,
            site,
            background["section"],
            background["author"],
            fill(chance.choice(phrases["titles"])),
            paragraphs,
            -1,
        )
