import gzip

from sitekit import article, no_robots, raw, rss

SOURCE = {"feeds": ["/feed.xml"]}
GZIP = ["Content-Encoding: gzip"]


def two(text):
    data = text.encode()
    return gzip.compress(data[:300]) + gzip.compress(data[300:])


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return raw(
            two(rss(req.base, [("/page", "Two members")])),
            ctype="application/rss+xml",
            headers=GZIP,
        )
    return raw(two(article("Page of two members")), headers=GZIP)
