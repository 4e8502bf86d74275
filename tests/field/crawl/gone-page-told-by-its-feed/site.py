from sitekit import article, feed, not_found, plain, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return plain("User-agent: *\nDisallow: /closed/\n")
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/gone", "Gone but named"),
                ("/closed/a", "Closed but named"),
                ("/missing", "Missing for now"),
                ("/there", "Item of a page"),
            ],
        )
    if req.path == "/gone":
        return plain("gone", status="410 Gone")
    if req.path == "/there":
        return raw(article("The page is there"))
    return not_found()
