// Makes the pictures of the documentation anew, from the tour that the tests take.
//
// usage: node pictures.mjs STANCE [NAME...]
//
// STANCE is the program, NAME the name of a picture in docs/dashboard without `.png`; all of them when there is none. Needs what
// main.mjs needs.

import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve as absolute } from "node:path";
import { staff } from "./lib/people.mjs";
import { Service } from "./lib/service.mjs";
import { prepare, PAGES, resolve } from "./lib/tour.mjs";
import { until } from "./lib/until.mjs";
import { launch, Visitor } from "./lib/visitor.mjs";

const [program, ...wanted] = process.argv.slice(2);
if (!program) {
  console.error("usage: node pictures.mjs STANCE [NAME...]");
  process.exit(2);
}
// A short path, because the pictures show it.
const directory = join(tmpdir(), "northwind");
await mkdir(directory);
const service = await Service.start(absolute(program), "demo", directory);
const browser = await launch();
try {
  const { root: state } = await staff(browser, service);
  const visitor = await Visitor.open(browser, service.base, { state });
  await prepare(visitor, until);
  const pages = PAGES.filter(({ docs }) => docs && (!wanted.length || wanted.includes(docs)));
  for (const { docs, path } of await resolve(pages, (path) => visitor.api(path))) {
    await visitor.go(path);
    await visitor.page.screenshot({ path: join(import.meta.dirname, "../../docs/dashboard", `${docs}.png`) });
    console.log(`${docs}.png  ${path}`);
  }
  visitor.calm("the tour");
} finally {
  await browser.close();
  await service.stop();
}
