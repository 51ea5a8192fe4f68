/** What the name of an app looks like. */
export const appNameRule = /^[a-z][a-z0-9_-]{0,39}$/;
