/** What must hold between the parts of a scenario, and of the files it names. */
import type { Path } from '../config/issues.ts';
import type { Places } from '../config/places.ts';
import { ifKnown, type Report, type Rule } from '../config/rules.ts';
import { didYouMean } from '../config/suggest.ts';
import { locate } from './files.ts';
import { timesOf } from './measured.ts';
import type { ScenarioForm } from './schema/scenario.ts';

type ScenarioRule = Rule<ScenarioForm>;

export const ARRIVALS: Path = ['traffic', 'arrivals'];

/** `content: file` or `content: {file: …}`: whichever the document has. */
export const contentPath = (places: Places): Path => {
  const long = ['traffic', 'content', 'file'];
  return places.has(long) ? long : long.slice(0, 2);
};

export const scenarioRules = (places: Places): readonly ScenarioRule[] => [
  ...fileRules(places),
  ({ window }, report) => window < 1 && report(['window'], 'expected a duration of at least 1ms'),
  noContradiction,
  modelsAnswerContent,
  acceptanceNeedsContent,
  noSpikeOnTrace,
  faultsHitSegments,
];

/** Every file that is named is there. */
function fileRules(places: Places): ScenarioRule[] {
  const find = (report: Report, path: Path, name: string, what: string): void => {
    if (locate(name, places.of(path).file) === null)
      report(path, `got '${name}', expected ${what}: no such file beside this one or in the package`);
  };
  return [
    ({ policy }, report) => find(report, ['policy'], policy, 'a policy'),
    ({ traffic: { content } }, report) =>
      content.kind === 'table' && find(report, contentPath(places), content.file, 'a content table'),
    ({ traffic: { arrivals } }, report) =>
      arrivals.kind === 'profile-source' &&
      find(report, [...ARRIVALS, 'source'], arrivals.source, 'an arrival profile'),
    ({ traffic: { arrivals } }, report) =>
      arrivals.kind === 'trace' && find(report, [...ARRIVALS, 'file'], arrivals.file, 'a trace'),
    (form, report) => {
      for (const [path, times] of timesOf(form))
        ifKnown(() => {
          const long = [...path, 'file'];
          const at = places.has(long) ? long : path;
          if (times.kind === 'measured-source') find(report, at, times.file, 'a calibration of `coalmine calibrate`');
        });
    },
  ];
}

/** A policy that is right does not roll back what is healthy or promote what is not; one that is wrong is a finding. */
const noContradiction: ScenarioRule = ({ truth, expect }, report) => {
  if (expect === null || expect.finding !== null) return;
  const wrong = truth.candidate === 'healthy' ? 'rolled-back' : 'promoted';
  const rule = `expected another verdict of a candidate that is ${truth.candidate}, or a finding that says why the policy errs`;
  if (expect.verdict === wrong) report(['expect', 'verdict'], `got ${wrong}, ${rule}`);
};

/** Models answer contents: neither goes without the other. */
const modelsAnswerContent: ScenarioRule = ({ traffic, arms }, report) => {
  const hasContent = traffic.content.kind === 'table';
  for (const name of ['baseline', 'candidate'] as const)
    ifKnown(() => {
      const { model } = arms[name];
      const issue = (message: string): void => report(['arms', name, 'model'], message);
      if (hasContent && model === null) issue('got no model, expected one that answers the content');
      if (!hasContent && model !== null)
        issue(`got '${model}', expected no model: traffic.content is none, so it has nothing to answer`);
    });
};

/** Acceptance compares the models' answers with what happened, plays come from their lists. */
const acceptanceNeedsContent: ScenarioRule = ({ traffic, outcomes }, report) => {
  if (traffic.content.kind === 'none' && (outcomes.kind === 'acceptance' || outcomes.kind === 'plays'))
    report(
      ['outcomes', 'kind'],
      `got '${outcomes.kind}', expected bernoulli, queries or none: traffic.content is none`,
    );
};

/** A fault on a segment that nobody belongs to would never happen. */
const faultsHitSegments: ScenarioRule = ({ traffic: { segments }, faults }, report) => {
  for (const i of faults.keys())
    ifKnown(() => {
      const { segment } = faults[i]!;
      if (segment !== undefined && !segments.includes(segment))
        report(
          ['faults', i, 'segment'],
          `got '${segment}', expected one of the segments: ${segments.join(', ') || 'none, since traffic.segments is empty'}${didYouMean(segment, segments)}`,
        );
    });
};

/** A recording keeps its rate: a spike on it would be ignored without a word. */
const noSpikeOnTrace: ScenarioRule = ({ traffic, faults }, report) => {
  if (traffic.arrivals.kind !== 'trace') return;
  for (const i of faults.keys())
    ifKnown(() => {
      const { kind } = faults[i]!;
      if (kind === 'traffic-spike')
        report(['faults', i, 'kind'], `got '${kind}', expected another fault: a trace keeps its recorded rate`);
    });
};
