import { BadInput, type Issue, printIssue } from '../config/issues.ts';
import { isPlain } from '../config/layers.ts';
import { packageFolders } from '../config/package-root.ts';
import { mergeYaml } from '../config/yaml.ts';
import { alarmBudget, budgetWords, totalOf } from '../controller/alarm-budget.ts';
import { holdOdds, holdWords } from '../controller/hold-odds.ts';
import { loadPolicy } from '../controller/load-policy.ts';
import { share } from '../controller/words.ts';
import { loadScenario } from '../scenarios/load.ts';
import { EXIT } from './exit.ts';
import { standardInput } from './options.ts';
import { checkRehearsals, checkTogether, shipped } from './inputs.ts';
import { smallStages } from './small-stages.ts';

/** Stages that are long enough for their streaks in as many rollouts need no word. */
const SURE = 0.95;

/** Checks every file and prints all issues of all of them. */
export async function validateCommand(files: readonly string[], options: { json?: boolean }): Promise<void> {
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  for (const file of files) {
    try {
      warnings.push(...(await validate(shipped(file))));
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      issues.push(...error.issues);
    }
  }
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, issues, warnings }, null, 2)}\n`);
  for (const warning of warnings) process.stderr.write(`warning: ${printIssue(warning)}\n`);
  for (const issue of issues) process.stderr.write(`${printIssue(issue)}\n`);
  if (issues.length === 0 && options.json !== true) process.stdout.write(`${files.length} valid\n`);
  process.exitCode = issues.length === 0 ? EXIT.ok : EXIT.usage;
}

async function validate(file: string): Promise<readonly Issue[]> {
  const text = await standardInput(file);
  const { value } = mergeYaml(file, text, packageFolders('scenarios', 'policies', 'suites'));
  if (isSpace(value)) {
    const { loadSpace, spaceWords } = await import('../tuning/search/space.ts');
    process.stderr.write(`${file}: ${spaceWords(loadSpace(file, text))}\n`);
    return [];
  }
  if (isSuite(value)) {
    return checkRehearsals((await import('../nightly/suite.ts')).loadSuite(file, text));
  }
  if (isPolicy(value)) {
    const policy = loadPolicy(file, text);
    const budget = alarmBudget(policy);
    if (budget.length > 0)
      process.stderr.write(
        `${file}: its tests roll back at most ${share(totalOf(budget))} of healthy candidates: ${budgetWords(budget)}\n`,
      );
    for (const odds of holdOdds(policy).filter(({ passes }) => passes < SURE))
      process.stderr.write(`${file}: ${holdWords(odds, policy.evaluateEveryMs)}\n`);
    return [];
  }
  const loaded = loadScenario(file, { text });
  checkTogether(loaded);
  return [...loaded.warnings, ...smallStages(loaded)];
}

/** Whether a document, with all it extends, is a policy rather than a scenario: by the keys that only one of them has. */
const isPolicy = (value: unknown): boolean =>
  isPlain(value) && has(value, 'stages', 'guards', 'evaluateEvery') && !has(value, 'traffic', 'arms');

/** A policy space names the policy it varies. */
const isSpace = (value: unknown): boolean => isPlain(value) && has(value, 'settings') && has(value, 'base');

/** A suite lists what is rehearsed. */
const isSuite = (value: unknown): boolean => isPlain(value) && has(value, 'rehearsals');

const has = (map: object, ...keys: readonly string[]): boolean => keys.some((key) => Object.hasOwn(map, key));
