import { spawn } from 'node:child_process';

/** Shows a page in whatever the system opens pages with, and does not wait for it. */
export function openFile(file: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(command, [file], { stdio: 'ignore', detached: true });
  child.on('error', () => process.stderr.write(`cannot open a browser here; the report is ${file}\n`));
  child.unref();
}
