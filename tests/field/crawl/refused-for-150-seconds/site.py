import time

from sitekit import article, feed, no_robots, plain, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/blocked", "403 for 150 s"), ("/busy", "500 for 150 s (control)")])
    if time.time() - state.setdefault("first", time.time()) < 150:
        return (
            plain("denied", status="403 Forbidden")
            if req.path == "/blocked"
            else plain("busy", status="500 Internal Server Error")
        )
    return raw(article("After 150 s " + req.path))
