import { type InputRequiredResult, inputRequired, inputResponse } from "@modelcontextprotocol/server";
import type { Question } from "../../shared/agents/caller.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { digest } from "../../shared/base/token.ts";

/**
 * A person's consent, asked for through the client: the call is answered with the question, and made again with the person's
 * answer. That counts for the very words that were shown: if others came to use the server meanwhile, it is asked anew.
 */
export class Consent {
  readonly #responses: Record<string, unknown> | undefined;
  #asked: InputRequiredResult | undefined;

  /** @param responses what the call brings of answers to earlier questions */
  constructor(responses: Record<string, unknown> | undefined) {
    this.#responses = responses;
  }

  /** The answer to a call that waits for a person's; undefined where no question came up. */
  get asked(): InputRequiredResult | undefined {
    return this.#asked;
  }

  /** @throws DevlatchError `CONSENT_REQUIRED` where it was not answered yet: see {@link asked} */
  readonly ask = async ({ message, agree }: Question): Promise<boolean> => {
    const key = `consent-${digest(message)}`;
    const response = inputResponse(this.#responses, key);
    if (response.kind === "elicit")
      return response.action === "accept" && response.content?.["agree"] === true;
    this.#asked = inputRequired({
      inputRequests: {
        [key]: inputRequired.elicit({
          message,
          requestedSchema: {
            type: "object",
            properties: { agree: { type: "boolean", title: agree, default: false } },
            required: ["agree"],
          },
        }),
      },
    });
    throw new DevlatchError("CONSENT_REQUIRED", message, "A person is asked.");
  };
}
