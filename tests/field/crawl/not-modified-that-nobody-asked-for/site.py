from sitekit import article, feed, no_robots, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        if req.n % 2 == 1:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "f"\r\nConnection: close\r\n\r\n'
        return feed(req.base, [("/a", "Feed after an unasked 304")], headers=['ETag: "f"'])
    return raw(article("After an unasked 304"))
