from sitekit import article, no_robots, raw

SOURCE = {"feeds": ["/dir/feed.xml", "/atom.xml"]}


def answer(req, state):
    b = req.base
    if req.path == "/robots.txt":
        return no_robots()
    if req.path == "/dir/feed.xml":
        return raw(
            f"""<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>t</title><link>{b}/dir/</link>
<item><title>CDATA</title><link>
<![CDATA[
   {b}/cdata
]]></link><guid isPermaLink="false">9</guid></item>
<item><title>guid only</title><guid>{b}/guid-only</guid></item>
<item><title>guid not permalink</title><link>{b}/linked</link>
<guid isPermaLink="false">{b}/wrong</guid></item>
<item><title>empty link</title><link></link>
<guid isPermaLink="true">{b}/guid-empty-link</guid></item>
<item><title>amp</title><link>{b}/amp?a=1&amp;b=2</link></item>
<item><title>rooted</title><link>/rooted</link></item>
<item><title>dotted</title><link>../dotted</link></item>
<item><title>atom link</title><atom:link rel="alternate" href="{b}/atom-link"/></item>
</channel></rss>""",
            ctype="text/html",
        )
    if req.path == "/atom.xml":
        return raw(
            f"""\n\n<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{b}/base/">
<title>t</title><id>u</id><updated>2026-11-20T10:00:00Z</updated>
<entry><title>e1</title><id>tag:1</id>
<link href="entry-one"/><link rel="replies" href="/wrong-replies"/>
<updated>2026-11-20T10:00:00Z</updated></entry>
<entry><title>e2</title><id>tag:2</id><link rel="enclosure" href="/wrong.mp3"/>
<link rel="alternate" type="text/html" href="/entry-two"/>
<updated>2026-11-20T10:00:00Z</updated></entry>
</feed>""",
            ctype="application/atom+xml",
        )
    return raw(article("Linked as " + req.path))
