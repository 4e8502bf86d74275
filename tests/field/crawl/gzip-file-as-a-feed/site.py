import gzip

from sitekit import article, no_robots, not_found, raw, rss

SOURCE = {"feeds": ["/feed.xml.gz"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml.gz":
        packed = gzip.compress(rss(req.base, [("/a", "In a file")]).encode())
        return raw(packed, ctype="application/gzip")
    if req.path == "/a":
        return raw(article("Named by a gzip file"))
    return not_found()
