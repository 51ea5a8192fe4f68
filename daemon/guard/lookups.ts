import { fuserPorts, type Kill, names } from "./killers.ts";

/** What a command finds out about processes, for another one to end them: `lsof -ti:3000`, `pgrep -f next`. */
export function readLookup(program: string, args: readonly string[], finds: Finds): Kill | undefined {
  switch (program.toLowerCase()) {
    case "lsof":
    case "ss":
    case "netstat":
      return { ports: portsIn(args.join(" ")) };
    case "fuser":
      return { ports: fuserPorts(args) };
    case "pgrep":
      return names(args);
    case "pidof":
    case "get-process":
    case "gps":
      return { names: args.filter(isWord).map((pattern) => ({ pattern, match: "whole", ignoreCase: true })) };
    case "get-nettcpconnection":
      return { ports: args.flatMap((arg) => (/^\d{2,5}$/.test(arg) ? [Number(arg)] : [])) };
    case "port-pid":
    case "pid-port":
      return { ports: args.flatMap((arg) => (/^\d{2,5}$/.test(arg) ? [Number(arg)] : [])) };
    case "grep":
    case "egrep":
    case "rg":
    case "awk":
    case "find":
    case "findstr":
      return filtered(program, args, finds);
    default:
      return undefined;
  }
}

/** What a line's other commands list, for a filter to choose from. */
export interface Finds {
  readonly sockets: boolean;
  readonly processes: boolean;
}

/** What a line has lists of. @param programs those of all its commands */
export function findsOf(programs: readonly string[]): Finds {
  const has = (...some: readonly string[]) => programs.some((one) => some.includes(one.toLowerCase()));
  return { sockets: has("lsof", "ss", "netstat"), processes: has("ps", "tasklist", "pgrep", "wmic") };
}

/** `ps aux | grep 'next dev'`, `netstat -tlnp | grep :3000` */
function filtered(program: string, args: readonly string[], finds: Finds): Kill | undefined {
  if (args.some((arg) => /^-[a-z]*v|^\/v$/i.test(arg)) && program !== "awk") return undefined;
  const text = args.filter((arg) => !arg.startsWith("-")).join(" ");
  const ports = finds.sockets ? [...portsIn(text), ...bare(text)] : [];
  if (!finds.processes) return { ports };
  const pattern = program === "awk" ? /\/((?:[^/\\]|\\.)+)\//.exec(text)?.[1] : args.find(isWord);
  return pattern === undefined
    ? { ports }
    : { ports, names: [{ pattern, match: "line", ignoreCase: false }] };
}

function isWord(arg: string): boolean {
  return arg !== "" && !/^[-/]/.test(arg) && !arg.includes("$");
}

/** Most ports of a range `3000-3010`. */
const widest = 50;

/** `-i:3000`, `-iTCP:3000,3001`, `:3000-3010` */
function portsIn(text: string): number[] {
  const lists = [...text.matchAll(/:(\d{2,5}(?:[-,]\d{2,5})*)/g)].flatMap(([, list = ""]) => list.split(","));
  return lists.flatMap((one) => {
    const [first = 0, last = first] = one.split("-").map(Number);
    return Array.from(
      { length: Math.min(Math.max(last - first + 1, 1), widest) },
      (_, index) => first + index,
    );
  });
}

function bare(text: string): number[] {
  return (text.match(/(?<![\d.])\d{4,5}(?![\d.])/g) ?? []).map(Number);
}
