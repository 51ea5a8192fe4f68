import assert from "node:assert/strict";
import { test } from "node:test";
import { addressInUse } from "../../../daemon/sessions/address-in-use.ts";

/** What servers say, and the port that is in use by it; 0 where it doesn't say which; none where it says no such thing. */
const rows: readonly (readonly [output: string, port?: number])[] = [
  ["Error: listen EADDRINUSE: address already in use :::3000", 3000],
  [
    "Error: listen EADDRINUSE: address already in use 127.0.0.1:42450\n    at Server.setupListenHandle",
    42450,
  ],
  [
    "Error: listen EADDRINUSE\n  code: 'EADDRINUSE',\n  errno: -98,\n  syscall: 'listen',\n  port: 4010\n}",
    4010,
  ],
  ["listen tcp :8080: bind: address already in use", 8080],
  ["OSError: [Errno 98] Address already in use", 0],
  ["[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use", 8000],
  ["Error: That port is already in use.", 0],
  ["Error: Port 4000 is already in use", 4000],
  ["Something is already running on port 3000.", 3000],
  [
    "Address already in use\nPort 5000 is in use by another program. Either identify and stop that program",
    5000,
  ],
  ["Failed to listen on localhost:8000 (reason: Address already in use)", 8000],
  ["error: Failed to start server. Is port 3000 in use?", 3000],
  [
    'error: Failed to start server. Is port 3000 in use?\n syscall: "listen",\n   errno: 0,\n    code: "EADDRINUSE"',
    3000,
  ],
  ["Port 5173 is in use, trying another one..."],
  ["⚠ Port 3000 is in use by process 12, using available port 3001 instead."],
  ["WebSocket server error: Port 24678 is already in use"],
  ["Listening on http://localhost:3000"],
  [""],
];

for (const [output, port] of rows) {
  test(JSON.stringify(output), () => {
    const found = addressInUse(output.split("\n"));
    assert.deepEqual(found, port === undefined ? undefined : port === 0 ? {} : { port });
  });
}
