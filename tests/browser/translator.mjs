// A translator on loopback in LibreTranslate's form: each text comes back with a mark and its
// language in front. It may be slow, or fail.
import { createServer } from "node:http";

/// Begins each translation; a word of no article.
export const mark = "zxmachine";

export class FakeTranslator {
  asked = []; // bodies of requests
  delayMs = 0;
  status = 200;

  async listen() {
    this.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => setTimeout(() => this.answer(request, body, response), this.delayMs));
    });
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  answer(request, body, response) {
    const say = (status, json) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    if (request.method !== "POST" || request.url !== "/translate")
      return say(404, { error: "not found" });
    const asked = JSON.parse(body);
    this.asked.push(asked);
    if (this.status !== 200) return say(this.status, { error: "the model is not loaded" });
    const translated = (text) => `${mark}-${asked.target} ${text}`;
    const { q } = asked;
    return say(200, { translatedText: Array.isArray(q) ? q.map(translated) : translated(q) });
  }

  close() {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
