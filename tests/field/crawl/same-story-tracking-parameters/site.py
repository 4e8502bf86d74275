from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/a/story-77", "One story"),
                ("/a/story-77?traffic_source=rss", "One story"),
                ("/a/story-77?utm_source=x&utm_medium=y", "One story"),
                ("/a/story-77?at_medium=RSS&at_campaign=k", "One story"),
                ("/a/story-77#comments", "One story"),
            ],
        )
    if req.path.startswith("/a/story-77"):
        return raw(article("The one story"))
    return not_found()
