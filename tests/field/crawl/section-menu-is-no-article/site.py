from sitekit import article, no_robots, raw

SOURCE = {"sections": ["/world/"]}
MENU = (
    '<div class="m"><a href="/how-we-work-and-why/">How we work, and why we do it so</a>'
    '<a href="/our-rules-for-readers/">Our rules for all of our readers</a></div>'
)
LINKS = [
    ("/archive/2026/11/chip-rule-agreed/", "A rule for chips is agreed at last"),
    ("/world/2026/11/29/second-story-here/", "A second story is told here"),
    ("/?p=31337", "A story that is named by a number alone"),
    ("/world/plain-words-of-a-headline/", "Plain words of a headline that is new"),
]


def answer(req, state):
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/world/":
        links = "".join(f'<h2><a href="{u}">{t}</a></h2>' for u, t in LINKS)
        about = '<footer><a href="/about-us-and-our-team/">About us and our team</a></footer>'
        return raw(f"<html><body>{MENU}<main>{links}</main>{about}</body></html>")
    return raw(article("Linked " + req.path).replace("<main>", MENU + "<main>"))
