#!/usr/bin/env python3
"""Writes actors/countries-*.yaml of the pack from Unicode CLDR and the hand-written
actors/countries/.

    ops/topics/generate_countries.py [--cldr FOLDER] [--pack FOLDER] [--check]

CLDR gives names of countries in every language of `languages`, and in the languages of `places` the
cities that stand for time zones and the regions that countries.yaml selects. What people write by
hand (demonyms, governments, more cities, exclusions) joins them. Names of places count half: `low`.
Needs Debian's unicode-cldr-core (the data), python3-yaml and icu-devtools (uconv, to know
traditional from simplified Chinese). The same input gives the same bytes; --check says whether the
files are those.
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree

import yaml

HERE = pathlib.Path(__file__).resolve().parent
MAX_LINE = 180  # columns; a flow list goes on in the next line
MAX_LINES = 760  # of one file; the pack allows 800
CASES = ("ru", "uk", "pl", "el")  # places in these get open endings, as names do in the reader
LATIN = ("en", "fr", "de", "es", "pt", "it", "pl", "tr", "nl")
VOWELS = "aeiouyаеиоуыэюяйьіїєαεηιουωσς"  # the last letter that case endings replace


# --- text ----------------------------------------------------------------------------------------


def folded(text):
    """Near enough to the fold of articles to see that two forms are the same."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("ʼ’‘´–", "''''-"))
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", text).replace("ı", "i").replace("ł", "l").replace("ø", "o")


def script(text):
    for c in text:
        if c.isalpha():
            return unicodedata.name(c, "LATIN").split()[0]
    return "LATIN"


def plain(pattern):
    """The words of a pattern, without its signs."""
    return folded(pattern.replace("*", "").replace("~", "").lstrip("="))


def convert(texts, transform):
    """Chinese texts in the other characters, by ICU."""
    done = subprocess.run(
        ["uconv", "-x", transform],
        input="\n".join(texts),
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    return dict(zip(texts, done.split("\n")))


SHORT = 5  # letters; the endings of a shorter stem are written out: "Чит~" would be читает too
ENDINGS = {
    "ru": {
        "а": "а ы е у ой",
        "я": "я и е ю ей",
        "й": "й я ю е ем",
        "ь": "ь и и ью",
        "": " а у е ом",
    },
    "uk": {"а": "а и і у ою", "я": "я ї і ю єю", "й": "й я ю ї єм", "ь": "ь і ю", "": " а у і ом"},
    "pl": {"a": "a y ie ę ą ze", "": " u ie em"},
    "el": {"α": "α ας", "η": "η ης", "ο": "ο ου", "": ""},
}


def open_word(word, language):
    """One word of a name with open endings; short ones stay as they are."""
    if len(word) < (3 if language == "el" else 4):
        return word
    if (
        language in ("ru", "uk")
        and len(word) >= 5
        and re.search("(ая|яя|[иыо]й|[оеыи]е|[аеі]|ий)$", word)
    ):
        long = word[-2:] in ("ая", "яя", "ий", "ый", "ой", "ое", "ее", "ые", "ие")
        return word[: -2 if long else -1] + "~"
    stem = (word[:-1] if folded(word[-1]) in VOWELS else word).rstrip("ʼ’'")
    return stem + "~" if stem else word


def cases_of(word, language):
    """A single name in its cases, as one pattern."""
    if word.isupper():
        return word
    stem = (word[:-1] if folded(word[-1]) in VOWELS else word).rstrip("ʼ’'")
    if len(stem) >= SHORT:
        return stem + "~"
    endings = ENDINGS[language]
    last = folded(word[-1]) if word[-1] != "й" else "й"
    if last in endings:
        return "|".join(dict.fromkeys(stem + e for e in endings[last].split(" ")))
    if stem == word:
        return "|".join(dict.fromkeys(stem + e for e in endings[""].split(" ")))
    return word


def open_endings(text, language):
    """The place whatever its case, and in Slavic languages its adjective: patterns."""
    if " " in text or "-" in text:
        return [" ".join(open_word(word, language) for word in text.split(" "))]
    if language == "pl" and re.search(r"[scz]kie?$", text):
        return [text.rstrip("e").rstrip("i").lower() + "*"]  # mazowieckie, charkowski
    if language in ("ru", "uk"):
        stem = open_word(text, language).rstrip("~") if len(text) >= 6 else text
        if re.search(r"([сц]к|[сцз]ьк)$", stem):
            return [stem.lower() + "~"]  # Челябинск, челябинский
        out = [cases_of(text, language)]
        if language == "uk" and re.search(r"[ії]в$", text):
            out.append(text[:-2] + {"і": "о", "ї": "є"}[text[-2]] + "в~")
        stem = (text[:-1] if text[-1] in "аяьй" else text).rstrip("ʼ’'")
        if re.search(r"[бвгджзклмнпрстфхцчшщ]$", stem) and len(stem) > 3:
            out.append(stem.lower() + ("ськ~" if language == "uk" else "ск~"))
        return out
    return [cases_of(text, language)]


# --- CLDR ----------------------------------------------------------------------------------------

ODD_ZONES = {"gazastrp": "PS", "hebron": "PS", "jeruslm": "IL"}  # the others begin with the code


class Cldr:
    """The XML files of Unicode CLDR (common/)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not (self.folder / "main" / "en.xml").is_file():
            sys.exit(f"{folder}: no CLDR there; apt-get install unicode-cldr-core, or give --cldr")
        self.territory = {}  # zone → ISO code
        self.english = {}  # zone → its city in English, where CLDR has no other word
        for zone in self.tree("bcp47/timezone").iter("type"):
            code = ODD_ZONES.get(zone.get("name"), zone.get("name")[:2].upper())
            aliases = [a for a in zone.get("alias", "").split() if re.match("[A-Z][a-z]+/[A-Z]", a)]
            if code in ("AQ", "UN") or not aliases or aliases[0].startswith(("Etc", "System")):
                continue
            self.english[aliases[0]] = aliases[0].split("/")[-1].replace("_", " ")
            self.territory.update({alias: code for alias in aliases})

    def tree(self, name):
        return xml.etree.ElementTree.parse(self.folder / f"{name}.xml").getroot()

    @staticmethod
    def text(element):
        text = (element.text or "").strip()
        bad = element.get("draft") == "unconfirmed" or "↑" in text or text.isdigit()
        return "" if bad else text

    def territories(self, language):
        """ISO code → the name, and its short and variant forms."""
        out = collections.defaultdict(dict)
        for element in self.tree(f"main/{language}").iter("territory"):
            if re.fullmatch("[A-Z]{2}", element.get("type")) and self.text(element):
                out[element.get("type")][element.get("alt", "")] = self.text(element)
        return out

    def cities(self, language, skipped=()):
        """(ISO code, city) of each time zone."""
        names = dict(self.english) if language == "en" else {}
        for zone in self.tree(f"main/{language}").iter("zone"):
            name = zone.find("exemplarCity")
            if name is not None and zone.get("type") in self.territory:
                names[zone.get("type")] = self.text(name)
        for zone, name in names.items():
            if (
                name
                and not re.search("[,،、(]", name)
                and zone.count("/") == 1
                and zone not in skipped
            ):
                yield self.territory[zone], name

    def regions(self, language):
        """Code of ISO 3166-2 in lower case without hyphen → name."""
        path = self.folder / "subdivisions" / f"{language}.xml"
        if not path.is_file():
            return {}
        found = self.tree(f"subdivisions/{language}").iter("subdivision")
        return {
            e.get("type"): self.text(e)
            for e in found
            if 0 < len(self.text(e)) <= 32 and ":" not in self.text(e)
        }


def generic_words(rule):
    """What is cut out of the name of a region, as one regular expression."""

    def either(key):
        return "|".join(map(re.escape, sorted(rule[key], key=len, reverse=True)))

    parts = []
    if "words" in rule:
        parts.append(rf"(?<!\w)(?:{either('words')})(?!\w)")
    if "before" in rule:
        parts.append(rf"^(?:{either('before')}) ?(?:{either('joints')})(?:(?<=[’']) ?|\s)")
    if "ends" in rule:
        parts.append(rf"(?<=..)(?:{either('ends')})$")
    return re.compile("|".join(parts), re.I)


# --- the hand-written part -----------------------------------------------------------------------


def actors_beside(folder):
    """Id → actor, of the hand-written files of a pack."""
    files = [p for p in folder.glob("*.yaml") if not p.name.startswith("countries-")]
    read = [yaml.safe_load(p.read_text(encoding="utf-8"))["actors"] for p in sorted(files)]
    return {actor["id"]: actor for actors in read for actor in actors}


def forms_of(actor):
    """(language, form) of the names of an actor that need no context."""
    for key in ("name", "forms"):
        value = actor.get(key, {})
        for language, forms in (value if isinstance(value, dict) else {"any": value}).items():
            for form in forms if isinstance(forms, list) else [forms]:
                if form not in actor.get("unsure", ()):
                    yield language, form


class Hand:
    """actors/countries/*.yaml."""

    def __init__(self, folder):
        def load(name):
            return yaml.safe_load((folder / name).read_text(encoding="utf-8"))

        self.countries = {c["id"].split(":")[1]: c for c in load("countries.yaml")["countries"]}
        rules = load("rules.yaml")
        self.languages, self.places = rules["languages"], rules["places"]
        self.skipped = set(rules["skipped_zones"])
        self.generic = {k: generic_words(v) for k, v in rules["generic"].items()}
        self.empty = {folded(w) for w in rules["empty"]}
        self.strange = rules["strange"]
        self.ambiguous = {"any": set()}
        for language, words in rules["ambiguous"].items():
            self.ambiguous[language] = {folded(w) for w in words}
        self.forms = collections.defaultdict(lambda: collections.defaultdict(list))
        self.low = collections.defaultdict(lambda: collections.defaultdict(list))
        for name, where in (
            ("demonyms-latin.yaml", self.forms),
            ("demonyms-other.yaml", self.forms),
            ("governments.yaml", self.low),
        ):
            for language, states in load(name).items():
                for code, forms in states.items():
                    where[code][language] += forms
        self.cities = load("cities.yaml")["cities"]
        self.institutions = {}  # ISO code → [(language, form)] of the actors that stand for it
        actors = actors_beside(folder.parent)
        for code, ids in load("institutions.yaml").items():
            self.institutions[code] = [form for i in ids for form in forms_of(actors[i])]

    def is_ambiguous(self, form, language):
        return form in self.ambiguous["any"] or form in self.ambiguous.get(language, ())


# --- joining -------------------------------------------------------------------------------------


def name_of(variants, code):
    """The name to show: the short one where the long one says whose region it is."""
    name = variants.get("")
    if code in ("HK", "MO", "PS", "MM") and "short" in variants:
        name = variants["short"]
    name = re.sub(r"\s*[(（].*?[)）]", "", name or "").strip()
    # The reader opens the ends of words, which are letters then.
    return None if re.search(r"[’ʼ'-]\w?(\s|$)|\.\w\.", name) else name


def other_names(name, language):
    """Spellings of a name that news uses beside it."""
    out = []
    if " & " in name:
        out.append(name.replace(" & ", " and "))
    if language == "en" and name.startswith("St. "):
        out += [n.replace("St. ", s) for n in [name] + out for s in ("Saint ", "St ")]
    if language == "ru" and "о-ва" in name:
        out.append(name.replace("о-ва", "острова"))
    if language == "ar" and name.startswith("ال"):
        out.append("لل" + name[2:])
    if language in CASES and (" " in name or 2 < len(name) < 5):
        out += open_endings(name, language)
    return out


def bare(region, language, rule):
    """A region without the word for its kind: Oblast Tscheljabinsk → Tscheljabinsk."""
    region = re.sub(r"\s*[(（].*?[)）]|²", "", region).strip()
    if rule is None:
        return region
    short = re.sub(r"\s+", " ", rule.sub(" ", region)).strip(" '’-")
    return short if len(short) >= (2 if language in ("zh", "ja", "ko") else 3) else region


class Gazetteer:
    def __init__(self, cldr, hand):
        self.hand = hand
        self.names = collections.defaultdict(dict)  # code → language → name
        self.forms = collections.defaultdict(lambda: collections.defaultdict(list))
        self.low = collections.defaultdict(lambda: collections.defaultdict(list))
        self.read_names(cldr)
        for code in hand.countries:
            for language, forms in hand.forms[code].items():
                self.forms[code][language] += forms
        self.claimed = self.claims()
        self.read_places(cldr)
        self.simplify()
        self.unsure = collections.defaultdict(set)  # code → forms
        self.set_strange_apart()
        for code, country in hand.countries.items():
            for language in country.get("exact", ()):
                if language in self.names[code]:  # the reader opens no name that is unsure
                    self.unsure[code].add(self.names[code][language])
                    self.forms[code][language].append("=" + self.names[code][language])

    def read_names(self, cldr):
        for language in self.hand.languages:
            found = cldr.territories(language)
            for code, country in self.hand.countries.items():
                name = name_of(found.get(code, {}), code)
                short = script(name or "") == "LATIN" and len(name or "") < 3
                if not name or short or self.is_dropped(country, name, language):
                    continue
                self.names[code][language] = name
                more = [v for k, v in found[code].items() if k and "(" not in v]
                for form in more + [o for n in [name] + more for o in other_names(n, language)]:
                    known = {n for n in self.names[code].values()} | {
                        w for w in country.get("unsure", ())
                    }
                    if form not in known and not self.is_dropped(country, form, language):
                        self.forms[code][language].append(form)
        for code, variants in cldr.territories("zh_Hant").items():
            name = name_of(variants, code)
            if code in self.names and name and name != self.names[code].get("zh"):
                self.forms[code]["zh"].append(name)

    @staticmethod
    def is_dropped(country, name, language):
        drop = country.get("drop", {})
        words = drop.get(language, []) + drop.get("any", [])
        return any(folded(name) == folded(w) for w in words)

    def claims(self):
        """(language, folded word) of what countries are called; a place has no right to these."""
        out = set()  # in Arabic without the article, too: Yunnan is no Greece
        for code in self.hand.countries:
            unsure = self.hand.countries[code].get("unsure", ())
            out |= {
                (language, plain(name))
                for language, name in self.names[code].items()
                if name not in unsure
            }
            out |= {
                (language, plain(form))
                for language, forms in self.forms[code].items()
                for form in forms
            }
        return out | {(language, word[2:]) for language, word in out if word.startswith("ال")}

    def read_places(self, cldr):
        found = collections.defaultdict(set)  # (language, folded) → codes
        places = []
        for language in self.hand.places:
            rule = self.hand.generic.get(language)
            for code, city in cldr.cities(language, self.hand.skipped):
                places.append((code, language, bare(city, language, None)))
            regions = cldr.regions(language)
            for code, country in self.hand.countries.items():
                for region in country.get("regions", []):
                    name = regions.get(code.lower() + region)
                    keep = language in country.get("whole_regions", ())
                    if name:
                        places.append(
                            (code, language, bare(name, language, None if keep else rule))
                        )
        for city in self.hand.cities:
            for language, names in city.items():
                names = names if isinstance(names, list) else [names]
                into = [language] if language != "latin" else [w for w in LATIN if w not in city]
                if language != "in":
                    places += [(city["in"], w, name) for w in into for name in names]
        self.mine = {
            (c["in"], plain(str(n)))
            for c in self.hand.cities
            for v in c.values()
            for n in (v if isinstance(v, list) else [v])
        }
        for code, _, name in places:
            found[plain(name)].add(code)
        for code, language, name in places:
            key = plain(name)
            mine = (code, key) in self.mine
            if code not in self.hand.countries or key in self.hand.empty:
                continue
            if (language, key) in self.claimed or ("any", key) in self.claimed:
                continue
            if not mine and (len(found[key]) > 1 or self.hand.is_ambiguous(key, language)):
                continue
            if not mine and self.is_dropped(self.hand.countries[code], name, language):
                continue
            self.add_place(code, language, name)
        for code in self.hand.countries:
            for language, forms in self.hand.low[code].items():
                self.low[code][language] += forms
            for language, form in self.hand.institutions.get(code, ()):
                if not self.says_it(code, form):
                    if language in CASES and not re.search("[~*=]", form):
                        self.low[code][language] += open_endings(form, language)[:1]
                    else:
                        self.low[code][language].append(form)

    def set_strange_apart(self):
        """Forms that are everyday words of another language count beside the country's other names
        alone, and not at all where their own language is no language of places."""
        for code in self.hand.countries:
            parts = (self.names[code], self.forms[code], self.low[code])
            forms = collections.defaultdict(set)
            for language, value in ((k, v) for part in parts for k, v in part.items()):
                texts = value if isinstance(value, list) else [value]
                forms[language] |= {plain(form) for text in texts for form in text.split("|")}
            for language, words in self.hand.strange.items():
                words = set(words) - forms[language] - forms["any"]
                self.unsure[code] |= self.take_apart(code, words)

    def take_apart(self, code, words):
        """The forms among `words`, in languages of places; others are dropped."""
        out = set()
        for part in (self.forms[code], self.low[code]):
            for language, forms in part.items():
                found = [f for f in forms if words & set(map(plain, f.split("|")))]
                part[language] = [f for f in forms if f not in found]
                if language in self.hand.places:
                    out |= set(found)
        for language, name in list(self.names[code].items()):
            if plain(name) in words and language in self.hand.places:
                out.add(name)
            elif plain(name) in words:
                del self.names[code][language]
        return out

    def says_it(self, code, form):
        """Whether the country's own name stands in the form: alone it counts more."""
        words = f" {plain(form)} "
        own = list(self.names[code].values())
        own += [f for forms in self.forms[code].values() for f in forms]
        for name in map(plain, own):
            if (
                f" {name} " in words
                or script(name) in ("CJK", "KATAKANA", "HANGUL")
                and name in words
            ):
                return True
        return re.search("[Uu]\\.?[Ss]\\.? |американск|сша", words) is not None

    def add_place(self, code, language, name):
        least = {"CJK": 2, "KATAKANA": 3, "HANGUL": 2, "ARABIC": 3}.get(script(name), 4)
        if (
            any(c.isdigit() for c in name)
            or len(name) < least
            and (code, plain(name)) not in self.mine
        ):
            return
        patterns = [name]
        if name.startswith("="):
            pass
        elif language in CASES:
            patterns = open_endings(name, language)
        elif language == "ar" and name.startswith("ال"):
            patterns.append("لل" + name[2:])
        elif language == "de" and code in ("DE", "AT", "CH") and name[-1] not in "szxß":
            patterns.append(name + "s")
        own = script(name) not in ("LATIN", "CJK")
        self.low[code]["any" if own else language] += patterns

    def simplify(self):
        """Drops Chinese forms that differ from another by traditional characters only."""
        texts = {
            f for part in (self.forms, self.low) for c in part.values() for f in c.get("zh", [])
        }
        texts |= {names["zh"] for names in self.names.values() if "zh" in names}
        simple = convert(sorted(texts), "Traditional-Simplified")
        for code in self.hand.countries:
            seen = {simple.get(self.names[code].get("zh"))}
            for part in (self.forms, self.low):
                kept = []
                for form in part[code].get("zh", []):
                    if simple[form] not in seen:
                        seen.add(simple[form])
                        kept.append(form)
                if kept or "zh" in part[code]:
                    part[code]["zh"] = kept


def merged(forms, taken):
    """Each form once: under `any` where four languages or a script of its own share it."""
    languages = collections.defaultdict(list)
    for language, list_of in forms.items():
        for form in list_of:
            if language not in languages[form]:
                languages[form].append(language)
    out = collections.defaultdict(list)
    seen = set()
    for form, where in sorted(languages.items(), key=lambda item: "any" not in item[1]):
        shared = (
            "any" in where
            or len([w for w in where if w in LATIN]) >= 4
            or {"zh", "ja"} <= set(where)
        )
        for language in ["any"] if shared else where:
            if (language, form) in taken or ("any", form) in taken or ("any", form) in seen:
                continue
            if (language, form) not in seen:
                seen.add((language, form))
                out[language].append(form)
    return out, seen


# --- writing -------------------------------------------------------------------------------------

PLAIN = re.compile(r"[^\W\d_](?:[\w .'’ʼ-]*\w)?")
WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none", "nan", "inf"}


def scalar(text):
    """YAML of a text: bare where nothing in it is a sign of YAML."""
    text = str(text)
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def flow(value):
    """The pieces of a flow value, each of which may begin a line."""
    if isinstance(value, dict):
        pieces = []
        for i, (key, item) in enumerate(value.items()):
            inner = flow(item)
            inner[0] = ("{" if i == 0 else "") + f"{key}: {inner[0]}"
            inner[-1] += "}" if i == len(value) - 1 else ","
            pieces += inner
        return pieces
    if isinstance(value, list):
        pieces = [scalar(v) + ("," if i < len(value) - 1 else "]") for i, v in enumerate(value)]
        pieces[0] = "[" + pieces[0]
        return pieces
    return [scalar(value)]


def lines_of(key, value):
    out = [f"    {key}:"]
    for piece in flow(value):
        if len(out[-1]) + 1 + len(piece) > MAX_LINE:
            out.append("       ")
        out[-1] += " " + piece
    return out


def entry(code, gazetteer):
    country = gazetteer.hand.countries[code]
    lines = [f"  - id: country:{code}"]
    if "qid" in country:
        lines.append(f"    qid: {country['qid']}")
    names = gazetteer.names[code]
    order = [c for c in gazetteer.hand.languages if c in names]
    lines += lines_of("name", {language: names[language] for language in order})
    taken = {(language, name) for language, name in names.items()}
    taken |= {("any", w) for w in country.get("unsure", [])}
    taken |= {("any", w) for w in gazetteer.unsure[code]}
    forms, seen = merged(gazetteer.forms[code], taken)
    low, _ = merged(gazetteer.low[code], taken | seen)
    for key, value in (("forms", forms), ("low", low)):
        ordered = {k: value[k] for k in ["any"] + gazetteer.hand.languages if value.get(k)}
        if ordered:
            lines += lines_of(key, ordered)
    known = country.get("unsure", [])
    unsure = known + sorted(gazetteer.unsure[code] - set(known))
    needs = country.get("needs") or [next(iter(names.values()))]
    values = {"unsure": unsure, "needs": unsure and needs}
    for key in ("unsure", "needs", "not", "tests"):
        value = values.get(key, country.get(key))
        if value:
            lines += lines_of(key, value)
    return lines


HEAD = [
    "# Made by ops/topics/generate_countries.py from Unicode CLDR (© Unicode, Inc., "
    "Unicode License) and",
    "# the hand-written folder countries/. Edit that and run it again.",
    "actors:",
]


def files_of(gazetteer):
    """File name → text; each file holds whole countries, in the order of their codes."""
    out, lines, first = {}, [], ""
    codes = sorted(gazetteer.hand.countries)
    for place, code in enumerate(codes):
        lines += entry(code, gazetteer)
        first = first or code
        after = entry(codes[place + 1], gazetteer) if place + 1 < len(codes) else []
        if not after or len(lines) + len(after) + len(HEAD) > MAX_LINES:
            name = f"countries-{first.lower()}-{code.lower()}.yaml"
            out[name] = "\n".join(HEAD + lines) + "\n"
            lines, first = [], ""
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cldr", default="/usr/share/unicode/cldr/common")
    parser.add_argument("--pack", default=HERE / "ai-geopolitics", type=pathlib.Path)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if files differ"
    )
    arguments = parser.parse_args()
    folder = arguments.pack / "actors"
    gazetteer = Gazetteer(Cldr(arguments.cldr), Hand(folder / "countries"))
    made = files_of(gazetteer)
    there = {p.name: p.read_text(encoding="utf-8") for p in folder.glob("countries-*.yaml")}
    if arguments.check:
        wrong = sorted(n for n in made.keys() | there.keys() if made.get(n) != there.get(n))
        if wrong:
            sys.exit(
                "not as generated: " + ", ".join(wrong) + "; run ops/topics/generate_countries.py"
            )
        return
    for name in there.keys() - made.keys():
        (folder / name).unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
