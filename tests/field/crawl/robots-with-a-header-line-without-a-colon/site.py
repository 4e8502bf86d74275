from sitekit import article, feed, not_found, plain, raw

SOURCE = {"feeds": ["/feed.xml"]}
ODD = ["X-XSS-Protection=1;", "frame-src 'self' data"]


def answer(req, state):
    if req.path == "/robots.txt":
        return plain("User-agent: *\nDisallow: /closed/\n", headers=ODD)
    if req.path == "/feed.xml":
        return feed(req.base, [("/open", "Open"), ("/closed/a", "Closed")], headers=ODD)
    if req.path in ("/open", "/closed/a"):
        return raw(article("Odd site " + req.path), headers=ODD)
    return not_found()
