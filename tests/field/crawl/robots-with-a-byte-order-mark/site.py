from sitekit import article, feed, plain, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return plain(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /closed/\r\n")
    if req.path == "/feed.xml":
        return feed(
            req.base, [("/closed/a", "Closed by the first group"), ("/open/b", "Open article")]
        )
    return raw(article("Marked " + req.path))
