from sitekit import article, feed, no_robots, not_found, raw, redirect

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/glitch", "Redirects to itself at its first answer only")])
    if req.path == "/glitch":
        return redirect("/glitch") if req.n == 1 else raw(article("Glitch over"))
    return not_found()
