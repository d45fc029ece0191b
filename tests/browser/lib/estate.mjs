// The sample estate with people who work on it: what all tests share.

import { after } from "node:test";
import { staff } from "./people.mjs";
import { Service } from "./service.mjs";
import { launch, Visitor } from "./visitor.mjs";

export const stance = process.env.STANCE;
if (!stance) throw new Error("STANCE names the program");

export const browser = await launch();
after(() => browser.close());

/** Starts a service that ends with the tests. */
export const serve = async (command) => {
  const service = await Service.start(stance, command);
  after(() => service.stop());
  return service;
};

/** A visitor of a service. */
export const visit = (service, options) => Visitor.open(browser, service.base, options);

/** The demo with an administrator (`root`), an analyst (`ana`) and an approver (`bo`): states of their browsers. */
export const demo = async () => {
  const service = await serve("demo");
  return { service, people: await staff(browser, service) };
};
