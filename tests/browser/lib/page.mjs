// What is asked of every page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2 at level AA, and what the makers of axe hold to be good besides. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** No violation of WCAG 2.2 AA, with everything unfolded that can be. */
export const accessible = async (page, where) => {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (rules) => {
    for (const details of document.querySelectorAll("details:not(.drop)")) details.open = true;
    const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
    // A name that is cut in a drawing stands whole in what is read aloud, so it is not a part of that letter by letter.
    const cut = (id, { target }) => id === "label-content-name-mismatch" && document.querySelector(target[0]).textContent.includes("\u2026");
    return violations
      .map(({ id, nodes }) => ({ id, nodes: nodes.filter((node) => !cut(id, node)) }))
      .filter(({ nodes }) => nodes.length)
      .map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 300)}`);
  }, RULES);
  assert.deepEqual(violations, [], `${where}: ${violations.join("\n")}`);
};

/** Nothing is wider than the window. */
export const narrow = async (page, where) => {
  const wide = await page.evaluate(() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return null;
    const sticks = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    return `${over} px: ${sticks.slice(-1).map((one) => one.outerHTML.slice(0, 200))}`;
  });
  assert.equal(wide, null, `${where} is wider than the window by ${wide}`);
};

/** A page says what it is: one heading, a title, a way past the menu. */
export const whole = async (page, where) => {
  const { heading, title } = await page.evaluate(() => ({
    heading: [...document.querySelectorAll("h1")].map((one) => one.textContent.trim()),
    title: document.title,
  }));
  assert.equal(heading.length, 1, `${where} has the headings ${heading}`);
  assert.notEqual(heading[0], "", `${where} has an empty heading`);
  assert.match(title, /. · Stance$/, where);
};
