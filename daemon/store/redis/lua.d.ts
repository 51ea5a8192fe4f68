/** A Lua script as text: a text loader of the bundler, `test/support/register.mjs` under plain Node. */
declare module "*.lua" {
  const text: string;
  export default text;
}
