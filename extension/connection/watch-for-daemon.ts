import { watch } from "node:fs";
import { basename } from "node:path";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { Home } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";

/** Calls back once when a daemon of this home writes its state file, i.e. when it listens. */
export function watchForDaemon(home: Home, onAppeared: () => void): Disposable {
  let seen = readDaemonState(home)?.epoch;
  try {
    const watcher = watch(home.directory, { persistent: false }, (_event, file) => {
      if (file !== null && file !== basename(home.stateFile)) return;
      const epoch = readDaemonState(home)?.epoch;
      if (epoch === undefined || epoch === seen) return;
      seen = epoch;
      watcher.close();
      onAppeared();
    });
    // The directory may vanish; the client's own retries go on without us.
    watcher.on("error", () => watcher.close());
    return { dispose: () => watcher.close() };
  } catch {
    return { dispose: () => {} };
  }
}
