from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [
                ("/folded", "Folded"),
                ("/latin", "Bytes in a header"),
                ("/noreason", "No reason phrase"),
            ],
        )
    if req.path == "/folded":
        return raw(article("Odd answer /folded"), headers=["X-Policy: one;", "  two;", "\tthree"])
    if req.path == "/latin":
        return raw(
            article("Odd answer /latin"), headers=["X-Name: Caf\xe9 \x85", "'quoted-name': v"]
        )
    if req.path == "/noreason":
        return raw(article("Odd answer /noreason"), status="200")
    return not_found()
