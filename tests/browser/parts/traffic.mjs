// Run time: from figures to the list behind them, to one interaction and its session.

import assert from "node:assert/strict";
import test from "node:test";
import { demo, visit } from "../lib/estate.mjs";

const { service, people } = await demo();

/** A figure as the page writes it, as a number. */
const number = (text) => Number(text.replaceAll(",", ""));

test("every figure at the head leads to as many interactions", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/traffic?span=24h");
  const said = number(await page.locator(".kpi", { hasText: "Stopped" }).locator(".kpi-value").innerText());
  assert.ok(said > 0, "something was stopped");
  await visitor.press(page.locator(".kpi", { hasText: "Stopped" }));
  assert.equal(await page.locator("h1").innerText(), "Interactions");
  const { interactions } = await visitor.api(`/traffic/interactions${new URL(page.url()).search}&limit=1000`);
  assert.equal(interactions.length, said);
  assert.ok(interactions.every((one) => ["ask", "block"].includes(one.decision)));
  visitor.calm("figures");
  await visitor.close();
});

test("a column of the chart is the list behind it, and a rule its interactions", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/traffic?span=7d");
  const column = page.locator("#by-decision svg a").nth(5);
  const words = await column.getAttribute("aria-label");
  const counted = [...words.split(": ").at(-1).matchAll(/(\d[\d,]*) [a-z]+/g)].reduce((sum, [, count]) => sum + number(count), 0);
  const { interactions } = await visitor.api(`${await column.getAttribute("href")}&limit=1000`);
  assert.equal(interactions.length, counted, words);
  await visitor.press(page.locator("#why").getByRole("link", { name: "flow/obeys-content" }));
  assert.match(await page.locator(".chips").innerText(), /Rule: flow\/obeys-content/);
  visitor.calm("columns");
  await visitor.close();
});

test("one interaction shows why, where, and what belongs to it", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/traffic/interactions?span=24h&rule=flow/obeys-content");
  await page.keyboard.press("j");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  assert.match(await page.locator("h1").innerText(), /^Interaction/);
  assert.match(await page.locator(".panel-head").first().innerText(), /blocked/);
  assert.match(await page.locator(".timeline mark").first().innerText(), /^SYSTEM: forward/);
  const id = new URL(page.url()).pathname;
  const root = await visit(service, { state: people.root });
  const { thread, words } = await root.api(id);
  assert.equal(words, "kept");
  assert.ok(thread.some((one) => id.endsWith(one.id)), "it stands in its own session");
  await visitor.press(page.getByRole("link", { name: "support-desk", exact: true }).or(page.getByRole("link", { name: "ana@northwind.example", exact: true })).first());
  assert.match(await page.locator(".chips").innerText(), /Identity: /);
  visitor.calm("one interaction");
  await root.close();
  await visitor.close();
});

test("the keys g t lead there, and spans are addresses", async () => {
  const visitor = await visit(service, { state: people.bo });
  const { page } = visitor;
  await visitor.go("/");
  await page.keyboard.press("g");
  await Promise.all([page.waitForURL("**/traffic"), page.keyboard.press("t")]);
  await visitor.press(page.getByRole("link", { name: "30 days" }));
  assert.match(page.url(), /span=30d/);
  await visitor.press(page.getByRole("navigation", { name: "Traffic" }).getByRole("link", { name: "Detections" }));
  assert.match(page.url(), /detections\?span=30d/, "the span stays");
  visitor.calm("keys");
  await visitor.close();
});

test("an interaction leads to the finding made of it, and that back to its list", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/traffic/detections?span=24h&rule=flow/obeys-content");
  assert.match(await page.locator("#detections tbody tr").first().innerText(), /\d+ findings?/);
  await visitor.go("/traffic/interactions?span=24h&rule=flow/obeys-content");
  await visitor.press(page.locator("#interactions a[data-open]").first());
  const here = new URL(page.url()).pathname;
  const { findings } = await visitor.api(here);
  assert.equal(findings[0].rule, "runtime/injection");
  await visitor.press(page.locator("#findings a").first());
  assert.equal(new URL(page.url()).pathname, `/findings/${findings[0].number}`);
  await visitor.press(page.locator('main a[href^="/traffic/interactions?rule=flow"]').first());
  const { interactions } = await visitor.api(`/traffic/interactions${new URL(page.url()).search}&limit=1000`);
  assert.ok(interactions.some((one) => here.endsWith(one.id)), "the list has the interaction");
  visitor.calm("interaction and finding");
  await visitor.close();
});

test("a program that sends metrics only is seen, and the search box finds an id", async () => {
  const visitor = await visit(service, { state: people.bo });
  const { page } = visitor;
  await visitor.go("/traffic?span=7d");
  const row = page.locator("#metrics tr", { hasText: "nightly-summaries" });
  assert.match(await row.innerText(), /told in metrics only/);
  const { metrics, all } = await visitor.api("/traffic?span=7d");
  assert.ok(metrics[0].calls > all.interactions / 10 && metrics[0].tokens_in > 0);
  const { interactions, total } = await visitor.api("/traffic/interactions?span=7d&decision=block");
  await visitor.go("/traffic/interactions?span=7d&decision=block");
  assert.match(await page.locator("#interactions").innerText(), new RegExp(`of ${total.toLocaleString("en-GB")} interactions|^${total} interactions`, "m"));
  await page.keyboard.press("/");
  await page.keyboard.type(interactions[0].id.slice(0, 12));
  await Promise.all([page.waitForURL("**/search?*"), page.keyboard.press("Enter")]);
  await visitor.press(page.locator("#found-interactions a[data-open]").first());
  assert.ok(page.url().endsWith(interactions[0].id));
  visitor.calm("metrics and search");
  await visitor.close();
});
