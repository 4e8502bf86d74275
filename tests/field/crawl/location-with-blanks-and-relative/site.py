from sitekit import article, feed, no_robots, not_found, raw, redirect

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/one", "Blanks"),
                ("/two", "No scheme"),
                ("/three", "Relative without slash"),
                ("/deep/four?x=1", "Query only"),
            ],
        )
    if req.path == "/one":
        return raw(b"", status="302 Found", headers=["Location:    /with a space/x y.html   "])
    if req.path == "/with%20a%20space/x%20y.html":
        return raw(article("Blanks reached"))
    if req.path == "/two":
        return redirect(req.base.removeprefix("http:") + "/landed")
    if req.path == "/landed":
        return raw(article("No scheme reached"))
    if req.path == "/three":
        return redirect("sub/page", "303 See Other")
    if req.path == "/sub/page":
        return raw(article("Relative reached"))
    if req.path == "/deep/four?x=1":
        return redirect("?x=2#part", "308 Permanent Redirect")
    if req.path == "/deep/four?x=2":
        return raw(article("Query only reached"))
    return not_found()
