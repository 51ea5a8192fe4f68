import type * as z from "zod";
import type { MethodName, Params, Result } from "../protocol/methods.ts";
import type { PaletteEntry } from "./palette.ts";

/** What a user gives: arguments and options after checking. */
export type Input<A extends z.ZodObject, O extends z.ZodObject> = Fields<A> & Fields<O>;
/** Of an object without fields zod says that it can have none, which no other type goes with. */
type Fields<S extends z.ZodObject> = keyof S["shape"] extends never ? object : z.output<S>;

/** One request of the protocol, as options and the caller's surroundings make it. Pure. */
export interface Request<I, C, M extends MethodName> {
  readonly method: M;
  /**
   * @param caller what the request needs to know of the one who makes it: directory, environment, time, consent
   * @throws DevlatchError `INVALID_INPUT` for options that mean nothing together
   */
  readonly params: (input: I, caller: C) => Params<M>;
  /** Longest time the answer may take, in milliseconds; without this the method's own deadline alone holds. */
  answerMs?(params: Params<M>): number;
}

interface Declared<A extends z.ZodObject, O extends z.ZodObject, P extends PaletteEntry | null> {
  /** One sentence, for help and for agents. */
  readonly summary: string;
  /** Positional arguments of the command line, in order; a `command` array takes what follows `--`. */
  readonly args: A;
  /**
   * Which apps the command line may name instead of one `app`: none, where the only one there is is meant; several, or
   * none for all that belong together.
   */
  readonly apps?: "one" | "several";
  /** Flags of the command line; `camelCase` here is `--kebab-case` there. */
  readonly options: O;
  readonly palette: P;
}

/** Requests by name: several that follow each other, a choice, or none. What comes of them is each client's program. */
type Requests<I> = Readonly<Record<string, Request<I, never, MethodName>>>;

/**
 * Something a user can do, declared once. The command line's verb and help, the palette command and the agents'
 * tool follow from it.
 */
export type Operation = Declared<z.ZodObject, z.ZodObject, PaletteEntry | null> &
  (
    | ({ readonly kind: "request" } & Request<never, never, MethodName>)
    | { readonly kind: "steps"; readonly requests: Requests<never> }
  );

/** Parameters that name nothing the method doesn't have; a plain result type would let a misspelt option pass. */
type Exact<R, M extends MethodName> = R & Record<Exclude<keyof R, keyof Params<M>>, never>;

/** Declares an operation that is one request: every client sends that, and shows the result in its own way. */
export function single<
  A extends z.ZodObject,
  O extends z.ZodObject,
  P extends PaletteEntry | null,
  C,
  M extends MethodName,
  R extends Params<M>,
>(
  declared: Declared<A, O, P> &
    Request<Input<A, O>, C, M> & {
      readonly params: (input: Input<A, O>, caller: C) => Exact<R, M>;
    },
): Declared<A, O, P> & Request<Input<A, O>, C, M> & { readonly kind: "request" } {
  return { kind: "request", ...declared };
}

/** Declares an operation that clients carry out in steps of their own. @param declared names the requests among them */
export function steps<
  A extends z.ZodObject,
  O extends z.ZodObject,
  P extends PaletteEntry | null,
  R extends Requests<Input<A, O>>,
>(declared: Declared<A, O, P> & { readonly requests: R }) {
  return { kind: "steps", ...declared } as const;
}

/** One of the requests that an operation in steps makes. @param answerMs see {@link Request.answerMs} */
export function to<I, C, M extends MethodName, R extends Params<M>>(
  method: M,
  params: (input: I, caller: C) => Exact<R, M>,
  answerMs?: (params: Params<M>) => number,
): Request<I, NoInfer<C>, M> {
  return answerMs ? { method, params, answerMs } : { method, params };
}

/** What sends requests: a connection, or what keeps one. */
export interface Sender {
  request<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<Result<M>>;
}

/**
 * Does what an operation (or a step of one) says.
 * @throws DevlatchError `INVALID_INPUT`; what the daemon says; `DEADLINE`; the signal's reason
 */
export async function request<I, C, M extends MethodName>(
  { method, params, answerMs }: Request<I, C, M>,
  input: I,
  caller: C,
  sender: Sender,
  signal?: AbortSignal,
): Promise<Result<M>> {
  const made = params(input, caller);
  return sender.request(method, made, {
    ...(signal && { signal }),
    ...(answerMs && { timeoutMs: answerMs(made) }),
  });
}
