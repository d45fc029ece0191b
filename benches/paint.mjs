// Bytes and first paint of each page, on loopback, as a first visit and as a later one.
//
//     cargo build --release && (cd tests/browser && npm install) && node benches/paint.mjs [STANCE [ROUNDS]]
//
// Each first visit is a browser profile of its own that has nothing yet; each later one has the styles, the script and the
// symbols from before. The time is that of the first contentful paint as the browser tells it, from the beginning of the
// navigation; the median of the rounds counts. Prints a table; judges nothing.

import { join, resolve as absolute } from "node:path";
import { staff } from "../tests/browser/lib/people.mjs";
import { Service } from "../tests/browser/lib/service.mjs";
import { prepare, PAGES, PLAIN, resolve } from "../tests/browser/lib/tour.mjs";
import { until } from "../tests/browser/lib/until.mjs";
import { launch, Visitor } from "../tests/browser/lib/visitor.mjs";

const program = absolute(process.argv[2] ?? join(import.meta.dirname, "../target/release/stance"));
const rounds = Number(process.argv[3] ?? 5);
const median = (list) => [...list].sort((one, other) => one - other)[Math.floor(list.length / 2)];

/** One visit: milliseconds to the first byte and to the first paint, and bytes over the wire. */
const visit = async (visitor, { path, status }) => {
  const session = await visitor.context.newCDPSession(visitor.page);
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await session.send("Network.enable");
  await visitor.go(path, status);
  const [byte, paint] = await visitor.page.evaluate(
    () =>
      new Promise((done) => {
        const first = performance.getEntriesByType("navigation")[0].responseStart;
        new PerformanceObserver((list) => {
          const found = list.getEntriesByName("first-contentful-paint")[0];
          if (found) done([first, found.startTime]);
        }).observe({ type: "paint", buffered: true });
      }),
  );
  await session.detach();
  return { byte, paint, bytes };
};

const service = await Service.start(program, "demo");
const browser = await launch();
try {
  const people = await staff(browser, service);
  const root = await Visitor.open(browser, service.base, { state: people.root });
  await prepare(root, until);
  const pages = [
    ...(await resolve(PAGES, (path) => root.api(path))).map((page) => ({ ...page, state: people.root })),
    ...(await resolve(PLAIN)),
  ];
  console.log("| page | bytes, first visit | first byte, ms | first paint, ms | bytes, later | first paint, later, ms |");
  console.log("|---|---:|---:|---:|---:|---:|");
  for (const page of pages) {
    const [first, later] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      const visitor = await Visitor.open(browser, service.base, { state: page.state });
      first.push(await visit(visitor, page));
      later.push(await visit(visitor, page));
      await visitor.close();
    }
    const told = (list, what) => Math.round(median(list.map((one) => one[what]))).toLocaleString("en");
    console.log(`| ${page.name} | ${told(first, "bytes")} | ${told(first, "byte")} | ${told(first, "paint")} | ${told(later, "bytes")} | ${told(later, "paint")} |`);
  }
} finally {
  await browser.close();
  await service.stop();
}
