/** Waits for something that another process brings about; asks again until it is there. */
export const until = async (what, look, patience = 30_000) => {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${patience} ms`);
    await new Promise((done) => setTimeout(done, 150));
  }
};
