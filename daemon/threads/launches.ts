import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Exit } from "../../shared/model/exit.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";

/** One launch of a session's command. Times are milliseconds since the epoch. */
export interface Launch {
  readonly launchId: string;
  readonly host: ProcessIdentity;
  /** Absent while the command wasn't spawned yet. */
  readonly leader?: ProcessIdentity;
  readonly command: readonly string[];
  readonly startedAt: number;
  /** Sequence the launch's first message has or will have. */
  readonly firstSeq: number;
  /** Absolute offset of the launch's first byte of raw output. */
  readonly firstOffset: number;
  /** Present once the launch ended and its host recorded it. */
  readonly end?: { readonly exit: Exit; readonly endedAt: number };
}

/** A launch of which nothing but the intent is known yet. */
export type NewLaunch = Pick<Launch, "launchId" | "host" | "command" | "startedAt">;

/** Launches kept per thread. */
const keptLaunches = 100;

export function insertLaunch(
  database: DatabaseSync,
  launch: NewLaunch,
  at: { firstSeq: number; firstOffset: number },
): void {
  database
    .prepare(
      `INSERT INTO launches (launch_id, host_pid, host_start, command, started_at, first_seq, first_offset)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      launch.launchId,
      launch.host.pid,
      launch.host.startTime,
      JSON.stringify(launch.command),
      launch.startedAt,
      at.firstSeq,
      at.firstOffset,
    );
  database
    .prepare("DELETE FROM launches WHERE number <= (SELECT max(number) FROM launches) - ?")
    .run(keptLaunches);
}

export function updateLeader(database: DatabaseSync, launchId: string, leader: ProcessIdentity): void {
  database
    .prepare("UPDATE launches SET leader_pid = ?, leader_start = ? WHERE launch_id = ?")
    .run(leader.pid, leader.startTime, launchId);
}

export function updateExit(database: DatabaseSync, launchId: string, exit: Exit, endedAt: number): void {
  database
    .prepare(
      "UPDATE launches SET exit_code = ?, exit_signal = ?, ended_at = ?, rest = '' WHERE launch_id = ?",
    )
    .run(exit.code, exit.signal, endedAt, launchId);
}

/** The line that this launch hasn't finished yet, as it was written; empty where there is none. */
export function selectRest(database: DatabaseSync, launchId: string): string {
  const row = database.prepare("SELECT rest FROM launches WHERE launch_id = ?").get(launchId);
  return String(row?.["rest"] ?? "");
}

/** The unfinished lines of launches whose host ended without ending its launch, oldest first. */
export function selectRests(database: DatabaseSync): string[] {
  const rows = database.prepare("SELECT rest FROM launches WHERE rest <> '' ORDER BY number").all();
  return rows.map((row) => String(row["rest"]));
}

export function clearRests(database: DatabaseSync): void {
  database.exec("UPDATE launches SET rest = '' WHERE rest <> ''");
}

export function selectLaunch(database: DatabaseSync, launchId: string): Launch | undefined {
  return toLaunch(database.prepare("SELECT * FROM launches WHERE launch_id = ?").get(launchId));
}

/** The launch after this one, if there is one: it begins where this one ended. */
export function selectNextLaunch(database: DatabaseSync, launchId: string): Launch | undefined {
  return toLaunch(
    database
      .prepare(
        "SELECT * FROM launches WHERE number > (SELECT number FROM launches WHERE launch_id = ?) ORDER BY number LIMIT 1",
      )
      .get(launchId),
  );
}

export function selectLastLaunch(database: DatabaseSync): Launch | undefined {
  return toLaunch(database.prepare("SELECT * FROM launches ORDER BY number DESC LIMIT 1").get());
}

function toLaunch(row: Record<string, SQLOutputValue> | undefined): Launch | undefined {
  if (row === undefined) return undefined;
  const leader =
    row["leader_pid"] === null
      ? {}
      : { leader: { pid: Number(row["leader_pid"]), startTime: String(row["leader_start"]) } };
  const end =
    row["ended_at"] === null ? {} : { end: { exit: toExit(row), endedAt: Number(row["ended_at"]) } };
  return {
    launchId: String(row["launch_id"]),
    host: { pid: Number(row["host_pid"]), startTime: String(row["host_start"]) },
    ...leader,
    command: JSON.parse(String(row["command"])) as string[],
    startedAt: Number(row["started_at"]),
    firstSeq: Number(row["first_seq"]),
    firstOffset: Number(row["first_offset"]),
    ...end,
  };
}

function toExit(row: Record<string, SQLOutputValue>): Exit {
  return {
    code: row["exit_code"] === null ? null : Number(row["exit_code"]),
    signal: row["exit_signal"] === null ? null : String(row["exit_signal"]),
  };
}
