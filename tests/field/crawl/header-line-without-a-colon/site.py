from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/nocolon", "No colon")])
    if req.path == "/nocolon":
        return raw(
            article("Odd header ignored"), headers=["X-XSS-Protection=1;", "frame-src 'self' data"]
        )
    return not_found()
