// Every page of the dashboard, in one place: what the tests look at and what the documentation shows. A new page is one
// line here. `at` is its path, or finds it by asking the API; `docs` names its picture in docs/dashboard.

const first = (list, test, what) => {
  const found = list.find(test);
  if (!found) throw new Error(`the sample estate holds no ${what}`);
  return found;
};

const finding = async (api) => {
  const { findings } = await api("/findings");
  return first(findings, (one) => one.rule === "agent/mcp-host-access", "finding of agent/mcp-host-access").number;
};
const asset = async (api) => {
  const { assets } = await api("/inventory?kind=agent");
  return first(assets, (one) => one.name === "support", "agent called support").number;
};
const source = async (api) => first((await api("/sources")).sources, (one) => one.name === "churn-model", "source churn-model").id;
const notification = async (api) => first((await api("/notifications")).notifications, () => true, "notification").id;
const run = async (api) => first((await api("/runs")).runs, (one) => one.state === "succeeded", "run that succeeded").id;

const interaction = async (api, filter) => {
  const { interactions } = await api(`/traffic/interactions?${filter}`);
  return `/traffic/interactions/${first(interactions, () => true, `interaction with ${filter}`).id}`;
};

/** Pages of somebody who may everything. */
export const PAGES = [
  { name: "overview", at: "/", docs: "overview" },
  { name: "inventory", at: "/inventory", docs: "inventory" },
  { name: "inventory-filtered", at: "/inventory?kind=package&sort=name" },
  { name: "inventory-empty", at: "/inventory?q=nothing-is-called-so" },
  { name: "vendors", at: "/inventory/vendors", docs: "vendors" },
  { name: "vendors-filtered", at: "/inventory/vendors?standing=shadow&sanctioned=no&sort=-out" },
  {
    name: "vendor-users",
    at: async (api) => {
      const { vendors } = await api("/inventory/vendors?sort=-users");
      return `/inventory/vendors?vendor=${first(vendors, (one) => one.users > 0, "vendor that somebody uses").asset}`;
    },
  },
  { name: "asset", at: async (api) => `/inventory/${await asset(api)}`, docs: "asset" },
  { name: "relations", at: async (api) => `/inventory/${await asset(api)}/relations` },
  { name: "findings", at: "/findings", docs: "findings" },
  { name: "findings-grouped", at: "/findings?group=rule" },
  { name: "findings-open", at: async (api) => `/findings?open=${await finding(api)}` },
  { name: "findings-empty", at: "/findings?severity=info&state=fixed" },
  { name: "finding", at: async (api) => `/findings/${await finding(api)}`, docs: "finding" },
  { name: "waivers", at: "/waivers", docs: "waivers" },
  { name: "rules", at: "/rules" },
  { name: "rule", at: "/rules/agent/mcp-host-access" },
  { name: "search", at: "/search?q=support" },
  { name: "search-empty", at: "/search?q=nothing-is-called-so" },
  { name: "approvals", at: "/approvals" },
  { name: "changes", at: "/changes", docs: "changes" },
  { name: "changes-timeline", at: "/changes?state=all" },
  { name: "changes-announced", at: "/changes/expected" },
  { name: "traffic", at: "/traffic", docs: "traffic" },
  { name: "traffic-month", at: "/traffic?span=30d" },
  { name: "interactions", at: "/traffic/interactions" },
  { name: "interactions-filtered", at: "/traffic/interactions?span=7d&decision=ask&decision=block&identity=support-desk" },
  { name: "interactions-empty", at: "/traffic/interactions?identity=nobody-is-called-so" },
  { name: "interaction", at: (api) => interaction(api, "rule=flow/obeys-content&span=7d"), docs: "interaction" },
  { name: "interaction-plain", at: (api) => interaction(api, "decision=allow") },
  { name: "detections", at: "/traffic/detections?span=7d", docs: "detections" },
  { name: "compliance", at: "/compliance", docs: "compliance" },
  { name: "framework", at: "/compliance/framework/eu-ai-act" },
  {
    name: "control",
    docs: "control",
    at: async (api) => {
      const { controls } = await api("/compliance/framework/eu-ai-act");
      return `/compliance/control?id=${encodeURIComponent(first(controls, (one) => one.state === "not_met", "control that is not met").reference)}`;
    },
  },
  { name: "attestations", at: "/compliance/attestations" },
  { name: "objectives", at: "/objectives?days=14", docs: "objectives" },
  { name: "objective", at: "/objectives/remediation_median_critical" },
  { name: "sources", at: "/sources", docs: "sources" },
  { name: "source", at: async (api) => `/sources/${await source(api)}` },
  { name: "source-kinds", at: "/sources/new" },
  { name: "source-new", at: "/sources/new?kind=logs" },
  { name: "source-edit", at: async (api) => `/sources/${await source(api)}/edit` },
  { name: "source-remove", at: async (api) => `/sources/${await source(api)}/remove` },
  { name: "runs", at: "/runs" },
  { name: "run", at: async (api) => `/runs/${await run(api)}` },
  { name: "jobs", at: "/jobs" },
  { name: "audit", at: "/audit", docs: "audit" },
  { name: "audit-entry", at: "/audit/1" },
  { name: "audit-verified", at: "/audit/verify" },
  { name: "people", at: "/settings/users", docs: "settings" },
  { name: "tokens", at: "/settings/tokens" },
  { name: "deadlines", at: "/settings/deadlines" },
  { name: "notifications", at: "/settings/notifications" },
  { name: "notification", at: async (api) => `/settings/notifications/${await notification(api)}` },
  { name: "notification-new", at: "/settings/notifications/new?channel=webhook" },
  { name: "notification-edit", at: async (api) => `/settings/notifications/${await notification(api)}/edit` },
  { name: "deliveries", at: "/settings/notifications/deliveries" },
  { name: "retention", at: "/settings/retention" },
  { name: "account", at: "/account" },
  { name: "second-factor", at: "/account/factor" },
  { name: "api-docs", at: "/api/docs" },
  { name: "not-found", at: "/nothing/here", status: 404 },
  { name: "bad-filter", at: "/findings?severity=purple", status: 422 },
];

/** Pages of somebody who has not signed in. */
export const PLAIN = [
  { name: "sign-in", at: "/sign-in" },
  { name: "welcome-used", at: "/welcome/this-link-never-was", status: 404 },
];

/** The paths of all pages, found once. */
export const resolve = async (pages, api) => {
  const found = [];
  for (const page of pages) found.push({ status: 200, ...page, path: typeof page.at === "string" ? page.at : await page.at(api) });
  return found;
};

/** Lets every source be looked at and somebody be told, so that there are runs and notifications to show. */
export const prepare = async (visitor, until) => {
  const { page } = visitor;
  await visitor.go("/settings/notifications/new?channel=webhook");
  await page.getByLabel("Name").fill("Security channel");
  await page.getByLabel("Address").fill("https://chat.northwind.example/hooks/security");
  await page.getByRole("checkbox").first().check();
  // What is off is shown and sends nothing.
  await page.getByLabel("Sent").selectOption("false");
  await visitor.press(page.getByRole("button", { name: "Add" }));
  const { sources } = await visitor.api("/sources");
  // What passes at run time is looked at by itself, and has no runs.
  const runnable = sources.filter(({ kind }) => kind !== "runtime");
  for (const { id } of runnable) {
    await visitor.go(`/sources/${id}`);
    await visitor.press(page.getByRole("button", { name: "Run now" }));
  }
  await until("the runs", async () => (await visitor.api("/runs?state=succeeded")).runs.length >= runnable.length);
  return sources;
};
