/** The files a user names: found, loaded, and checked against each other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../config/issues.ts';
import type { Policy } from '../controller/policy.ts';
import { packageRoot } from '../scenarios/files.ts';
import type { LoadedScenario } from '../scenarios/load.ts';

/** A file the user names: as it is, else the one that came with the package. */
export const shipped = (file: string): string =>
  file === '-' || existsSync(file) || !existsSync(join(packageRoot, file)) ? file : join(packageRoot, file);

/** A fault that waits for a stage the policy does not have would never happen: refused with its place. */
export function checkStages({ scenario, places }: LoadedScenario, policy: Policy): void {
  const names = policy.stages.map((stage) => stage.name);
  refuse(
    scenario.faults.flatMap(({ trigger }, i) =>
      trigger.on === 'stage' && !names.includes(trigger.stage)
        ? [
            places.issue(
              ['faults', i, 'at', 'stage'],
              `got stage '${trigger.stage}', expected one of the policy's: ${names.join(', ')}`,
            ),
          ]
        : [],
    ),
  );
}
