from sitekit import article, feed, no_robots, plain, raw

SOURCE = {"feeds": ["/secs.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/secs.xml":
        if req.n == 1:
            return plain(
                "slow down", status="503 Service Unavailable", headers=["Retry-After:   9  "]
            )
        return feed(req.base, [("/a", "After nine seconds")])
    return raw(article("After nine seconds"))
