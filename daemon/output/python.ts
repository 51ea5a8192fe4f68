import type { Recogniser } from "./signals.ts";

/** A call in a traceback. */
export const tracebackCall = /^ {2}File "([^"]{1,500})", line (\d{1,7})(?:, in (.{1,200}))?$/;
/** What a traceback begins with. */
export const tracebackHeader = "Traceback (most recent call last):";

/** Python's tracebacks, and what its servers say of themselves: Django, Flask, uvicorn. */
export const python: Recogniser = (line) => {
  if (line === tracebackHeader || tracebackCall.test(line))
    return { is: "error", tool: "python", phase: "log" };
  if (/^(?:Exception in thread django-main-thread:|Process SpawnProcess-\d{1,6}:)$/.test(line))
    return { is: "error", tool: "python", phase: "build" };
  if (/^(?:Internal Server Error: \/|ERROR: {1,8}Exception in ASGI application$)/.test(line))
    return { is: "error", tool: "python", phase: "request" };
  if (/^\[[^\]]{1,60}\] ERROR in \w{1,60}: Exception on /.test(line))
    return { is: "error", tool: "python", phase: "request" };
  if (/^\S{1,500} changed, reloading\.$/.test(line)) return { is: "compiling", tool: "python" };
  if (/^ \* Detected change in .{1,500}, reloading$/.test(line)) return { is: "compiling", tool: "python" };
  if (/^ \* Restarting with /.test(line)) return { is: "restarted" };
  if (/^WARNING: {1,8}\w{1,30} detected changes in .{1,500}Reloading\.\.\.$/.test(line))
    return { is: "compiling", tool: "python" };
  if (/^(?:Starting development server at http|INFO: {1,8}Application startup complete\.)/.test(line))
    return { is: "compiled", tool: "python" };
  const [, route, status] =
    /^[^"]{0,100}"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\S{1,500}) HTTP\/[\d.]{1,3}" (\d{3})\b/.exec(
      line,
    ) ?? [];
  return route && status ? { is: "served", route, status: Number(status), ms: 0 } : undefined;
};
