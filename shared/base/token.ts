import { createHash, randomBytes } from "node:crypto";

/** A random 128-bit owner token, in hexadecimal. */
export function randomToken(): string {
  return randomBytes(16).toString("hex");
}

/** The first `length` hexadecimal digits of the SHA-256 of `text`: a stable short name, not a secret. */
export function digest(text: string, length = 16): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
