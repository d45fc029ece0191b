// Holds the dashboard against a real browser.
//
// usage: node main.mjs STANCE [PART...]
//
// STANCE is the program. It is started on free ports of loopback, in directories that are gone afterwards. PART is one or more of
// the files in `parts`, without `.mjs`; all of them when there is none. Pictures of all pages go to the directory that
// STANCE_PICTURES names, or to target/browser.
//
// Needs Node.js 20 or newer, `npm install` in this directory, and Chromium at /usr/bin/chromium or where CHROMIUM says.
// Exits with 1 when something does not hold.

import { resolve } from "node:path";

const PARTS = ["journeys", "pages", "keyboard", "forms", "hostile", "traffic"];

const [program, ...wanted] = process.argv.slice(2);
if (!program) {
  console.error("usage: node main.mjs STANCE [PART...]");
  process.exit(2);
}
process.env.STANCE = resolve(program);
for (const part of wanted.length ? wanted : PARTS) await import(`./parts/${part}.mjs`);
