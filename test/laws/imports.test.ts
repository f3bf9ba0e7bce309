import { expect, test } from 'vitest';
import { importsOf, roomOf, type SourceFile, sourceFiles } from './source-files.ts';

/** Who may import whom (ARCHITECTURE.md). `types`: types only. Files at the root are named one by one. */
const LAW: Readonly<Record<string, { readonly may: readonly string[]; readonly types?: readonly string[] }>> = {
  config: { may: [] },
  statistics: { may: [] },
  storage: { may: ['config'] },
  telemetry: { may: ['config', 'storage'], types: ['world.ts'] },
  scenarios: { may: ['config', 'storage'], types: ['telemetry'] },
  controller: { may: ['config', 'statistics', 'telemetry'], types: ['world.ts'] },
  models: { may: ['config', 'storage'], types: ['scenarios', 'telemetry'] },
  sim: { may: ['scenarios', 'statistics', 'telemetry', 'split.ts'], types: ['models', 'world.ts', 'outcome.ts'] },
  live: {
    may: ['config', 'storage', 'scenarios', 'telemetry', 'models', 'sim', 'split.ts'],
    types: ['world.ts', 'outcome.ts'],
  },
  tuning: {
    may: [
      'config',
      'statistics',
      'storage',
      'scenarios',
      'telemetry',
      'controller',
      'sim',
      'models',
      'rehearse.ts',
      'ledger.ts',
      'conclude.ts',
      'policy-for.ts',
      'pre-flight.ts',
      'provenance.ts',
    ],
    types: ['world.ts', 'outcome.ts', 'host.ts'],
  },
  nightly: {
    may: ['config', 'statistics', 'storage', 'scenarios', 'controller', 'policy-for.ts', 'host.ts'],
    types: ['outcome.ts'],
  },
  comparison: { may: ['controller', 'telemetry'], types: ['outcome.ts'] },
  reports: {
    may: ['config', 'statistics', 'storage', 'telemetry'],
    types: ['controller', 'outcome.ts', 'tuning', 'live', 'comparison', 'nightly'],
  },
  'what-if': {
    may: ['config', 'statistics', 'telemetry', 'controller', 'tuning', 'reports', 'conclude.ts'],
  },
  cli: { may: ['*'] },
  test: { may: ['*'] },
  tools: { may: ['*'] },
  '.': { may: ['*'] },
};

/** Why a room is closed, and the way round. */
const HINTS: Readonly<Record<string, string>> = {
  sim: 'the simulator knows scenarios and telemetry only: pass the value through telemetry/ or the World interface',
  controller: 'decide() must not know which world it reads: pass the value through telemetry/ windows',
  reports: 'a report reads what a run left; it never runs anything: put the value into outcome.ts or the recording',
  comparison: 'a comparison reads what two runs left: hand in what else it needs',
  scenarios: 'scenarios are data without behaviour: move the behaviour to the room that acts',
  telemetry: 'telemetry is the language both worlds share: it must not know who speaks it',
  models: 'models are scored from content alone: hand the value in as an argument',
  storage: 'storage is a leaf: it knows files, not what is in them',
  statistics: 'statistics is a leaf: formulas know numbers, not what they stand for',
  config: 'config is a leaf: it reads documents, not their meaning',
};

function offences(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    const law = LAW[room];
    if (law === undefined)
      return [
        `${file.path}: the room ${room}/ has no line in the import law: add one to test/laws/imports.test.ts and ARCHITECTURE.md`,
      ];
    return importsOf(file).flatMap(({ target, line, typeOnly }) => {
      const there = roomOf(target) === '.' ? target : roomOf(target);
      if (roomOf(target) === 'cli' && room !== 'cli' && room !== 'test')
        return [`${file.path}:${line}: nobody imports cli/: move what is needed out of it`];
      if (there === room || law.may.includes('*') || law.may.includes(there)) return [];
      if (typeOnly && law.types?.includes(there) === true) return [];
      const only = law.types?.includes(there) === true ? ' (its types may be)' : '';
      return [`${file.path}:${line}: ${room}/ may not import ${there}${only}: ${HINTS[room] ?? 'see ARCHITECTURE.md'}`];
    });
  });
}

test('every room imports only what the import law allows', () => {
  expect(offences(sourceFiles)).toEqual([]);
});

test('the import law finds an offence and says where and why', () => {
  const text = "import { startServer } from '../live/server.ts';";
  const planted: SourceFile = { path: 'sim/engine.ts', text, lines: [text] };
  expect(offences([planted])).toEqual([
    'sim/engine.ts:1: sim/ may not import live: the simulator knows scenarios and telemetry only: pass the value through telemetry/ or the World interface',
  ]);
});
