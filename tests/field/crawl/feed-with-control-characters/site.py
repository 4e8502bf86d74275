from sitekit import article, no_robots, raw, rss

SOURCE = {"feeds": ["/ctrl.xml", "/bom2.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/ctrl.xml":
        return raw(
            rss(req.base, [("/ctrl", "Bell \x07 and form feed \x0c inside")]),
            ctype="application/xml",
        )
    if req.path == "/bom2.xml":
        return raw(
            b"\xef\xbb\xbf\xef\xbb\xbf" + rss(req.base, [("/bom2", "Two marks")]).encode(),
            ctype="text/xml",
        )
    return raw(article("Dirty feed " + req.path))
