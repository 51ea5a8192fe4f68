/** A server's words that another process has the address it wants. */
export interface AddressInUse {
  /** Absent where the words don't say which. */
  readonly port?: number;
}

/** What says it surely: of Node, Go, Python, Ruby, PHP, Rust, Java and .NET alike. */
const surely = /\bEADDRINUSE\b|\bAddrInUse\b|address already in use/i;
/** What frameworks say before they give up; some say nearly the same and take another port. */
const givingUp =
  /^\W*(?:\w*error:?\s+)?(?:that )?port(?: \d+)? (?:is|was) already in use\b|something is already running on port|\bport \d+ is in use by another program/i;
/** Sockets beside the server's own: their loss is no end. */
const beside = /websocket|inspector|\bhmr\b/i;

/** A line of a stack ends with a place in a file, which looks like a port. */
const frame = /^\s+at /;

/** Bun asks it, some lines above the error's code. */
const isQuestion = /\bis port \d+ in use\?/i;
const questionLines = 4;

/** How many lines belong to one such report: Node prints the error's properties below it. */
const reportLines = 12;

/**
 * Whether output says that an address is in use, and which port that is; the last such report counts.
 * @param lines oldest first
 */
export function addressInUse(lines: readonly string[]): AddressInUse | undefined {
  const at = lines.findLastIndex((line) => !beside.test(line) && isReport(line));
  if (at < 0) return undefined;
  const around = [lines[at] ?? "", ...lines.slice(at + 1, at + reportLines), lines[at - 1] ?? ""];
  const asking = lines.slice(Math.max(0, at - questionLines), at + 1).filter((line) => isQuestion.test(line));
  const port = [...asking, ...around]
    .filter((line) => !frame.test(line))
    .map(portIn)
    .find((one) => one !== undefined);
  return port === undefined ? {} : { port };
}

function isReport(line: string): boolean {
  return surely.test(line) || givingUp.test(line) || isQuestion.test(line);
}

/** `:::3000`, `127.0.0.1:8000`, `port 3000`, `port: 3000`, `('0.0.0.0', 8000)` */
function portIn(line: string): number | undefined {
  const found = /\bport\W{1,3}(\d{1,5})\b|(?:^|[\s\]\w.:*]):(\d{1,5})(?![\d.]|:\d)|',\s*(\d{1,5})\)/i.exec(
    line,
  );
  const port = Number(found?.[1] ?? found?.[2] ?? found?.[3] ?? Number.NaN);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
