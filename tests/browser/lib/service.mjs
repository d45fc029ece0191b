// A service of its own on a free port of loopback, with a data directory that is gone afterwards.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
/** How long a start may take; the demo scans two weeks of a small estate first. */
const PATIENCE = 120_000;

export class Service {
  /** Starts `stance demo` or `stance serve`, whichever `command` is, in a directory of its own or in this empty one. */
  static async start(stance, command, directory) {
    directory ??= await mkdtemp(join(tmpdir(), "stance-browser-"));
    const process = spawn(stance, [command, "--listen", "127.0.0.1:0", "--data-dir", directory], {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: directory,
    });
    const log = [];
    createInterface({ input: process.stderr }).on("line", (line) => log.push(line));
    const link = await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no link within ${PATIENCE} ms`)), PATIENCE);
      process.on("exit", (code) => fail(new Error(`${command} ended with ${code}:\n${log.join("\n")}`)));
      createInterface({ input: process.stdout }).on("line", (line) => {
        const found = line.match(/https?:\/\/\S+\/welcome\/\S+/);
        if (found) {
          clearTimeout(timer);
          done(found[0]);
        }
      });
    });
    process.removeAllListeners("exit");
    return new Service(stance, directory, process, log, link);
  }

  constructor(stance, directory, process, log, link) {
    Object.assign(this, { stance, directory, process, log });
    /** Sets the password of the first administrator, once. */
    this.link = link;
    this.base = new URL(link).origin;
  }

  /** Runs the program against this service; what it says on standard output. */
  async tell(...words) {
    const { stdout } = await run(this.stance, words, { cwd: this.directory, maxBuffer: 1 << 26 });
    return stdout;
  }

  /** Ends it as an operator would; it has to end well. */
  async stop() {
    const code = await new Promise((done) => {
      this.process.on("exit", done);
      this.process.kill("SIGTERM");
    });
    await rm(this.directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the service ended with ${code}:\n${this.log.slice(-20).join("\n")}`);
  }
}
