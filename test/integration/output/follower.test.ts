import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Follower } from "../../../daemon/output/follower.ts";
import type { ThreadWriter } from "../../../daemon/threads/writer.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { waitFor } from "../../support/wait.ts";
import { launchOf, ThreadBench } from "../../unit/threads/threads.ts";

const broken = "⨯ ./app/page.js:3:9\nError: Unexpected token\n";

/** A thread that is written and followed. */
class Scene {
  readonly #context: TestContext;
  readonly bench: ThreadBench;
  readonly writer: ThreadWriter;

  constructor(context: TestContext) {
    this.#context = context;
    this.bench = new ThreadBench(context);
    this.writer = this.bench.open();
  }

  launch(id: string): void {
    this.writer.beginLaunch(launchOf(id));
  }

  write(text: string): void {
    this.writer.append(Buffer.from(text));
  }

  follow(id: string, thread = () => this.bench.reader): Follower {
    const follower = new Follower(id, thread, Date.now);
    this.#context.after(() => follower.dispose());
    const closed = new Emitter<void>();
    follower.listen({
      onWrote: this.writer.onWrote,
      onClosed: closed.event,
      dispose: () => closed.dispose(),
    });
    return follower;
  }
}

const until = (follower: Follower, status: string) =>
  waitFor(`a build that is ${status}`, () => follower.build.status === status && follower.isSettled, {
    describe: () => JSON.stringify(follower.build),
  });

describe("following a thread", () => {
  it("hears what is written, an error without a line behind it too", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    const follower = scene.follow("one");
    scene.write("✓ Ready in 266ms\n");
    await until(follower, "clean");
    scene.write(broken);
    await until(follower, "failed");
    assert.deepEqual(follower.build.errors[0]?.place, { file: "app/page.js", line: 3, column: 9 });
    assert.deepEqual(follower.build.skipped, 0);
  });

  it("begins where its launch began", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    scene.write(broken);
    scene.launch("two");
    const follower = scene.follow("two");
    scene.write("✓ Ready in 266ms\n");
    await until(follower, "clean");
    assert.equal(follower.build.errorCount, 0);
  });

  it("knows after a restart of the daemon what was known before", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    const first = scene.follow("one");
    scene.write(`✓ Ready in 266ms\n${broken}`);
    await until(first, "failed");
    first.dispose();
    const second = scene.follow("one");
    await until(second, "failed");
    assert.deepEqual(second.build.errors, first.build.errors);
  });

  it("looks at the last thousands of messages of a launch that is older than the daemon", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    scene.write(`${"a line\n".repeat(20_000)}${broken}${"GET /\n".repeat(4_000)}`);
    scene.writer.flush();
    const follower = scene.follow("one");
    await until(follower, "failed");
    assert.equal(follower.build.skipped, 20_000 + 2 + 4_000 - 5_000);
  });

  it("skips what comes faster than it can be looked at, says how much, and knows the end", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    const follower = scene.follow("one");
    const block = `${"x".repeat(80)}\n`.repeat(10_000);
    for (let round = 0; round < 20; round++) {
      scene.write(block);
      scene.writer.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    scene.write(broken);
    await until(follower, "failed");
    const { skipped, errorCount } = follower.build;
    assert.equal(errorCount, 1);
    assert.ok(skipped > 100_000, `${skipped} of 200,000 were skipped`);
    assert.equal(follower.heard.all, scene.bench.reader.lastSeq());
  });

  it("is no longer sure of a build whose end it may have skipped", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    const follower = scene.follow("one");
    scene.write("○ Compiling / ...\n");
    await waitFor("a build that goes on", () => follower.build.status === "compiling");
    scene.write("a line\n".repeat(50_000));
    await until(follower, "unknown");
  });

  it("survives a thread that can't be read for a while", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    let isReadable = false;
    const follower = scene.follow("one", () => {
      if (!isReadable) throw new Error("can't be read");
      return scene.bench.reader;
    });
    scene.write("✓ Ready in 266ms\n");
    await follower.look();
    assert.equal(follower.build.status, "unknown");
    isReadable = true;
    scene.write(broken);
    await until(follower, "failed");
  });

  it("takes silence after a restart for well, and a crash for what it is", async (context) => {
    const scene = new Scene(context);
    scene.launch("one");
    const follower = scene.follow("one");
    scene.write("Restarting 'server.js'\n");
    await until(follower, "clean");
    scene.write(
      "Restarting 'server.js'\nError: no database\nFailed running 'server.js'. Waiting for file changes before restarting...\n",
    );
    await until(follower, "failed");
    assert.equal(follower.build.errors[0]?.message, "Error: no database");
  });
});
