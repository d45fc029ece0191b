// People of the estate, and how they come in.

import { Visitor } from "./visitor.mjs";

export const PASSWORD = "correct horse battery staple";

/** Opens a link that was handed over and sets a password. */
export const welcome = async (visitor, link, name) => {
  await visitor.go(link);
  const page = visitor.page;
  if (name) await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Once more").fill(PASSWORD);
  await visitor.press(page.getByRole("button", { name: "Begin" }));
};

/** Signs in by name and password. */
export const signIn = async (visitor, login) => {
  await visitor.go("/sign-in");
  await visitor.page.getByLabel("Name").fill(login);
  await visitor.page.getByLabel("Password").fill(PASSWORD);
  await visitor.press(visitor.page.getByRole("button", { name: "Sign in" }));
};

/** Invites somebody on the page of the people; the link to hand over. */
export const invite = async (admin, login, name, role) => {
  await admin.go("/settings/users");
  const page = admin.page;
  await page.getByLabel("Name to sign in with").fill(login);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Role").last().selectOption(role);
  await admin.press(page.getByRole("button", { name: "Invite" }));
  return (await page.locator("pre").innerText()).trim();
};

/** Invites somebody who comes at once; what their browser keeps. */
export const joins = async (browser, admin, login, name, role) => {
  const link = await invite(admin, login, name, role);
  const visitor = await Visitor.open(browser, admin.base);
  await welcome(visitor, link, name);
  const state = await visitor.context.storageState();
  await visitor.close();
  return state;
};

/** Lets an administrator (`root`), an analyst (`ana`) and an approver (`bo`) in; what their browsers keep. */
export const staff = async (browser, service) => {
  const admin = await Visitor.open(browser, service.base);
  await welcome(admin, service.link, "Root");
  const people = {
    ana: await joins(browser, admin, "ana", "Ana Lyst", "analyst"),
    bo: await joins(browser, admin, "bo", "Bo Approver", "approver"),
  };
  people.root = await admin.context.storageState();
  admin.calm("signing in and inviting");
  await admin.close();
  return people;
};
