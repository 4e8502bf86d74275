from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/m1", "Meta plain"), ("/m2", "Meta quoted")])
    if req.path == "/m1":
        return raw(
            '<html><head><meta http-equiv="refresh" content="0; url=/real/m1">'
            '<title>Moved</title></head><body><a href="/real/m1">Go on</a></body></html>'
        )
    if req.path == "/m2":
        return raw(
            "<HTML><HEAD><META HTTP-EQUIV=REFRESH CONTENT=\"0;URL='/real/m2'\">"
            "<TITLE>Please wait</TITLE></HEAD><BODY></BODY></HTML>"
        )
    if req.path.startswith("/real/"):
        return raw(article("Arrived at " + req.path[-2:]))
    return not_found()
