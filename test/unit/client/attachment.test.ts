import assert from "node:assert/strict";
import { test } from "node:test";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { Attachment, type TerminalClosed } from "../../../shared/client/attachment.ts";
import type {
  MethodName,
  Notification,
  NotificationName,
  Params,
  Result,
} from "../../../shared/protocol/methods.ts";

const ended = { reason: "It ended.", cause: "ended" } as const;

/** The daemon's side of one terminal, by hand. */
class Terminal {
  readonly notified = new Emitter<{ name: string; value: unknown }>();
  readonly asked: [string, unknown][] = [];
  readonly attached = Promise.withResolvers<Result<"terminal/attach">>();
  written = "";
  closed: TerminalClosed | undefined;
  readonly attachment: Attachment;

  constructor() {
    const connection = {
      request: <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> => {
        this.asked.push([method, params]);
        const answer = method === "terminal/attach" ? this.attached.promise : Promise.resolve({});
        return answer as Promise<Result<M>>;
      },
      onNotification: <N extends NotificationName>(
        name: N,
        listener: (value: Notification<N>) => void,
      ): Disposable =>
        this.notified.event((one) => {
          if (one.name === name) listener(one.value as Notification<N>);
        }),
    };
    this.attachment = new Attachment(connection, {
      onOutput: (text) => {
        this.written += text;
      },
      onClosed: (closed) => {
        this.closed = closed;
      },
    });
  }

  open(): Promise<void> {
    const params = { cwd: "/work", app: "web", columns: 80, rows: 24 };
    return this.attachment.open(params, new AbortController().signal);
  }

  send(terminal: string, bytes: Uint8Array | string): void {
    const value = { terminal, data: Buffer.from(bytes).toString("base64") };
    this.notified.fire({ name: "terminal/data", value });
  }

  close(terminal: string): void {
    this.notified.fire({ name: "terminal/closed", value: { terminal, ...ended } });
  }

  attach(scrollback = ""): void {
    this.attached.resolve({ terminal: "t1", scrollback: Buffer.from(scrollback).toString("base64") });
  }
}

test("what was on the terminal comes first, then what follows, also if that overtook the answer", async () => {
  const terminal = new Terminal();
  const opened = terminal.open();
  terminal.send("t1", "second ");
  terminal.attach("first ");
  await opened;
  terminal.send("t1", "third");
  assert.equal(terminal.written, "first second third");
});

test("another terminal's output is not shown", async () => {
  const terminal = new Terminal();
  const opened = terminal.open();
  terminal.send("t2", "not mine ");
  terminal.attach();
  await opened;
  terminal.send("t2", "nor this");
  assert.equal(terminal.written, "");
});

test("a character cut in two by the chunks arrives whole", async () => {
  const terminal = new Terminal();
  terminal.attach();
  await terminal.open();
  const bytes = Buffer.from("→ ready");
  terminal.send("t1", bytes.subarray(0, 2));
  terminal.send("t1", bytes.subarray(2));
  assert.equal(terminal.written, "→ ready");
});

test("an end that overtook the answer is told after what was on the terminal", async () => {
  const terminal = new Terminal();
  const opened = terminal.open();
  terminal.close("t2");
  terminal.send("t1", "words");
  terminal.close("t1");
  terminal.attach("last ");
  await opened;
  assert.equal(terminal.written, "last words");
  assert.deepEqual(terminal.closed, ended);
});

test("after the terminal closed nothing is sent any more", async () => {
  const terminal = new Terminal();
  terminal.attach();
  await terminal.open();
  await terminal.attachment.input("a");
  terminal.close("t1");
  await assert.rejects(terminal.attachment.input("b"), (error) => hasCode(error, "NOT_RUNNING"));
  assert.deepEqual(terminal.closed, ended);
  const inputs = terminal.asked.filter(([method]) => method === "terminal/input");
  assert.deepEqual(inputs, [["terminal/input", { terminal: "t1", data: "a" }]]);
});

test("an attachment that is given up before the answer came detaches", async () => {
  const terminal = new Terminal();
  const opened = terminal.open();
  terminal.attachment.dispose();
  terminal.attach("late");
  await opened;
  assert.equal(terminal.written, "");
  assert.deepEqual(terminal.asked.at(-1), ["terminal/detach", { terminal: "t1" }]);
});
