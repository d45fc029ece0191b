// Every page of the tour: in light and dark, at three widths, with and without script, measured, and with no link that leads
// nowhere.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { demo, visit } from "../lib/estate.mjs";
import { accessible, narrow, whole } from "../lib/page.mjs";
import { prepare, PAGES, PLAIN, resolve } from "../lib/tour.mjs";
import { until } from "../lib/until.mjs";
import { SIZES } from "../lib/visitor.mjs";

/** Bytes that the first visit of a page may transfer, with everything it loads. */
const MOST = 60_000;
const pictures = process.env.STANCE_PICTURES ?? join(import.meta.dirname, "../../../target/browser");
mkdirSync(pictures, { recursive: true });

const { service, people } = await demo();
const root = await visit(service, { state: people.root });
const api = (path) => root.api(path);
const sources = await prepare(root, until);
const tours = [
  [await resolve(PAGES, api), people.root],
  [await resolve(PLAIN, api), undefined],
];

/** Goes through all pages as one visitor, and tells at the end what was wrong with each. */
const walk = async (options, look) => {
  const wrong = [];
  for (const [pages, state] of tours) {
    const visitor = await visit(service, { ...options, state });
    for (const page of pages) {
      try {
        await visitor.go(page.path, page.status);
        await look(visitor.page, page, visitor);
        visitor.calm(page.path);
      } catch (error) {
        wrong.push(`${page.name}: ${error.message.split("\n+ actual")[0]}`);
      }
    }
    await visitor.close();
  }
  assert.equal(wrong.length, 0, wrong.join("\n"));
};

const picture = (page, name, options) => page.screenshot({ path: join(pictures, `${name}.png`), ...options });

test("every page is accessible in light and dark", () =>
  walk({}, async (page, { name }) => {
    await whole(page, name);
    // The dark one first, so that the next page is light. Looking unfolds what is folded, so the pictures are taken before.
    for (const look of [(theme) => picture(page, `${name}-${theme}`), (theme) => accessible(page, theme)]) {
      for (const theme of ["dark", "light"]) {
        await page.emulateMedia({ colorScheme: theme });
        await look(theme);
      }
    }
  }));

test("every page fits a phone and a tablet", () =>
  walk({}, async (page, { name }) => {
    for (const size of ["phone", "tablet"]) {
      await page.setViewportSize(SIZES[size]);
      await picture(page, `${name}-${size}`, { fullPage: true });
      await narrow(page, size);
    }
  }));

test("every page says the same without script", () =>
  walk({ script: false }, async (page, { name }) => {
    await picture(page, `${name}-plain`);
    const [heading, hidden] = [await page.locator("h1").innerText(), await page.locator(".js-only:visible").count()];
    assert.notEqual(heading, "", name);
    assert.equal(hidden, 0, `${name} shows what needs script`);
    // Whatever a form does, it can be sent: a button, or a field that sends by Enter.
    const stuck = await page.locator("form[method=post]").evaluateAll((forms) =>
      forms.filter((form) => form.querySelector("input:not([type=hidden]), textarea, select") && !form.querySelector("button")).length);
    assert.equal(stuck, 0, `${name} has a form without a button`);
  }));

test("the first visit of a page transfers less than 60 kB", async () => {
  const weights = [];
  let [bytes, session] = [0, null];
  await walk({}, async (page, { name, path }, visitor) => {
    if (session?.page !== page) {
      // Everything is fetched each time, as by a browser that has nothing yet.
      session = { page, cdp: await visitor.context.newCDPSession(page) };
      session.cdp.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
      await session.cdp.send("Network.enable");
      await session.cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
    }
    bytes = 0;
    await page.goto(path, { waitUntil: "load" });
    weights.push([name, bytes]);
  });
  weights.sort((one, other) => other[1] - one[1]);
  console.log(weights.map(([name, bytes]) => `${String(bytes).padStart(7)} bytes  ${name}`).join("\n"));
  assert.deepEqual(weights.filter(([, bytes]) => bytes >= MOST), []);
  assert.ok(weights.at(-1)[1] > 10_000, "nothing was measured");
});

test("no link leads nowhere", async () => {
  const visitor = await visit(service, { state: people.root });
  const seen = new Set(["/"]);
  const waiting = ["/"];
  const shapes = new Map();
  while (waiting.length) {
    const path = waiting.shift();
    const answer = await visitor.context.request.get(path, { maxRedirects: 0 });
    assert.ok(answer.status() < 400, `${path} answers ${answer.status()}`);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    const html = await answer.text();
    for (const [, raw] of html.matchAll(/\s(?:href|src|action)="([^"]*)"/g)) {
      const url = new URL(raw.replaceAll("&#38;", "&").replaceAll("&amp;", "&"), new URL(path, service.base));
      assert.equal(url.origin, service.base, `${path} leads to ${url}`);
      const address = url.pathname + url.search;
      // Of pages that differ in a number, and of lists that differ in the values of their filters, some are enough; of filters
      // together, two.
      const shape = address.replace(/\d+/g, "0").replace(/=[^&]*/g, "");
      const met = shapes.get(shape) ?? 0;
      if (seen.has(address) || met >= 3 || url.searchParams.size > 2) continue;
      // What only takes a form is no link.
      if (new RegExp(`action="${raw.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}"`).test(html) && !html.includes(`href="${raw}"`)) continue;
      seen.add(address);
      shapes.set(shape, met + 1);
      waiting.push(address);
    }
  }
  console.log(`${seen.size} addresses`);
  assert.ok(seen.size > 100, `only ${seen.size} addresses were found`);
  await visitor.close();
});

test("dialogs are accessible", async () => {
  for (const theme of ["light", "dark"]) {
    const visitor = await visit(service, { state: people.root, theme });
    const { page } = visitor;
    await visitor.go(`/sources/${sources[0].id}`);
    await page.getByRole("link", { name: "Remove" }).click();
    await page.getByRole("dialog").waitFor();
    await accessible(page, `the dialog of removing in ${theme}`);
    await picture(page, `dialog-remove-${theme}`);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await accessible(page, `the dialog of keys in ${theme}`);
    await picture(page, `dialog-keys-${theme}`);
    await page.keyboard.press("Escape");
    for (const menu of await page.locator("details.drop > summary").all()) {
      await menu.click();
      await accessible(page, `a menu in ${theme}`);
    }
    visitor.calm("dialogs");
    await visitor.close();
  }
});
