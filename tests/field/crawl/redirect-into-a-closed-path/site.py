from sitekit import article, feed, plain, raw, redirect

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return plain("User-agent: vigie\nDisallow: /closed/\nUser-agent: *\nDisallow: /\n")
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/go1", "Leads to the closed part"),
                ("/go2", "Leads to the open part"),
                ("/loop1", "Goes round"),
                ("/hop0", "Five hops"),
            ],
        )
    if req.path == "/go1":
        return redirect("/closed/a")
    if req.path == "/go2":
        return redirect("/open/a")
    if req.path in ("/loop1", "/loop2"):
        return redirect("/loop2" if req.path == "/loop1" else "/loop1")
    if req.path.startswith("/hop") and int(req.path[4:]) < 5:
        return redirect(f"/hop{int(req.path[4:]) + 1}")
    return raw(article("Landed on " + req.path))
