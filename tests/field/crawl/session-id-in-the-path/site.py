from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base, [(f"/news/story-1;jsessionid=A{req.n:08X}F.node3", "Session in the path")]
        )
    if req.path.startswith("/news/story-"):
        return raw(article("One story, many sessions"))
    return not_found()
