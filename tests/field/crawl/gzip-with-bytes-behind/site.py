import gzip

from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/trailing", "Bytes behind")])
    if req.path == "/trailing":
        return raw(
            gzip.compress(article("Bytes behind ignored").encode()) + b"\0\0\0\0 trailing",
            headers=["Content-Encoding: gzip"],
        )
    return not_found()
