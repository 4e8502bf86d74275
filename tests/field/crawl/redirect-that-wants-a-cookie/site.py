from sitekit import article, feed, no_robots, not_found, raw, redirect

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/walled", "Behind a cookie")])
    if req.path == "/walled":
        if "seen=1" in req.headers.get("cookie", ""):
            return raw(article("Behind the wall"))
        return redirect("/walled", headers=["Set-Cookie: seen=1; Path=/"])
    return not_found()
