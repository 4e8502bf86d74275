from sitekit import article, feed, plain, raw, redirect

SOURCES = [{"feeds": ["/feed.xml"]}, {"feeds": ["other:/feed.xml"]}]


def answer(req, state):
    if req.path == "/robots.txt":
        return redirect("/r1", "301 Moved Permanently")
    if req.path == "/r1":
        return redirect(req.other + "/rules/two.txt")
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [("/closed/a", "Closed behind the redirect"), ("/open/b", "Open behind the redirect")],
        )
    return raw(article("First host " + req.path))


def other(req, state):
    if req.path == "/robots.txt":
        return plain("User-agent: *\nDisallow: /nothing/\n")
    if req.path == "/rules/two.txt":
        return plain("User-agent: *\nDisallow: /closed/\n")
    if req.path == "/feed.xml":
        return feed(req.base, [("/closed/own", "Not closed here by its own file")])
    return raw(article("Second host " + req.path))
