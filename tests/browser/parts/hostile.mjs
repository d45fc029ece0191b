// Texts of others in every place that keeps one: the pages show them and do nothing else.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { demo, visit } from "../lib/estate.mjs";
import { narrow } from "../lib/page.mjs";
import { document as hostile, marked, PAYLOADS } from "../lib/payloads.mjs";
import { prepare, PAGES, resolve } from "../lib/tour.mjs";
import { until } from "../lib/until.mjs";

const { service, people } = await demo();
const root = await visit(service, { state: people.root });
const { page } = root;
/** A hostile text may make a page refuse; it never breaks the server. */
const mayRefuse = () => [400, 401, 403, 404, 405, 409, 413, 414, 422].forEach((status) => root.expected.add(status));

/** Sends a form as the page of the session would; 303, or a refusal in words. */
const send = async (path, fields, from = "/account") => {
  const csrf = (await (await root.context.request.get(from)).text()).match(/name="csrf" value="([^"]+)"/)[1];
  const body = new URLSearchParams({ csrf });
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
  const answer = await root.context.request.post(path, {
    data: body.toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", referer: service.base + from },
    maxRedirects: 0,
  });
  assert.ok([200, 201, 303, 409, 422].includes(answer.status()), `${path} answers ${answer.status()}: ${(await answer.text()).slice(0, 300)}`);
  return answer.status();
};

/** Pages are looked at in so many tabs at once: while one waits for the server, another is looked through. */
const TABS = 4;
const tabs = [page, ...(await Promise.all(Array.from({ length: TABS - 1 }, () => root.context.newPage())))];

/** The elements and attributes that pages are made of. */
const parts = (tab = page) =>
  tab.evaluate(() => {
    const found = new Set();
    for (const element of document.querySelectorAll("*")) {
      found.add(element.localName);
      for (const attribute of element.attributes) found.add(`@${attribute.name}`);
    }
    return [...found];
  });

/** What pages of honest texts are made of; these come with texts only. */
const known = new Set(["del", "ins", "mark", "hr", "@start", "@aria-sort", "@selected", "@checked", "@open", "@aria-invalid", "@autofocus", "@data-address", "@disabled", "@list", "datalist", "table", "@colspan", "@transform", "pre"]);

/** Looks for what no page of ours has. */
const look = async (where, tab = page) => {
  const strange = (await parts(tab)).filter((part) => !known.has(part));
  assert.deepEqual(strange, [], `${where} holds ${strange.join(", ")}`);
  const wrong = await tab.evaluate(() => {
    const wrong = [];
    if (window.hit) wrong.push("a script ran");
    const own = (value) => new URL(value, location.href).origin === location.origin && new URL(value, location.href).protocol === location.protocol;
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (/^on|^style$|^srcdoc$/i.test(name)) wrong.push(`${element.localName} has ${name}`);
        if (/^(href|src|action|formaction|poster|xlink:href)$/i.test(name) && !own(value)) wrong.push(`${element.localName} leads to ${value.slice(0, 80)}`);
      }
    }
    const scripts = [...document.scripts].filter((script) => script.textContent || !new URL(script.src).pathname.startsWith("/assets/"));
    if (scripts.length) wrong.push(`${scripts.length} scripts of others`);
    if (document.querySelectorAll("main").length !== 1) wrong.push("the page is torn");
    // What is not seen, or turns what stands beside it around, is written out.
    const hidden = document.documentElement.innerText.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/u);
    if (hidden) wrong.push(`U+${hidden[0].codePointAt(0).toString(16)} is on the page`);
    return wrong;
  });
  assert.deepEqual(wrong, [], `${where}: ${wrong.join("; ")}`);
};

/** Does something with each page in one of these tabs, and tells at the end what was wrong with each. */
const inTabs = async (tabs, paths, each) => {
  const wrong = [];
  const left = [...paths].reverse();
  let seen = 0;
  const work = async (tab) => {
    while (left.length) {
      const path = left.pop();
      await each(path, tab).catch((error) => wrong.push(error.message.split("\n+ actual")[0]));
      seen += 1;
    }
  };
  await Promise.all(tabs.map(work));
  assert.equal(wrong.length, 0, wrong.join("\n"));
  assert.equal(seen, paths.length, "every page was looked at");
};

/** Looks at pages. */
const seeAll = (paths) => inTabs(tabs, paths, see);

const see = async (path, tab) => {
  const answer = await tab.goto(path, { waitUntil: "load" });
  assert.ok(answer.status() < 500, `${path.slice(0, 200)} answers ${answer.status()}`);
  await look(path.slice(0, 200), tab);
};

