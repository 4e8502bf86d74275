from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/plain", "Plain under a gzip label")])
    if req.path == "/plain":
        return raw(article("Plain after all"), headers=["Content-Encoding: gzip"])
    return not_found()
