// Build static/js/editor.js, and the licenses of what is in it.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const OUTPUT = "../static/js/editor.js";
const LICENSES = "../static/js/editor-LICENSES.txt";
// tests/rules/test_editor_bundle.py reckons the same: a source that changed wants a new build.
const SOURCES = ["build.mjs", "languages.js", "main.js", "marks.js", "package-lock.json", "theme.js"];

const hash = createHash("sha256");
for (const name of SOURCES) hash.update(readFileSync(name));

const { metafile } = await build({
  entryPoints: ["main.js"],
  outfile: OUTPUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: {
    js: `// CodeMirror and our panes, built by \`make editor\`; licenses: editor-LICENSES.txt. Sources: ${hash.digest("hex")}`,
  },
});

const packages = new Set(
  Object.keys(metafile.inputs)
    .map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const texts = [...packages].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  return `${name} ${version} (${license})\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
});
writeFileSync(LICENSES, `What editor.js contains, and under which terms.\n\n${texts.join(`\n${"-".repeat(72)}\n\n`)}`);
