// What is typed is not lost, with script and without.

import assert from "node:assert/strict";
import test from "node:test";
import { demo, visit } from "../lib/estate.mjs";
import { accessible } from "../lib/page.mjs";

const { service, people } = await demo();

for (const script of [true, false]) {
  test(`a form that is not taken stands there again, ${script ? "with" : "without"} script`, async () => {
    const visitor = await visit(service, { state: people.root, script });
    const { page } = visitor;
    await visitor.go("/sources/new?kind=directory");
    await page.getByLabel("Name").fill("payments <b>");
    await page.getByLabel("Path on the server").fill("not/absolute");
    await page.getByLabel("Owner").fill("team-a");
    await page.getByLabel("Environment").selectOption("staging");
    visitor.expected.add(422);
    await visitor.press(page.getByRole("button", { name: "Add and look" }));
    const path = page.getByLabel("Path on the server");
    assert.equal(await path.getAttribute("aria-invalid"), "true");
    assert.match(await page.locator(`#${(await path.getAttribute("aria-describedby")).split(" ")[0]}`).innerText(), /whole path on the server/);
    assert.equal(await path.inputValue(), "not/absolute");
    assert.equal(await page.getByLabel("Name").inputValue(), "payments <b>");
    assert.equal(await page.getByLabel("Owner").inputValue(), "team-a");
    assert.equal(await page.getByLabel("Environment").inputValue(), "staging");
    if (script) {
      assert.match(page.url(), /\/sources\/new\?kind=directory$/, "the address is that of the page");
      await accessible(page, "a form with an error");
    }
    // Put right, it is taken.
    await path.fill(service.directory);
    await visitor.press(page.getByRole("button", { name: "Add and look" }));
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
    const { sources } = await visitor.api("/sources");
    assert.equal(sources.filter((one) => one.name === "payments <b>").length, 1);
    const made = sources.find((one) => one.name === "payments <b>");
    await visitor.go(`/sources/${made.id}/remove`);
    await visitor.press(page.getByRole("button", { name: "Remove" }));
    visitor.calm("a form with an error");
    await visitor.close();
  });
}

test("a field that is folded away is unfolded when it is wrong", async () => {
  const visitor = await visit(service, { state: people.ana });
  const { page } = visitor;
  const { findings } = await visitor.api("/findings?severity=critical");
  await visitor.go(`/findings/${findings[0].number}`);
  await page.locator("summary", { hasText: "Accept the risk" }).click();
  await page.getByLabel("Why can it be accepted?").fill("Nobody loads it.");
  await page.getByLabel("Until").fill("2020-01-01");
  visitor.expected.add(422);
  await visitor.press(page.getByRole("button", { name: "Ask for a waiver" }));
  assert.ok(await page.getByLabel("Why can it be accepted?").isVisible());
  assert.equal(await page.getByLabel("Why can it be accepted?").inputValue(), "Nobody loads it.");
  assert.equal(await page.getByLabel("Until").getAttribute("aria-invalid"), "true");
  await page.reload();
  assert.equal(await page.locator("[aria-invalid]").count(), 0, "the page can be loaded anew");
  visitor.calm("a folded form");
  await visitor.close();
});

test("what somebody else changed meanwhile is said, and nothing is lost", async () => {
  const [ana, bo] = [await visit(service, { state: people.ana }), await visit(service, { state: people.bo })];
  const { assets } = await ana.api("/inventory?kind=agent");
  const address = `/inventory/${assets[0].number}`;
  for (const visitor of [ana, bo]) {
    await visitor.go(address);
    await visitor.page.locator("#edit > summary").click();
  }
  const save = async (visitor, owner) => {
    await visitor.page.getByLabel("Owner").fill(owner);
    await visitor.press(visitor.page.getByRole("button", { name: "Save" }));
  };
  await save(ana, "team-of-ana");
  bo.expected.add(409);
  await save(bo, "team-of-bo");
  assert.equal(await bo.page.getByLabel("Owner").inputValue(), "team-of-bo");
  assert.ok((await bo.page.getByRole("alert").innerText()).length > 10, "it says why");
  for (const visitor of [ana, bo]) {
    visitor.calm("two people");
    await visitor.close();
  }
});
