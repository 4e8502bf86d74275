import gzip

from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(req.base, [("/members", "Two members")])
    if req.path == "/members":
        page = article("Two members decoded").encode()
        return raw(
            gzip.compress(page[:3000]) + gzip.compress(page[3000:]),
            headers=["Content-Encoding: gzip"],
        )
    return not_found()
