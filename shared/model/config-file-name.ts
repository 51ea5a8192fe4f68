/** Name of the configuration file, in the root of a sandbox. */
export const configFileName = "devlatch.json";
