// Answers on PORT and says what is typed; asked to end, it says so and ends.
const server = require("node:http").createServer((_request, answer) => answer.end("hello\n"));
server.listen(process.env.PORT, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
for (const signal of ["SIGBREAK", "SIGINT"]) {
  process.on(signal, () => {
    console.log("asked to end");
    process.exit(0);
  });
}
process.stdin.on("data", (line) => console.log(`typed ${String(line).trim()}`));
