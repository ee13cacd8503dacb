// Compress the files of a folder, once at the build: FILE.br and FILE.gz beside each FILE that becomes smaller.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSIBLE = new Set([".css", ".html", ".ico", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".webmanifest", ".xml"]);
// Below this the headers of a response outweigh what compression saves.
const SMALLEST = 512;

const folder = process.argv[2];
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.has(extname(entry.name))) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST) continue;
  const parameters = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const coded = { br: brotliCompressSync(bytes, { params: parameters }), gz: gzipSync(bytes, { level: 9 }) };
  for (const [suffix, result] of Object.entries(coded)) {
    if (result.length < bytes.length) writeFileSync(`${path}.${suffix}`, result);
  }
}
