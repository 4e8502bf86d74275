"""Helpers of the site scripts: raw HTTP answers, feeds, article pages."""

import email.utils
import html
import random
import time
import zlib  # noqa: F401  (the scripts use them)

WORDS = {
    "who": """regulators suppliers ministers engineers auditors customs_officers researchers
        diplomats lawmakers operators contractors planners""".split(),
    "verb": """reviewed delayed approved questioned expanded documented measured rejected rewrote
        published inspected financed""".split(),
    "what": """licences wafers clusters contracts budgets datasets shipments standards permits
        turbines warehouses substations audits patents""".split(),
    "where": """Rotterdam Busan Gdansk Penang Dresden Hsinchu Nagoya Eindhoven Tampere Aarhus Porto
        Lagos Tallinn Brno Graz""".split(),
    "why": """after_a_long_inquiry before_the_spring_deadline despite_objections under_a_new_rule
        because_stocks_ran_low without_a_vote as_prices_rose""".split(),
}


def paragraphs(seed, count=6):
    """Prose that depends on the seed alone, so that two articles are no copies of each other."""
    rng = random.Random(str(seed))
    out = []
    for _ in range(count):
        sentences = []
        for _ in range(4):
            one, two = (
                {k: rng.choice(v).replace("_", " ") for k, v in WORDS.items()} for _ in range(2)
            )
            sentences.append(
                f"In {one['where']} the {one['who']} {one['verb']} {rng.randrange(12, 990)}"
                f" {one['what']} {one['why']}, while {two['who']} near {two['where']}"
                f" {two['verb']} the {two['what']}."
            )
        out.append(" ".join(sentences))
    return out


def article(title, seed=None, head="", lead="", published=None, lang="en"):
    """An article page; its text comes from the seed (default: the title)."""
    published = published or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 120))
    body = "\n".join(
        f"<p>{html.escape(p)}</p>" for p in ([lead] if lead else []) + paragraphs(seed or title)
    )
    return f"""<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="{published}">{head}
</head><body><header><a href="/">Front</a></header><main><article><h1>{html.escape(title)}</h1>
{body}
</article></main><footer><p>All rights kept.</p></footer></body></html>
"""


def raw(
    body=b"",
    status="200 OK",
    ctype="text/html; charset=utf-8",
    headers=(),
    length=True,
    version="HTTP/1.1",
    eol="\r\n",
):
    """An answer, byte for byte; header lines as they are given."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"{version} {status}", "Connection: close"]
    if ctype:
        lines.append(f"Content-Type: {ctype}")
    if length:
        lines.append(f"Content-Length: {len(body)}")
    lines += list(headers)
    return (eol.join(lines) + eol + eol).encode("latin-1") + body


def plain(text, **more):
    return raw(text, ctype="text/plain; charset=utf-8", **more)


def no_robots():
    return plain("none\n", status="404 Not Found")


def not_found():
    return plain("no\n", status="404 Not Found")


def redirect(location, status="302 Found", headers=()):
    return raw(b"", status=status, ctype="", headers=[f"Location: {location}", *headers])


def rss(base, items):
    """items: (path or absolute address, title)"""
    now, out = time.time(), ""
    for i, (path, title) in enumerate(items):
        url = path if "://" in path else base + path
        address, date = html.escape(url), email.utils.formatdate(now - 300 - i * 60, usegmt=True)
        out += f"<item><title>{html.escape(title)}</title><link>{address}</link>"
        out += f"<guid>{address}</guid><pubDate>{date}</pubDate></item>\n"
    head = f"<title>Case feed</title><link>{base}/</link><description>x</description>"
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
    return f"{start}{head}\n{out}</channel></rss>\n"


def feed(base, items, **more):
    return raw(rss(base, items), ctype="application/rss+xml; charset=utf-8", **more)
