/** The environment variables by which Devlatch tells processes apart, whatever became of their parents. */

/** In every process of a launch: which launch it is of. */
export const cookieVariable = "DEVLATCH_LAUNCH";

/** In every process of a launch: the session's name. */
export const sessionVariable = "DEVLATCH_SESSION";

/** In a session host: of which launch and of which home. */
export const hostVariable = "DEVLATCH_HOST";

/** In a daemon, and in the tools it runs for itself. */
export const daemonVariable = "DEVLATCH_DAEMON";

/** The last argument of daemons and session hosts: it tells them where environments can't be read. */
export const ownArgument = "--devlatch";
