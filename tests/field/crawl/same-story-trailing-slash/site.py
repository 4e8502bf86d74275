from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/b/story-78", "One story"), ("/b/story-78/", "One story")])
    if req.path.startswith("/b/story-78"):
        return raw(article("The story with and without a slash"))
    return not_found()
