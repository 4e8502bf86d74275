"""How the sites look: article pages with the furniture of the wild, fronts, feeds, sitemaps. Pure
functions of articles and the time.
"""

import datetime
import email.utils
import html
import json

FEED_ITEMS = 20


def escape(text):
    return html.escape(text, quote=True)


def iso(unix_ms):
    return datetime.datetime.fromtimestamp(unix_ms / 1000, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def rfc822(unix_ms):
    return email.utils.formatdate(unix_ms / 1000, usegmt=True)


def summary_of(article):
    return (
        article.paragraphs[0][:180].rsplit(" ", 1)[0]
        if " " in article.paragraphs[0][:180]
        else article.paragraphs[0][:80]
    )


def page_frame(site, base, words, title, head, body):
    direction = ' dir="rtl"' if site.language == "ar" else ""
    menu = "".join(
        f'<li><a href="{base}/{section}/">{escape(label)}</a></li>'
        for section, label in words["sections"].items()
    )
    return f"""<!DOCTYPE html>
<html lang="{site.language}"{direction}>
<head>
<meta charset="utf-8">
<title>{escape(title)} | {escape(site.name)}</title>
<link rel="alternate" type="{feed_type(site)}" href="{base}{site.feed}" title="{escape(site.name)}">
<meta name="viewport" content="width=device-width">
<script>window.dataLayer = window.dataLayer || []; dataLayer.push({{"site": "{site.number}"}});\
</script>
<style>.cookie{{position:fixed;bottom:0}} .menu li{{display:inline}}</style>
{head}</head>
<body>
<div id="cookie-banner" class="cookie" role="dialog"><p>{escape(words["cookies"])}</p>\
<button>{escape(words["accept"])}</button></div>
<header><a class="logo" href="{base}/">{escape(site.name)}</a><nav class="menu"><ul>{menu}<li>\
<a href="{base}/private/archive.html">{escape(words["archive"])}</a></li></ul></nav></header>
{body}
<footer><p>© {escape(site.name)}. {escape(words["rights"])}</p><ul><li>\
<a href="{base}/about.html">{escape(words["about"])}</a></li></ul></footer>
</body>
</html>
"""


def feed_type(site):
    return {
        ".rss": "application/rss+xml",
        ".atom": "application/atom+xml",
        ".json": "application/feed+json",
    }[site.feed[site.feed.rfind(".") :]]


def json_in_html(value):
    """JSON inside <script>, which no `</script>` in a text ends."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def article_page(article, base, words, related, now_ms):
    site = article.site
    url = base + article.path()
    description = summary_of(article)
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "inLanguage": site.language,
        "url": url,
        "mainEntityOfPage": url,
        "datePublished": iso(article.published_ms),
        "dateModified": iso(article.published_ms),
        "author": [{"@type": "Person", "name": article.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": site.name},
        "articleSection": words["sections"].get(article.section, article.section),
        "description": description,
    }
    head = (
        f'<link rel="canonical" href="{url}">\n'
        f'<meta name="description" content="{escape(description)}">\n'
        f'<meta name="author" content="{escape(article.author)}">\n'
        f'<meta property="og:type" content="article">\n'
        f'<meta property="og:title" content="{escape(article.title)}">\n'
        f'<meta property="og:url" content="{url}">\n'
        f'<meta property="og:site_name" content="{escape(site.name)}">\n'
        f'<meta property="og:description" content="{escape(description)}">\n'
        f'<meta property="article:published_time" content="{iso(article.published_ms)}">\n'
        f'<script type="application/ld+json">{json_in_html(linked_data)}</script>\n'
    )
    text = article.paragraphs_at(now_ms)
    middle = (
        f'<aside class="newsletter"><h3>{escape(words["newsletter"])}</h3><form>'
        f'<input type="email"><button>{escape(words["subscribe"])}</button></form></aside>'
    )
    paragraphs = "\n".join(
        f"<p>{escape(paragraph)}</p>" + ("\n" + middle if i == 1 else "")
        for i, paragraph in enumerate(text)
    )
    links = "".join(
        f'<li><a href="{base}{other.path()}">{escape(other.title)}</a></li>' for other in related
    )
    comments = "".join(
        f'<li class="comment"><b>{escape(name)}</b><p>{escape(comment)}</p></li>'
        for name, comment in words["comments"]
    )
    body = f"""<main>
<article itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">{escape(article.title)}</h1>
<p class="byline"><span rel="author">{escape(article.author)}</span> <time \
datetime="{iso(article.published_ms)}">{iso(article.published_ms)[:16].replace("T", " ")}</time></p>
<div class="share"><a href="#">Facebook</a> <a href="#">X</a> <a href="#">WhatsApp</a></div>
<div class="article-body" itemprop="articleBody">
{paragraphs}
</div>
</article>
<aside class="related"><h2>{escape(words["related"])}</h2><ul>{links}</ul></aside>
<section id="comments"><h2>{escape(words["comments_heading"])}</h2><ol>{comments}</ol></section>
</main>"""
    return page_frame(site, base, words, article.title, head, body)


def list_page(site, base, words, heading, articles):
    teasers = "".join(
        f'<div class="teaser"><h2><a href="{base}{article.path()}">{escape(article.title)}</a></h2>'
        f"<p>{escape(summary_of(article))}</p></div>\n"
        for article in articles
    )
    return page_frame(
        site, base, words, heading, "", f"<main><h1>{escape(heading)}</h1>\n{teasers}</main>"
    )


def plain_page(site, base, words, heading):
    return page_frame(
        site,
        base,
        words,
        heading,
        '<meta name="robots" content="noindex">\n',
        f"<main><h1>{escape(heading)}</h1></main>",
    )


def rss(site, base, articles, malformed=False):
    """RSS 2.0. Malformed as it is met in the wild: bare ampersands, an entity of HTML, a prefix
    that nobody declared, an open <br>.
    """
    items = ""
    for article in articles:
        title = escape(article.title)
        description = escape(summary_of(article))
        if malformed:
            title = article.title.replace("<", "&lt;") + " & más"
            description += "&nbsp;<br>"
        extra = f'<media:thumbnail url="{base}/logo.png"/>' if malformed else ""
        items += (
            f"<item><title>{title}</title><link>{base}{article.path()}</link>"
            f'<guid isPermaLink="true">{base}{article.path()}</guid>'
            f"<pubDate>{rfc822(article.published_ms)}</pubDate>"
            f"<description>{description}</description>"
            f"<category>{article.section}</category>{extra}</item>\n"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(site.name)}</title><link>{base}/</link>"
        f"<description>{escape(site.name)}</description><language>{site.language}</language>\n"
        f"{items}</channel></rss>\n"
    )


def atom(site, base, articles):
    updated = iso(articles[0].published_ms) if articles else "2026-01-01T00:00:00Z"
    entries = "".join(
        f"<entry><title>{escape(article.title)}</title><id>{base}{article.path()}</id>"
        f'<link rel="alternate" type="text/html" href="{base}{article.path()}"/>'
        f"<published>{iso(article.published_ms)}</published><updated>{iso(article.published_ms)}"
        f"</updated><author><name>{escape(article.author)}</name></author>"
        f'<summary type="text">{escape(summary_of(article))}</summary></entry>\n'
        for article in articles
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{site.language}"><title>{escape(site.name)}</title>'
        f'<id>{base}/</id><link rel="self" href="{base}/feed.atom"/><updated>{updated}</updated>\n'
        f"{entries}</feed>\n"
    )


def json_feed(site, base, articles):
    items = [
        {
            "id": base + article.path(),
            "url": base + article.path(),
            "title": article.title,
            "summary": summary_of(article),
            "date_published": iso(article.published_ms),
            "authors": [{"name": article.author}],
            "language": site.language,
            "tags": [article.section],
        }
        for article in articles
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "home_page_url": base + "/",
        "feed_url": base + "/feed.json",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def news_sitemap(site, base, articles):
    entries = "".join(
        f"<url><loc>{base}{article.path()}</loc><lastmod>{iso(article.published_ms)}</lastmod>"
        f"<news:news><news:publication><news:name>{escape(site.name)}</news:name>"
        f"<news:language>{site.language}</news:language></news:publication>"
        f"<news:publication_date>{iso(article.published_ms)}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>\n"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{entries}</urlset>\n'
    )
