from sitekit import article, feed, no_robots, raw

SOURCES = [
    {"name": "Le Canard de Que\u0301bec", "feeds": ["/a.xml"]},
    {"name": "Nord\u00addeutsche Gro\u00dfblatt", "feeds": ["/b.xml"]},
]


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path.endswith(".xml"):
        return feed(req.base, [(f"/{req.path[1]}/story", "Hallworm of " + req.path[1])])
    return raw(article("Hallworm of " + req.path[1], lead="The hallworm lighthouse."))
