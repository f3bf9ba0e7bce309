// Runs a child with our stdio, hands signals on to it and ends the way it ended.
import { spawn } from 'node:child_process';

/** Spawns `command` and makes this process exit with its code, or die of its signal. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const handOn = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handOn);
  child.on('error', (error) => {
    process.stderr.write(`coalmine: cannot run ${command}: ${error.message}\n`);
    process.exit(4);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of signals) process.off(each, handOn);
    process.kill(process.pid, signal);
  });
}
