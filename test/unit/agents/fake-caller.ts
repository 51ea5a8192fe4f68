import { Belongings, type Question, type ToolCaller } from "../../../shared/agents/caller.ts";
import type { Sender } from "../../../shared/operations/operation.ts";

/** A request as it was sent. */
export interface Sent {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is there is what the test claims
  readonly params: any;
}

/** What answers requests in the daemon's place. @throws what the daemon would say */
export type Answering = (sent: Sent) => unknown;

/** An agent whose daemon is the test. */
export function fakeCaller(answering: Answering, more: Partial<ToolCaller> = {}) {
  const sent: Sent[] = [];
  const told: string[] = [];
  const request: Sender["request"] = async (method, params) => {
    const one = { method, params };
    sent.push(one);
    return answering(one) as never;
  };
  const caller: ToolCaller = {
    name: "Claude Code",
    workspaces: { roots: ["/srv/shop"], bounded: false },
    env: { PATH: "/bin" },
    sender: { request, onNotification: () => ({ dispose: () => {} }) },
    signal: new AbortController().signal,
    belongings: new Belongings(),
    progress: (message) => void told.push(message),
    ...more,
  };
  return { caller, sent, told };
}

/** A person who gives one answer to every question. */
export function person(answer: boolean) {
  const asked: Question[] = [];
  const consent = async (question: Question) => {
    asked.push(question);
    return answer;
  };
  return { asked, consent };
}
