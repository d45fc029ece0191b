// Without a mouse.

import assert from "node:assert/strict";
import test from "node:test";
import { demo, visit } from "../lib/estate.mjs";

const { service, people } = await demo();

/** What has the focus: the kind of element, its name, and whether the browser draws a ring around it. */
const focus = (page) =>
  page.evaluate(() => {
    const one = document.activeElement;
    return {
      tag: one.localName,
      name: (one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 60),
      ring: getComputedStyle(one).outlineStyle !== "none",
      seen: (() => {
        const box = one.getBoundingClientRect();
        return box.width > 0 && box.bottom > 0 && box.top < innerHeight;
      })(),
      inMain: Boolean(one.closest("main")),
      row: [...document.querySelectorAll("[data-row]")].indexOf(one.closest("[data-row]")),
    };
  });

test("the first key leads past the menu", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/findings");
  await page.keyboard.press("Tab");
  assert.deepEqual((({ name, seen, ring }) => ({ name, seen, ring }))(await focus(page)), { name: "Skip to content", seen: true, ring: true });
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok((await focus(page)).inMain, "the next stop is in the content");
  visitor.calm("skipping");
  await visitor.close();
});

test("Tab goes through everything in the order in which it is read, and shows where it is", async () => {
  const visitor = await visit(service, { state: people.root });
  const { page } = visitor;
  for (const path of ["/", "/findings", "/settings/users"]) {
    await visitor.go(path);
    const order = await page.evaluate(() => {
      const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
      const seen = stops.filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0);
      seen.forEach((one, index) => one.setAttribute("data-stop", index));
      return seen.length;
    });
    const visited = [];
    for (let step = 0; step < order; step += 1) {
      await page.keyboard.press("Tab");
      visited.push(await page.evaluate(() => Number(document.activeElement.getAttribute("data-stop") ?? -1)));
      const { ring, seen, name } = await focus(page);
      assert.ok(ring && seen, `${path}: the focus on "${name}" cannot be seen`);
    }
    const sorted = [...visited].sort((one, other) => one - other);
    assert.deepEqual(visited, sorted, `${path}: the order of the focus`);
    assert.ok(new Set(visited).size >= order - 2, `${path}: ${new Set(visited).size} of ${order} can be reached`);
  }
  visitor.calm("the order of the focus");
  await visitor.close();
});

test("rows are walked, ticked, opened and assigned by keys", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/findings");
  for (const [key, row] of [["j", 0], ["j", 1], ["j", 2], ["k", 1]]) {
    await page.keyboard.press(key);
    assert.equal((await focus(page)).row, row, `after ${key}`);
  }
  await page.keyboard.press("x");
  assert.equal(await page.locator("tbody input:checked").count(), 1);
  assert.equal(await page.locator("[data-selected]").innerText(), "1 row selected");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("tbody input:checked").count(), 0, "Escape takes the selection back");
  const name = (await focus(page)).name;
  await Promise.all([page.waitForURL(/open=\d+/), page.keyboard.press("Enter")]);
  await page.locator("#detail").waitFor();
  assert.equal((await focus(page)).name, name, "the focus stays on the row");
  await visitor.go(`/findings/${new URL(page.url()).searchParams.get("open")}`);
  await page.keyboard.press("a");
  assert.equal((await focus(page)).tag, "select", "a leads to whom it is assigned");
  visitor.calm("rows");
  await visitor.close();
});

test("keys lead to pages, to the search, and to their own list", async () => {
  const visitor = await visit(service, { state: people.root });
  const { page } = visitor;
  await visitor.go("/");
  for (const [key, path] of [["i", "/inventory"], ["f", "/findings"], ["c", "/changes"], ["m", "/compliance"], ["k", "/objectives"], ["s", "/sources"], ["l", "/audit"], ["o", "/"]]) {
    await page.keyboard.press("g");
    await Promise.all([page.waitForURL((url) => url.pathname === path), page.keyboard.press(key)]);
    await page.waitForLoadState("load");
  }
  await page.keyboard.press("/");
  assert.equal((await focus(page)).tag, "input");
  await page.keyboard.type("gj/x?");
  assert.equal(await page.getByRole("searchbox").inputValue(), "gj/x?", "keys are letters where somebody types");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await keys.waitFor();
  assert.match(await keys.innerText(), /Next, previous row/);
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "hidden" });
  visitor.calm("keys");
  await visitor.close();
});

test("menus open and close by keys and give the focus back", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  await visitor.go("/findings");
  const menu = page.locator("summary", { hasText: "Severity" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok((await page.locator("details[open] :focus").count()) === 1, "the next stop is in the menu");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("details.drop[open]").count(), 0);
  assert.match((await focus(page)).name, /^Severity/);
  visitor.calm("menus");
  await visitor.close();
});
