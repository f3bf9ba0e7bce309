// Finds a Node new enough to run Coalmine (>= 24: it strips types and has what we use).
// Plain JavaScript that Node 18 can parse: this file runs on whatever `node` the machine has.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const MINIMUM_MAJOR = 24;

/** Major version of a version string such as "26.10.0". */
export const majorOf = (version) => Number(version.split('.')[0]);

/**
 * Path of the node binary to use: the running one when it is new enough, else the one that
 * came along as an optional dependency for this platform, else null.
 */
export function findNode(running = process) {
  if (majorOf(running.versions.node) >= MINIMUM_MAJOR) return running.execPath;
  const require = createRequire(import.meta.url);
  const platform = running.platform === 'win32' ? 'win' : running.platform;
  for (const name of [`node-${platform}-${running.arch}`, `node-bin-${platform}-${running.arch}`]) {
    try {
      const home = dirname(require.resolve(`${name}/package.json`));
      const binary = join(home, 'bin', running.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(binary)) return binary;
    } catch {
      // this platform package is not installed: try the next name
    }
  }
  return null;
}

/** What to print when findNode() returns null. */
export const nodeMissing = () =>
  `coalmine needs Node ${MINIMUM_MAJOR} or newer; this is ${process.versions.node} and no bundled Node was installed ` +
  `for ${process.platform}-${process.arch}. Install Node 26, or reinstall without --omit=optional.`;
