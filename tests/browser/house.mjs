// A news site of one's own on loopback: a homepage that names a feed, a feed of six items, their
// pages. It may fall silent.
import { createServer } from "node:http";

const titles = [
  "La ville achète des accélérateurs pour son hôpital",
  "Un centre de données s’installe au bord du canal",
  "Le port contrôle les puces avant leur départ",
  "L’université ouvre une chaire sur les modèles ouverts",
  "Les usines demandent plus d’électricité pour l’hiver",
  "La ministre visite la fonderie de la vallée",
];

export class House {
  silent = false; // answers 500 to everything but robots.txt
  feedless = false; // nothing but its homepage, which links to nothing
  polls = 0;

  async listen(address) {
    this.server = createServer((request, response) => this.answer(request.url, response));
    await new Promise((done) => this.server.listen(0, address, done));
    this.endpoint = `${address}:${this.server.address().port}`;
  }

  answer(path, response) {
    const say = (type, body, status = 200) =>
      response.writeHead(status, { "content-type": type }).end(body);
    if (path === "/robots.txt") return say("text/plain", "User-agent: *\nAllow: /\n");
    if (this.feedless && path !== "/") return say("text/plain", "no such page", 404);
    if (path === "/feed.xml") ++this.polls;
    if (this.silent) return say("text/plain", "down", 500);
    if (path === "/") return say("text/html; charset=utf-8", this.home());
    if (path === "/feed.xml") return say("application/rss+xml", this.feed());
    const number = Number(/^\/story-(\d+)$/.exec(path)?.[1]);
    const title = titles[number];
    return title
      ? say("text/html; charset=utf-8", this.story(title))
      : say("text/plain", "no such page", 404);
  }

  home() {
    if (this.feedless)
      return `<!doctype html><html lang="en"><head><title>The Quay</title></head>
<body><h1>The Quay</h1><p>Nothing is told here yet.</p></body></html>`;
    return `<!doctype html><html lang="fr-FR"><head><title>La Gazette du Canal</title>
<link rel="alternate" type="application/rss+xml" title="La Gazette du Canal" href="/feed.xml">
</head><body><h1>La Gazette du Canal</h1></body></html>`;
  }

  feed() {
    const items = titles.map(
      (title, i) => `<item><title>${title}</title><link>http://${this.endpoint}/story-${i}</link>
<guid>http://${this.endpoint}/story-${i}</guid>
<pubDate>${new Date(Date.now() - (i + 1) * 3600_000).toUTCString()}</pubDate></item>`,
    );
    return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>
<title>La Gazette du Canal</title><link>http://${this.endpoint}/</link>
<language>fr-FR</language>${items.join("")}</channel></rss>`;
  }

  story(title) {
    return `<!doctype html><html lang="fr"><head><title>${title}</title></head><body><article>
<h1>${title}</h1><p>La rédaction de la Gazette a suivi cette affaire pendant une semaine entière, \
avec ceux qui la décident et ceux qui en vivent, dans les rues autour du vieux canal de la \
ville.</p><p>Les habitants demandent que la commune publie ses contrats, et que chacun puisse lire \
ce que coûtent les machines, l’électricité et les bâtiments qui les \
abritent.</p></article></body></html>`;
  }

  close() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
