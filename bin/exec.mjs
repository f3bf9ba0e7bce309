#!/usr/bin/env node
// `node bin/exec.mjs COMMAND ARG…` runs a development tool under the project's own Node, whatever Node the shell has.
// npm links tools to the first `node` on PATH, which may be too old: put ours first.
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, nodeMissing } from './node.mjs';
import { become } from './spawn.mjs';

const node = findNode();
if (node === null) {
  process.stderr.write(`${nodeMissing()}\n`);
  process.exit(4);
}
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
const [command, ...args] = process.argv.slice(2);
become(command === 'node' ? node : command, args, { env: { ...process.env, PATH: path } });
