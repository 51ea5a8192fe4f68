// Prints which of the pids in its arguments live.
const lives = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
process.stdout.write(JSON.stringify(process.argv.slice(2).map(Number).filter(lives)));
