from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/twice", "Length twice"),
                ("/comma", "Length list"),
                ("/both", "Length and chunked"),
            ],
        )
    page = article("Length " + req.path).encode()
    if req.path == "/twice":
        return raw(page, headers=[f"Content-Length: {len(page)}"])
    if req.path == "/comma":
        return raw(page, length=False, headers=[f"Content-Length: {len(page)}, {len(page)}"])
    if req.path == "/both":
        return (
            raw(b"", length=False, headers=["Content-Length: 10", "Transfer-Encoding: chunked"])
            + b"%x\r\n" % len(page)
            + page
            + b"\r\n0\r\n\r\n"
        )
    return not_found()
