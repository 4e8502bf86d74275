from sitekit import article, feed, no_robots, not_found, raw

SOURCE = {"feeds": ["/feed.xml"]}


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/feed.xml":
        return feed(
            req.base,
            [("/trailers", "Trailers"), ("/upper", "Upper-case coding name and extension")],
        )
    page = article("Chunked " + req.path).encode()
    if req.path == "/trailers":
        return (
            raw(b"", length=False, headers=["Transfer-Encoding: chunked", "Trailer: X-Sum"])
            + b"%x\r\n" % len(page)
            + page
            + b'\r\n0\r\nX-Sum: 1\r\nETag: "late"\r\n\r\n'
        )
    if req.path == "/upper":
        return (
            raw(b"", length=False, headers=["TRANSFER-ENCODING: Chunked"])
            + b'%X;name="v"\r\n' % len(page)
            + page
            + b"\r\n000;end\r\n\r\n"
        )
    return not_found()
