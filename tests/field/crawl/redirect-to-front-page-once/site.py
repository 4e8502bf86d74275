from sitekit import article, feed, no_robots, not_found, raw, redirect

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/home", "Front page once")])
    if req.path == "/home":
        return redirect("/") if req.n == 1 else raw(article("No longer the front page"))
    if req.path == "/":
        return raw("<html><body><h1>Front page</h1><p>Sorry, back in a minute.</p></body></html>")
    return not_found()
