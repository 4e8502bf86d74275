from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/2026/story/index.html", "Published as index.html"),
                ("/t?id=9&ref_src=feed", "Published with ref_src"),
                ("/q.php?a&b=", "Blank values"),
            ],
        )
    if req.path in ("/2026/story/index.html", "/t?id=9&ref_src=feed", "/q.php?a&b="):
        return raw(article("Published as " + req.path))
    return not_found()
