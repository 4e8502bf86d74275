from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}
STORIES = ["/one", "/two", "/three"]


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [(path, "Story " + path) for path in STORIES])
    if req.path in STORIES:
        first = req.path not in state.setdefault("asked", set())
        state["asked"].add(req.path)
        return raw(article("A moment, please") if first else article("Story " + req.path))
    return not_found()
