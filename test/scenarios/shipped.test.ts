import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/files.ts';
import { loadScenario } from '../../scenarios/load.ts';

const folder = join(packageRoot, 'scenarios');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('shipped scenarios', () => {
  test('there are twelve or more', () => expect(files.length).toBeGreaterThanOrEqual(12));

  test.each(files)('%s is valid, named after its file, says what it shows and what to expect', (name) => {
    const { scenario, warnings } = loadScenario(join(folder, name));
    expect(`${scenario.name}.yaml`).toBe(name);
    expect(scenario.description).not.toBe('');
    expect(scenario.expect).not.toBeNull();
    // Those for real servers are as long as one cares to wait.
    if (name.startsWith('live-')) expect(scenario.traffic.requests).toBeLessThanOrEqual(1e6);
    // Traps may be about small services.
    else if (scenario.trap === undefined) expect(scenario.traffic.requests).toBe(10e6);
    else expect(scenario.traffic.requests).toBeLessThanOrEqual(10e6);
    expect(warnings.length).toBe(name === 'small-fleet.yaml' ? 1 : 0);
    const { truth } = scenario;
    expect(truth.cause === null).toBe(truth.candidate === 'healthy');
  });
});
