from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}
STAYS = {
    "/slow": '<meta http-equiv="refresh" content="300; url=/away">',
    "/again": '<meta http-equiv="refresh" content="5">',
    "/noscript": '<noscript><meta http-equiv="refresh" content="0; url=/away"></noscript>',
}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [(path, "Item " + path) for path in ("/header", *STAYS)])
    if req.path == "/header":
        return raw("<html><body>Moved</body></html>", headers=["Refresh: 1; URL=/real"])
    if req.path in STAYS:
        return raw(article("Stays " + req.path, head=STAYS[req.path]))
    if req.path == "/real":
        return raw(article("Arrived by the header"))
    return not_found()