test("honest pages first, to know what pages are made of", async () => {
  await prepare(root, until);
  const pages = await resolve(PAGES, (path) => root.api(path));
  root.expected = new Set(pages.map(({ status = 200 }) => status).filter((status) => status >= 400));
  await inTabs(tabs, pages, async ({ path, status = 200 }, tab) => {
    const answer = await tab.goto(path, { waitUntil: "load" });
    assert.equal(answer.status(), status, `${path} answers ${answer.status()}`);
    (await parts(tab)).forEach((part) => known.add(part));
  });
  root.calm("honest pages");
});

test("hostile texts are taken in wherever a text is kept", async () => {
  const file = join(service.directory, "hostile.json");
  await writeFile(file, JSON.stringify(hostile()));
  const token = join(service.directory, "token");
  const csrf = (await (await root.context.request.get("/account")).text()).match(/name="csrf" value="([^"]+)"/)[1];
  const made = await root.context.request.post("/api/v1/account/tokens", { data: { name: "ingest", days: 1, scopes: ["ingest"] }, headers: { "x-csrf-token": csrf } });
  await writeFile(token, (await made.json()).token, { mode: 0o600 });
  const said = await service.tell("push", "--document", file, "--server", service.base, "--source", "hostile", "--token-file", token);
  assert.match(said, new RegExp(`${PAYLOADS.length} assets, ${PAYLOADS.length} findings`));
  // Half of a surrogate pair is no text.
  const half = JSON.stringify(hostile()).replace('"tool":{"name":"stance"', '"tool":{"name":"\\ud800"');
  const torn = await root.context.request.post("/api/v1/ingest?source=torn&wait=true", { data: half, headers: { "content-type": "application/json", "x-csrf-token": csrf } });
  const { run } = await torn.json();
  assert.equal(run.state, "failed");
  assert.match(run.error, /surrogate|escape/);

  const { findings } = await root.api("/findings?q=MK");
  const { assets } = await root.api("/inventory?q=MK");
  assert.ok(findings.length > 10 && assets.length > 10, `${findings.length} findings and ${assets.length} assets are found by their text`);
  const taken = {};
  for (const [index, payload] of PAYLOADS.entries()) {
    const text = (most) => marked(payload).slice(0, most);
    const [asset, finding] = [assets[index % assets.length], findings[index % findings.length].number];
    const forms = {
      comment: [`/findings/${finding}/comment`, { text: text(8000) }],
      waiver: [`/findings/${finding}/accept`, { text: text(2000), expires: "2099-01-01" }],
      asset: [`/inventory/${asset.number}/edit`, { owner: text(200), purpose: text(2000), environment: "staging", criticality: "low", sensitivity: "public", revision: "0" }],
      source: ["/sources", { form: "1", kind: "push", name: text(120), owner: text(120), environment: "staging" }],
      logs: ["/sources", { form: "1", kind: "directory", name: `d ${text(110)}`, path: `/srv/${text(200)}`, schedule: "", enabled: "false", owner: text(120), environment: "test" }],
      announced: ["/changes/expected/announce", { asset: text(400), field: text(100), reason: text(4000), opens: "2026-01-01", closes: "2099-01-01" }],
      view: ["/saved", { page: "findings", query: `q=${encodeURIComponent(text(60))}`, name: text(80) }],
      token: ["/account/tokens", { name: text(100), days: "1", scopes: "ingest" }],
      notification: ["/settings/notifications", { form: "1", channel: "webhook", name: text(100), target: `https://chat.example/${encodeURIComponent(text(200))}`, events: "finding.opened", least_severity: "high", enabled: "false" }],
      person: ["/settings/users", { login: `p${index}`, name: text(100), email: `p${index}@example.org`, role: "viewer" }],
      sanction: [`/inventory/${assets[(index + 1) % assets.length].number}/approval`, { approval: "rejected", reason: text(2000), revision: "0" }],
    };
    for (const [what, [path, fields]] of Object.entries(forms)) if ((await send(path, fields)) !== 422) taken[what] = (taken[what] ?? 0) + 1;
  }
  console.log("taken:", JSON.stringify(taken));
  for (const what of ["comment", "waiver", "source", "announced", "view", "token", "notification", "person"]) assert.ok(taken[what] >= 8, `${what}: only ${taken[what]} texts are kept`);
  await send("/account", { name: marked(PAYLOADS[0]).slice(0, 100), email: "a@example.org" });
});

