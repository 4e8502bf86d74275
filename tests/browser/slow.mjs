// vigie behind a line on which each response of the API takes another time to come.
import { createServer, request as ask } from "node:http";

/// A number of a text that is the same in every run. Source: FNV-1a.
function hashOf(text) {
  let hash = 2166136261;
  for (let i = 0; i < text.length; ++i) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  return hash;
}

export class SlowLine {
  waiting = 0; // requests that are not answered, but for streams, which never are
  constructor(base, longestMs) {
    this.upstream = new URL(base);
    this.longestMs = longestMs;
  }

  /// By what is asked for and who asks: which of two responses comes first differs from visit to
  /// visit, and is the same in every run.
  delayOf(url, visit) {
    if (!url.startsWith("/v1/")) return 0;
    const what = url.split("?")[0];
    return hashOf(`${what} ${visit}`) % this.longestMs;
  }

  async listen() {
    this.server = createServer((request, response) => this.pass(request, response));
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    this.base = `http://127.0.0.1:${this.server.address().port}`;
  }

  pass(request, response) {
    const endless = request.url.startsWith("/v1/stream");
    if (!endless) {
      ++this.waiting;
      response.on("close", () => --this.waiting);
    }
    const { hostname, port } = this.upstream;
    const visit = request.headers["x-visit"] ?? "";
    setTimeout(
      () => {
        const { method, url: path, headers } = request;
        const forward = ask({ hostname, port, method, path, headers }, (got) => {
          response.writeHead(got.statusCode, got.headers);
          got.pipe(response);
        });
        forward.on("error", () => response.destroy());
        response.on("close", () => forward.destroy());
        request.pipe(forward);
      },
      this.delayOf(request.url, visit),
    );
  }

  close() {
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
