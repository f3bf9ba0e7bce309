#!/usr/bin/env node
// The command as npm installs it. Runs on any Node from 18 on: an old one hands over to the Node that came along.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { writtenHelp } from './help.mjs';
import { findNode, nodeMissing } from './node.mjs';
import { outliveReaders } from './streams.mjs';

// A checkout runs its TypeScript sources; the published package has only the compiled files.
const source = new URL('../cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const help = writtenHelp(process.argv.slice(2));
const node = help === null ? findNode() : null;

if (help !== null) {
  outliveReaders();
  process.stdout.write(help);
} else if (node === process.execPath) {
  outliveReaders();
  module.enableCompileCache?.();
  await import(entry.href);
} else if (node !== null) {
  const { become } = await import('./spawn.mjs');
  become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
} else {
  process.stderr.write(`${nodeMissing()}\n`);
  process.exitCode = 4;
}
