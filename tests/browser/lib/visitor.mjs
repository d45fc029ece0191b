// Somebody at a browser, who notices everything that is not as it should be.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

/** Debian's browser, without anything that it would fetch by itself. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });

/** Widths at which pages are looked at. */
export const SIZES = {
  desk: { width: 1440, height: 900 },
  tablet: { width: 768, height: 1024 },
  phone: { width: 360, height: 740 },
};

export class Visitor {
  /**
   * A new browser profile. `state` is that of a visitor who signed in; `theme` is what the system says; without `script`
   * nothing runs on the pages.
   */
  static async open(browser, base, { state, theme = "light", size = "desk", script = true, width } = {}) {
    const context = await browser.newContext({
      baseURL: base,
      storageState: state,
      colorScheme: theme,
      viewport: width ? { width, height: 900 } : SIZES[size],
      javaScriptEnabled: script,
      reducedMotion: "reduce",
      acceptDownloads: true,
      locale: "en-GB",
      timezoneId: "UTC",
    });
    context.setDefaultTimeout(15_000);
    const visitor = new Visitor(context, base);
    await visitor.tab();
    return visitor;
  }

  constructor(context, base) {
    this.context = context;
    this.base = base;
    /** What was not as it should be. */
    this.faults = [];
    /** Statuses of the server that the next page may have. */
    this.expected = new Set();
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== base && url.protocol !== "blob:") this.faults.push(`asked for ${request.url().slice(0, 200)}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400 && !this.expected.has(response.status()))
        this.faults.push(`${response.status()} at ${response.url()}`);
    });
    context.on("console", (message) => {
      const text = message.text();
      // The browser says it of every answer that is an error; those are judged above.
      if (/^Failed to load resource: the server responded/.test(text)) return;
      this.faults.push(`console, ${message.type()}: ${text.slice(0, 400)}`);
    });
    context.on("weberror", (error) => this.faults.push(`script: ${error.error()}`));
    context.on("dialog", async (dialog) => {
      if (dialog.type() !== "beforeunload") this.faults.push(`a dialog: ${dialog.message()}`);
      await dialog.dismiss().catch(() => {});
    });
  }

  async tab() {
    this.page = await this.context.newPage();
    return this.page;
  }

  /** Goes to a page, which has to answer with this status. */
  async go(path, status = 200) {
    this.expected = new Set(status < 400 ? [] : [status]);
    const response = await this.page.goto(path, { waitUntil: "load" });
    assert.equal(response.status(), status, `${path} answers ${response.status()}`);
    return response;
  }

  /** The JSON twin of a page. */
  async api(path) {
    const response = await this.context.request.get(`/api/v1${path}`);
    assert.equal(response.status(), 200, `/api/v1${path} answers ${response.status()}: ${(await response.text()).slice(0, 300)}`);
    return response.json();
  }

  /** Presses a button and waits for the page that follows. */
  async press(button) {
    await Promise.all([this.page.waitForEvent("load"), button.click()]);
  }

  /** Nothing was wrong since the last look. */
  calm(where) {
    const faults = this.faults.splice(0);
    assert.deepEqual(faults, [], `${where}: ${faults.join("; ")}`);
  }

  async close() {
    await this.context.close();
  }
}