test("every page shows them and does nothing", async () => {
  mayRefuse();
  const { assets } = await root.api("/inventory?q=MK");
  const { findings } = await root.api("/findings?q=MK&state=all");
  const { sources } = await root.api("/sources");
  const { entries } = await root.api("/audit");
  const { notifications } = await root.api("/notifications");
  await seeAll([
    ...(await resolve(PAGES, (path) => root.api(path))).map((one) => one.path),
    ...assets.flatMap(({ number }) => [`/inventory/${number}`, `/inventory/${number}/relations`]),
    ...findings.flatMap(({ number }) => [`/findings/${number}`, `/findings?q=MK&open=${number}`]),
    ...sources.filter(({ name }) => name.includes("MK")).flatMap(({ id }) => [`/sources/${id}`, `/sources/${id}/edit`]),
    ...notifications.flatMap(({ id }) => [`/settings/notifications/${id}`, `/settings/notifications/${id}/edit`]),
    ...entries.slice(0, 30).map(({ seq }) => `/audit/${seq}`),
    "/inventory?q=MK",
    "/inventory?q=MK&sort=name",
    "/findings?q=MK",
    ...["rule", "asset", "owner", "fix"].map((group) => `/findings?group=${group}`),
    "/waivers?state=requested",
    "/changes?state=all",
    "/sources?removed=true",
    "/search?q=MK",
  ]);
  root.calm("pages with hostile texts");
});

test("each text can be read where it stands", async () => {
  for (const payload of PAYLOADS) {
    const { assets } = await root.api(`/inventory?q=${payload.mark}`);
    assert.equal(assets.length, 1, payload.kind);
    await root.go(`/inventory?q=${payload.mark}`);
    const row = await page.locator("[data-row] .main-cell").innerText();
    assert.ok(row.includes(payload.shown.slice(0, 20)), `${payload.kind}: the list shows ${row}`);
    await root.go(`/inventory/${assets[0].number}`);
    const [heading, main] = [await page.locator("h1").innerText(), await page.locator("main").innerText()];
    assert.ok(heading.includes(payload.mark) && main.includes(payload.shown), `${payload.kind}: the page shows ${heading.slice(0, 200)}`);
  }
  root.calm("reading hostile texts");
});

test("texts in addresses do nothing either", async () => {
  mayRefuse();
  const places = ["/search?q=", "/inventory?q=", "/inventory?owner=", "/findings?q=", "/findings?group=", "/findings?severity=", "/rules?q=", "/sources?q=", "/audit?action=", "/compliance/control?id=", "/compliance/framework/", "/sign-in?next=", "/welcome/", "/nothing/"];
  await seeAll(PAYLOADS.flatMap((payload) => places.map((place) => place + encodeURIComponent(marked(payload).slice(0, 1500)))));
  root.calm("hostile addresses");
});

test("hostile texts fit a phone, and open beside the list and in dialogs", async () => {
  const phone = await visit(service, { state: people.root, size: "phone" });
  const { assets } = await root.api("/inventory?q=MK");
  const { findings } = await root.api("/findings?q=MK");
  const paths = ["/", "/inventory?q=MK", "/findings?q=MK", "/changes", "/sources", "/waivers", "/settings/users", "/account", "/audit"];
  const numbers = [...assets.map((one) => `/inventory/${one.number}`), ...findings.map((one) => `/findings/${one.number}`)];
  const hands = [phone.page, ...(await Promise.all(Array.from({ length: TABS - 1 }, () => phone.context.newPage())))];
  await inTabs(hands, [...paths, ...numbers], async (path, tab) => {
    const answer = await tab.goto(path, { waitUntil: "load" });
    assert.equal(answer.status(), 200, `${path} answers ${answer.status()}`);
    await narrow(tab, path);
  });
  phone.calm("a phone");
  await phone.close();
  await root.go("/findings?q=MK");
  for (const link of (await page.locator("a[data-beside]").all()).slice(0, 4)) {
    await Promise.all([page.waitForURL(/open=\d+/), link.click()]);
    await page.locator("#detail").waitFor();
    await look("beside the list");
  }
  const { sources } = await root.api("/sources");
  await root.go(`/sources/${sources.find((one) => one.name.startsWith("MK00")).id}`);
  await page.getByRole("link", { name: "Remove" }).click();
  await page.getByRole("dialog").waitFor();
  await look("the dialog of removing");
  root.calm("beside and in dialogs");
});

test("a table in a file holds no formula", async () => {
  for (const path of ["/inventory.csv", "/findings.csv", "/audit.csv"]) {
    const csv = await (await root.context.request.get(path)).text();
    assert.ok(csv.includes("HYPERLINK") || path === "/audit.csv", `${path} holds the text`);
    const cells = csv.match(/(?<=^|,|\r\n)("(?:[^"]|"")*"|[^,\r\n]*)/g).map((cell) => cell.replace(/^"|"$/g, ""));
    const formulas = cells.filter((cell) => /^[=+@\t\r]|^-[^\d.]/.test(cell));
    assert.deepEqual(formulas.slice(0, 3), [], path);
  }
});
