from sitekit import article, no_robots, raw, rss

SOURCE = {"feeds": ["/new-in-304.xml"]}
FIXED = {}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/new-in-304.xml":
        body, asked = (
            FIXED.setdefault("feed", rss(req.base, [("/x", "Item of the feed")])),
            req.headers.get("if-none-match"),
        )
        if req.n == 1:
            return raw(body, ctype="application/rss+xml", headers=['ETag: "old"'])
        if (req.n == 2 and asked == '"old"') or asked == '"new"':
            return b'HTTP/1.1 304 Not Modified\r\nETag: "new"\r\nConnection: close\r\n\r\n'
        return raw(body, ctype="application/rss+xml", headers=['ETag: "new"'])
    return raw(article("Item of a feed with tags"))
