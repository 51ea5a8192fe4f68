import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { HostBench, residentBytes } from "../../integration/host/hosts.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { hostProgram } from "../../support/paths.ts";
import { waitFor } from "../../support/wait.ts";
import { atLeast, atMost, type Row, shown } from "../numbers.ts";
import { pm2Flow } from "./pm2-output.ts";
import { scaled } from "./rounds.ts";

const megabyte = 1024 * 1024;
/** Once this long under way, in milliseconds, a host has all the memory it needs. */
const warmMs = 2_000;
/** How long all of it may take, in milliseconds. */
const flowMs = 600_000;
/** Of a file that is written to the terminal again and again. A line is 79 digits and, on the terminal, CR LF. */
const linesOfFile = 100_000;
const bytesOfLine = 81;

interface Flow {
  readonly seconds: number;
  readonly lines: number;
  readonly bytes: number;
  /** Resident memory of the host, in bytes. */
  readonly warm: number;
  readonly halfway: number;
  readonly end: number;
}

/**
 * A child that writes as fast as it can, for a minute: through a session host, which keeps it in the thread; through a
 * terminal read to nowhere; and as an app of pm2, through a pipe into its log file.
 */
export function output(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const times = scaled(640, effort);
    const file = writeLines(owner);
    const write = `cat ${Array(times).fill(file).join(" ")}; echo done`;
    const child = ["sh", "-c", `read start; ${write}; read end`];
    const written = times * linesOfFile * bytesOfLine;
    const raw = written / megabyte / (await rawSeconds(child));
    const host = await hostFlow(child, owner);
    const pm2 = await pm2Flow(write, warmMs, flowMs, owner);
    const rate = host.bytes / megabyte / host.seconds;
    const lost = Math.abs(host.lines - times * linesOfFile) + Math.abs(host.bytes - written);
    return [
      atLeast(
        "output through a session host",
        `a pty read to nowhere: ${Math.round(raw)} MB/s`,
        rate,
        50,
        "MB/s",
      ),
      shown("output through a session host", "a pty read to nowhere", rate / raw),
      atMost("output: memory of the host at the end", "after 2 s", host.end / host.warm, 1.2),
      shown("output: memory of the host at the end", "half-way through", host.end / host.halfway),
      atMost("output: lines and bytes that the thread lacks", "what was written", lost, 0, ""),
      shown(
        "output through pm2 into a file",
        "without a terminal",
        pm2.bytes / megabyte / pm2.seconds,
        "MB/s",
      ),
      shown("output through pm2: memory of its daemon at the end", "after 2 s", pm2.end / pm2.warm),
      shown(
        "output through pm2: bytes that its log lacks",
        "what was written",
        written - times * linesOfFile - pm2.bytes,
        "",
      ),
    ];
  });
}

function writeLines(owner: Owner): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-output-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "lines");
  const lines = Array.from(
    { length: linesOfFile },
    (_, i) => `${String(i).padStart(bytesOfLine - 2, "0")}\n`,
  );
  writeFileSync(file, lines.join(""));
  return file;
}

/** The least there is: node-pty, and of what comes only the end is looked at. */
async function rawSeconds([file = "", ...args]: readonly string[]): Promise<number> {
  const pty = spawn(file, args, { cols: 80, rows: 24, encoding: null });
  try {
    const end = Buffer.from("done\r\n");
    let tail = Buffer.alloc(0);
    let endedAt: number | undefined;
    pty.onData((data) => {
      tail = Buffer.concat([tail, Buffer.from(data).subarray(-end.length)]).subarray(-end.length);
      if (tail.equals(end)) endedAt = performance.now();
    });
    const begun = performance.now();
    pty.write("\r");
    const at = await waitFor("the last line on the terminal", () => endedAt, { timeoutMs: flowMs });
    return (at - begun) / 1000;
  } finally {
    pty.kill("SIGKILL");
  }
}

async function hostFlow(child: readonly string[], owner: Owner): Promise<Flow> {
  const bench = new HostBench(owner);
  const report = await bench.start(bench.spec(child), [process.execPath, hostProgram]);
  if (report.kind !== "running") throw new Error(`The host is ${report.kind}`);
  const connection = await bench.connect();
  const begun = performance.now();
  const samples: { readonly afterMs: number; readonly bytes: number }[] = [];
  const done = () => {
    samples.push({ afterMs: performance.now() - begun, bytes: residentBytes(report.host.pid) });
    return bench.reader.tail(1)[0]?.text === "done";
  };
  await connection.request("input", { data: "\r" });
  await waitFor("the last line in the thread", done, { timeoutMs: flowMs, intervalMs: 10 });
  const seconds = (performance.now() - begun) / 1000;
  const span = bench.reader.span(bench.launchId);
  if (span === undefined) throw new Error("The thread knows no launch");
  await connection.request("stop", { signal: "SIGTERM", timeoutMs: 2_000 });
  const { firstSeq, lastSeq, firstOffset, endOffset } = span;
  const memoryAfter = (ms: number) => (samples.find(({ afterMs }) => afterMs >= ms) ?? samples.at(-1))?.bytes;
  return {
    seconds,
    // The echo of the key that started it, and the last line, aren't counted.
    lines: lastSeq - firstSeq + 1 - 2,
    bytes: endOffset - firstOffset - "\r\ndone\r\n".length,
    warm: memoryAfter(warmMs) ?? Number.NaN,
    halfway: memoryAfter((seconds * 1000) / 2) ?? Number.NaN,
    end: samples.at(-1)?.bytes ?? Number.NaN,
  };
}
