import { join } from 'node:path';
import { packageRoot } from '../../scenarios/files.ts';
import { type Bench, type Figure, median } from './bench.ts';
import { oldNode, runChild } from './child.ts';

const COALMINE = join(packageRoot, 'bin/coalmine.mjs');
const SCENARIO = join(packageRoot, 'scenarios/slow-tail.yaml');

const COMMANDS = [
  { what: '--help', args: ['--help'], belowMs: 150 },
  { what: 'validate slow-tail.yaml', args: ['validate', SCENARIO], belowMs: 500 },
] as const;

export const startup: Bench = {
  name: 'startup',
  about: 'from the shell to the answer, under the bundled Node and through an old one of the system',
  async run({ small }) {
    const old = oldNode();
    const nodes = [{ file: process.execPath, version: process.version }, ...(old === null ? [] : [old])];
    const lines = COMMANDS.flatMap((command) => nodes.map((node) => ({ ...command, node, values: [] as number[] })));
    for (let round = 0; round < (small ? 1 : 9); round++) {
      for (const { args, node, values } of lines) values.push(runChild(node.file, [COALMINE, ...args]).wallMs);
    }
    const figures = lines.map(({ what, node, values, belowMs }): Figure => {
      const direct = lines.find((line) => line.what === what)!.values;
      const ratio = node === nodes[0] ? {} : { ratio: { times: median(direct) / median(values), to: 'directly' } };
      return { what: `${what}, ${through(node.version)}`, unit: 'ms', values, target: { below: belowMs }, ...ratio };
    });
    const notes = old === null ? ['SKIPPED: no old Node on this machine, so the hand-over was not measured'] : [];
    return { figures, notes };
  },
};

const through = (version: string): string =>
  version === process.version ? `Node ${version}` : `through Node ${version}`;
