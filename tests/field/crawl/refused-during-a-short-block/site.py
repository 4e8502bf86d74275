import time

from sitekit import article, feed, no_robots, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [(f"/a{i}", f"Published during the block {i}") for i in range(3)])
    if time.time() - state.setdefault("first", time.time()) < 12:
        return raw("<h1>Access denied</h1>", status="403 Forbidden")
    return raw(article("After the block " + req.path))
