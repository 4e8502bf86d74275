from sitekit import article, no_robots, not_found, raw, redirect

SOURCE = {"feeds": ["/old/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/old/feed.xml":
        return redirect("/new/place/feed.xml", "301 Moved Permanently")
    if req.path == "/new/place/feed.xml":
        if req.headers.get("if-none-match") == '"moved"':
            return b'HTTP/1.1 304 Not Modified\r\nETag: "moved"\r\nConnection: close\r\n\r\n'
        body = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><link>/</link>'
            "<item><title>Relative in a moved feed</title><link>story-one</link>"
            '<guid isPermaLink="false">1</guid></item></channel></rss>'
        )
        return raw(body, ctype="application/rss+xml", headers=['ETag: "moved"'])
    if req.path == "/new/place/story-one":
        return raw(article("Relative to the final address"))
    return not_found()
