import { LockService } from "../../../daemon/locks/lock-service.ts";
import { ConcurrencyMonitor, type MonitorOptions } from "../../../daemon/monitor/monitor.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { randomToken } from "../../../shared/base/token.ts";

/** Locks and their monitor as a daemon has them. */
export async function openInstance(url: string, name: string, options: Partial<MonitorOptions> = {}) {
  const store = await openRedisStore({ url, clientName: "monitored" });
  const instance = randomToken();
  const locks = new LockService(store.locks, { instance });
  const monitor = new ConcurrencyMonitor(locks, store, { instance, name, ...options });
  const close = async () => {
    await monitor.close();
    await locks.close();
    await store.close();
  };
  return { store, locks, monitor, close };
}
