import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { toErrorShape } from "../../../shared/base/errors.ts";

// A process that writes one record into the Redis at the URL given and says how that went.
const [, , url = ""] = process.argv;
const store = await openRedisStore({ url, clientName: "visitor" });
try {
  console.log(`version ${await store.records.put("visit", 1, 0)}`);
} catch (error) {
  const { code, message, remedy } = toErrorShape(error);
  console.log(`${code} ${message} ${remedy}`);
}
await store.close();
