import gzip

from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/none", "none"), ("/identity", "identity"), ("/x-gzip", "x-gzip")])
    if req.path in ("/none", "/identity"):
        return raw(
            article("Labelled " + req.path[1:]), headers=["Content-Encoding: " + req.path[1:]]
        )
    if req.path == "/x-gzip":
        return raw(
            gzip.compress(article("Labelled x-gzip").encode()), headers=["Content-Encoding: x-gzip"]
        )
    return not_found()
