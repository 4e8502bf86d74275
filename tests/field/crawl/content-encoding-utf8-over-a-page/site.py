from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/e-utf8", "Encoding UTF-8")])
    if req.path == "/e-utf8":
        return raw(article("Labelled UTF-8"), headers=["Content-Encoding: UTF-8"])
    return not_found()
