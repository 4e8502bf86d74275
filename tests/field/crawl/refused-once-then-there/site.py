from sitekit import article, feed, no_robots, not_found, plain, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/e500", "500 once"), ("/n404", "404 once")])
    if req.path == "/e500":
        return plain("x", status="500 Oops") if req.n == 1 else raw(article("After a 500"))
    if req.path == "/n404":
        return not_found() if req.n == 1 else raw(article("After a 404"))
    return not_found()
