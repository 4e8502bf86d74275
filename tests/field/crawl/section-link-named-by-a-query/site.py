from sitekit import article, no_robots, raw

SOURCE = {"sections": ["/news/"]}
LINKS = [
    ("/story.php?id=884121", "Ministers agree on a shared rule for chip exports"),
    ("/news/2026/11/plain-story-of-the-day/", "A plain story of the day that is taken"),
    ("/tag/chips/", "Chips"),
    ("/login", "Sign in"),
]


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/news/":
        return raw(
            "<html><body><h1>News</h1>"
            + "".join(f'<h2><a href="{u}">{t}</a></h2>' for u, t in LINKS)
            + "</body></html>"
        )
    return raw(article("Linked " + req.path))
