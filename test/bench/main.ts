/** `node test/bench/main.ts [name…] [--small] [--markdown FILE]`: runs the named benchmarks, all without names. */
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../../storage/files.ts';
import { benches } from './all.ts';
import { load, machineLine } from './machine.ts';
import { type Measured, markdown, terminalTable } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean', default: false }, markdown: { type: 'string' } },
});
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const names = benches.map(({ name }) => name).join(', ');
  process.stderr.write(`got ${unknown.join(', ')}, expected some of ${names}\n`);
  process.exit(2);
}

const loadBefore = load();
const measured: Measured[] = [];
for (const bench of benches) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  process.stderr.write(`${bench.name} …\n`);
  const report = await bench.run({ small: values.small });
  for (const note of report.notes) if (note.startsWith('SKIPPED')) process.stderr.write(`  ${note}\n`);
  measured.push({ name: bench.name, about: bench.about, report });
}
const place = { machine: machineLine(), loadBefore, loadAfter: load(), small: values.small };
process.stdout.write(terminalTable(measured, place));
if (values.markdown !== undefined) {
  writeFileAtomic(values.markdown, markdown(measured, place, new Date().toISOString().slice(0, 10)));
}
