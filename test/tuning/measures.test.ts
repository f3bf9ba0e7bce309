/** INV-10 for guards on measures: a recording read back from its file is judged as the rehearsal was, sentence by sentence. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isFast } from '../../tuning/fast/judge.ts';
import { judge } from '../../tuning/judge.ts';
import { policyFor, runScenario } from '../../run.ts';
import { readRun, RECORDING } from '../../run-directory.ts';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { readProvenance, readRecording } from '../../telemetry/recording.ts';

const home = mkdtempSync(join(tmpdir(), 'coalmine-measures-'));
afterAll(() => rmSync(home, { recursive: true }));

test.each(['google-success-drop-5', 'google-slower-success', 'netflix-popular'])(
  '%s: the same verdicts and decisions from the recording',
  { timeout: 120_000 },
  async (name) => {
    const { scenario } = loadScenario(join(packageRoot, 'scenarios', `${name}.yaml`), { requests: 1_000_000 });
    const policy = policyFor(scenario);
    const out = join(home, name);
    const outcome = await runScenario(scenario, policy, { out, clock: () => 0 });
    const file = join(out, RECORDING);
    const judged = judge(policy, { ...(await readRecording(file)), provenance: (await readProvenance(file))! });
    expect(judged.verdict).toBe('rolled-back');
    expect(judged.decidedAtMs).toBe(outcome.decidedAtMs);
    expect(judged.guard).toBe(outcome.guard!.name);
    const { log } = await readRun(out);
    const said = log.flatMap((line) => (line.type === 'verdict' ? [line.because] : []));
    expect(judged.verdicts.map(({ because }) => because)).toEqual(said.slice(0, judged.verdicts.length));
    expect(judged.verdicts.length).toBeGreaterThan(10);
    expect(isFast(policy)).toBe(false);
  },
);
