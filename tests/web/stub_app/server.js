// A renderer with the contract of Next's standalone server: it listens at HOSTNAME and PORT.
"use strict";
const http = require("node:http");

const page = (body) => `<!doctype html><title>stub</title><body>${body}</body>`;

const server = http.createServer((request, response) => {
  if (request.url === "/sign-in?end") process.exit(3);
  const seen = { pid: process.pid, url: request.url, headers: request.headers, environment: process.env };
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" });
  response.end(page(`<script type="application/json">${JSON.stringify(seen)}</script>`));
});
server.listen(Number(process.env.PORT), process.env.HOSTNAME);
