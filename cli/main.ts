/** The `coalmine` command: names, options and help. Everything heavy is imported by the command that needs it. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { EXIT } from './exit.ts';

/** Beside a source it is one level up, beside compiled code two. */
const packageFile = [new URL('../package.json', import.meta.url), new URL('../../package.json', import.meta.url)];

function packageVersion(): string {
  for (const file of packageFile) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    } catch {
      // not here: it is the other one
    }
  }
  return 'unknown';
}

const program = new Command('coalmine')
  .description('Rehearse a model rollout before production does: shadow, canary and rollback in virtual time.')
  .version(packageVersion())
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    'after',
    `
Examples:
  coalmine rehearse                                      the default rollout: a healthy candidate, 10M requests in shadow
  coalmine rehearse scenarios/slow-tail.yaml             one whose candidate is slow now and then
  coalmine init rollout                                  a folder with a scenario and a policy of your own to start from

\`coalmine <command> --help\` explains a command and shows examples.`,
  )
  .exitOverride();

const json = new Option('--json', 'print exactly one JSON document on stdout, everything else on stderr');

program
  .command('rehearse')
  .description('rehearse one rollout and write a run directory with its report')
  .argument('[scenario]', 'scenario file, or - for standard input', 'scenarios/seed-healthy.yaml')
  .option('--policy <file>', "policy under test (default: the scenario's)")
  .option('--seed <n>', "seed of every random stream (default: the scenario's)")
  .option('--requests <n>', 'requests of the shadow stage, e.g. 500k; fewer compress the schedule')
  .option('--time-scale <x>', 'divide every duration of policy and schedule by x')
  .option('--live', 'against real model servers, gateway and load on this machine, in wall time')
  .option('--load <generator>', 'live: k6 (default) or builtin')
  .option('--features <url>', 'live: redis://… of the feature store (default: an SQLite file of its own)')
  .option(
    '--calibration <file>',
    'simulate what --live would measure, with the times that `coalmine calibrate` measured',
  )
  .option('--out <dir>', 'run directory (default: runs/<scenario>-<seed>, replaced when it is a finished run)')
  .option('--open', 'show the report in the browser')
  .addOption(json)
  .addHelpText(
    'after',
    `
Examples:
  coalmine rehearse                                      the default rollout: a healthy candidate, 10M requests in shadow
  coalmine rehearse scenarios/slow-tail.yaml --json      one JSON document with verdict, guard, delay and rollback
  coalmine rehearse mine.yaml --policy policies/quick.yaml --seed 7 --out runs/try
  coalmine rehearse scenarios/live-healthy.yaml --live   a minute against real servers under k6

Exit codes: 0 as the scenario expects · 2 bad input · 3 another verdict than expected · 4 something missing here · 5 inconclusive`,
  )
  .action(async (scenario, options) => (await import('./rehearse.ts')).rehearseCommand(scenario, options));

program
  .command('calibrate')
  .description('measure real servers on this machine into a calibration file for the simulator')
  .argument('[scenario]', 'scenario whose servers are run', 'scenarios/live-healthy.yaml')
  .option('--out <file>', 'file to write (default: models/calibration/<scenario>.json)')
  .option('--utilisations <list>', 'busy shares of the slots to measure at', '30%,60%,80%')
  .option('--for <duration>', 'how long each is measured', '20s')
  .option('--rate <n>', 'requests per second at the highest of them', '800')
  .option('--seed <n>', "seed of every random stream (default: the scenario's)")
  .option('--load <generator>', 'builtin (default) or k6')
  .option('--features <url>', 'redis://… of the feature store (default: an SQLite file of its own)')
  .addOption(json)
  .addHelpText(
    'after',
    `
Takes a minute and a half, and wants a machine that does nothing else.

Examples:
  coalmine calibrate
  coalmine calibrate mine.yaml --out mine.json --utilisations 20%,50%,70%,90% --for 1m

Exit codes: 0 measured · 2 bad input · 4 something missing here · 5 written, but the machine was too busy for a measurement`,
  )
  .action(async (scenario, options) => (await import('./calibrate.ts')).calibrateCommand(scenario, options));

program
  .command('compare')
  .description('a simulated and a live run of one scenario: figure by figure, and verdict by verdict')
  .argument('<sim-run>', 'run directory of the simulation')
  .argument('<live-run>', 'run directory of the live rehearsal')
  .option('--out <dir>', 'where comparison.json and the report go (default: runs/compare-<scenario>-<seed>)')
  .addOption(json)
  .addHelpText(
    'after',
    `
Examples:
  coalmine compare runs/sim runs/live                    after these two:
  coalmine rehearse scenarios/live-healthy.yaml --calibration models/calibration/live-healthy.json --out runs/sim
  coalmine rehearse scenarios/live-healthy.yaml --live --out runs/live

Exit codes: 0 same verdict · 2 the runs cannot be compared, with every reason · 3 the verdicts differ ·\n5 inconclusive: same verdict, which the error of the calibration could have changed`,
  )
  .action(async (sim, live, options) => (await import('./compare.ts')).compareCommand(sim, live, options));

program
  .command('report')
  .description('rebuild the report of a run, a sweep or a night')
  .argument('<dir>', 'directory of a run, a sweep or a night')
  .option('--format <list>', 'html, svg, png, comma-separated', 'html,svg,png')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine report runs/slow-tail-42 --format html')
  .action(async (run, options) => (await import('./report.ts')).reportCommand(run, options));

program
  .command('explain')
  .description('every decision of a run in one sentence with its numbers; why each guard fired, or did not')
  .argument('<run>', 'run directory')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine explain runs/slow-tail-42')
  .action(async (run, options) => (await import('./explain.ts')).explainCommand(run, options));

program
  .command('validate')
  .description('check scenarios, policies, policy spaces and suites; prints every issue as file:line:column')
  .argument('<files...>', 'scenarios, policies, policy spaces, suites')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine validate scenarios/*.yaml policies/*.yaml')
  .action(async (files, options) => (await import('./validate.ts')).validateCommand(files, options));

const trace = program.command('trace').description('request traces as Parquet: make, import, look at');
trace
  .command('generate')
  .description("write the first arrivals of a scenario's traffic as a trace")
  .argument('<scenario>', 'scenario file')
  .requiredOption('--out <file>', 'Parquet file to write')
  .option('--requests <n>', 'how many rows (default: the requests of the scenario)')
  .option('--seed <n>', "seed (default: the scenario's)")
  .addOption(json)
  .addHelpText(
    'after',
    '\nExample:\n  coalmine trace generate scenarios/seed-healthy.yaml --requests 1M --out trace.parquet',
  )
  .action(async (scenario, options) => (await import('./trace.ts')).generateCommand(scenario, options));
trace
  .command('import')
  .description('make a trace from recorded requests')
  .argument('<file>', 'CSV, Parquet, NDJSON, or an Envoy or nginx access log')
  .requiredOption('--out <file>', 'Parquet file to write')
  .addOption(
    new Option('--format <name>', 'csv, parquet, ndjson, envoy or nginx')
      .choices(['csv', 'parquet', 'ndjson', 'envoy', 'nginx'])
      .default('csv'),
  )
  .option('--time <column>', 'column with the arrival time')
  .addOption(new Option('--time-unit <unit>', 'what the time is').choices(['timestamp', 's', 'ms', 'us', 'ns']))
  .option('--key <column>', 'column with the entity whose features are fetched')
  .option('--user <column>', 'column with the user, for sticky routing')
  .option('--segment <column>', 'column with the segment')
  .addOption(json)
  .addHelpText(
    'after',
    '\nExample:\n  coalmine trace import requests.csv --time TIMESTAMP --time-unit timestamp --out trace.parquet',
  )
  .action(async (file, options) => (await import('./trace.ts')).importCommand(file, options));
trace
  .command('inspect')
  .description('rate, burstiness and popularity of a trace')
  .argument('<file>', 'trace')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine trace inspect trace.parquet')
  .action(async (file, options) => (await import('./trace.ts')).inspectCommand(file, options));

/** An option that is given once per value. */
const several = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

program
  .command('tune')
  .description('rehearse many seeds of scenarios and say how often policies are wrong, with intervals')
  .argument('[scenarios...]', 'scenario files')
  .option(
    '--policy <file>',
    "policy under test; given again, others are compared with the first (default: each scenario's own)",
    several,
  )
  .option('--space <file>', 'policy space to search for a better policy than its base, in place of --policy')
  .option('--replications <n>', 'seeds per scenario (default: 20)')
  .option(
    '--vary <path=values>',
    'rehearse variations, e.g. arms.candidate.errorRatio=0.1%,0.2% (a power curve)',
    several,
  )
  .option('--seed <n>', "first seed (default: each scenario's)")
  .option('--requests <n>', 'requests of the shadow stage; fewer compress the schedule')
  .option('--time-scale <x>', 'divide every duration of policy and schedule by x')
  .option('--confirm <n>', 'replications of every policy to rehearse in full as well, or all (default: 1)')
  .option(
    '--stop-when <question>',
    "end each scenario once the answer is clear, e.g. 'false-rollbacks < 1%' or 'missed-regressions < 10%'",
  )
  .option('--stop-error <percent>', 'how often such an answer may be wrong (default: 5%)')
  .option('--no-recordings', 'keep what was judged, not the recordings')
  .option('--workers <n>', 'threads (default: one per core)')
  .option('--shard <i/n>', 'do part i of n, counted from 0; `coalmine merge` joins them')
  .option('--queue <url>', 'let `coalmine worker` processes do it, over redis://')
  .option('--resume <dir>', 'go on with the sweep that is there')
  .option('--out <dir>', 'where it is kept (default: runs/tune-<plan>)')
  .addOption(json)
  .addHelpText(
    'after',
    `
A sweep can be stopped or killed at any moment: the same command goes on with what is left.

Examples:
  coalmine tune scenarios/seed-healthy.yaml scenarios/slow-tail.yaml
  coalmine tune scenarios/*.yaml --policy policies/quick.yaml --replications 50
  coalmine tune scenarios/error-creep.yaml --vary arms.candidate.errorRatio=0.05%,0.1%,0.2%
  coalmine tune scenarios/seed-healthy.yaml scenarios/slow-tail.yaml --space policies/spaces/seed.yaml
  coalmine tune scenarios/seed-healthy.yaml --replications 2000 --stop-when 'false-rollbacks < 1%'
  coalmine tune scenarios/seed-healthy.yaml --shard 0/4 --out shard-0`,
  )
  .action(async (scenarios, options) => (await import('./tune.ts')).tuneCommand(scenarios, options));

program
  .command('merge')
  .description('join the shards of a sweep into one result, identical to the unsharded one')
  .argument('<dirs...>', 'directories of all shards')
  .option('--out <dir>', 'where the whole is kept (default: runs/tune-<plan>)')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine merge shard-0 shard-1 shard-2 shard-3 --out whole')
  .action(async (dirs, options) => (await import('./merge.ts')).mergeCommand(dirs, options));

program
  .command('judge')
  .description('what policies would have decided on recordings, without simulating again')
  .argument('<recordings...>', 'recordings, run directories or sweeps')
  .requiredOption('--policy <file>', 'policy to judge by; one file each time, give it again for more', several)
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine judge runs/slow-tail-42 --policy mine.yaml --policy policies/seed.yaml')
  .action(async (recordings, options) => (await import('./judge.ts')).judgeCommand(recordings, options));

program
  .command('what-if')
  .description('a page with sliders for a policy that judges recordings again in the browser')
  .argument('<recordings...>', 'recordings, run directories or sweeps')
  .option('--policy <file>', "policy to start from (default: the sweep's first)")
  .option('--max-mb <n>', 'size of the page; what does not fit is left out (default: 5)')
  .option('--out <file>', 'page to write (default: what-if.html in the sweep or run)')
  .option('--open', 'show it in the browser')
  .addOption(json)
  .addHelpText(
    'after',
    '\nExample:\n  coalmine what-if runs/tune-1a2b3c4d\n  coalmine what-if runs/slow-tail-42 --policy mine.yaml --open',
  )
  .action(async (recordings, options) => (await import('./what-if.ts')).whatIfCommand(recordings, options));

program
  .command('nightly')
  .description('rehearse a suite and compare it with the nights before: regressions with effect size and interval')
  .argument('[suite]', 'suite file, or - for standard input', 'suites/nightly.yaml')
  .option('--history <dir>', 'the nights that were, and where tonight is kept', 'nightly-history')
  .option('--accept', 'tonight is how it shall be: nights before it are compared with no more')
  .option('--junit <file>', 'also as JUnit XML')
  .option('--markdown <file>', 'also as Markdown')
  .option('--out <dir>', 'directory of the night (default: runs/<suite>-<date>; an interrupted night goes on)')
  .option('--load <generator>', 'live rehearsals: k6 (default) or builtin')
  .option('--features <url>', 'live rehearsals: redis://… of the feature store (default: an SQLite file of its own)')
  .addOption(json)
  .addHelpText(
    'after',
    `
Examples:
  coalmine nightly                                       ten rollouts whose end is known, five seeds each
  coalmine nightly mine.yaml --history history --junit nightly.xml --markdown nightly.md
  coalmine nightly --accept                              after a change that was meant

Exit codes: 0 nothing got worse than tolerated · 2 bad input · 3 a regression · 4 something missing here · 5 a live rehearsal proves nothing ·
130/143 interrupted: what is done is kept, the same command goes on`,
  )
  .action(async (suite, options) => (await import('./nightly.ts')).nightlyCommand(suite, options));

program
  .command('worker')
  .description('do the jobs of sweeps that were started with --queue')
  .requiredOption('--queue <url>', 'redis://host:port')
  .option('--workers <n>', 'threads (default: one per core)')
  .option('--dir <dir>', 'where the sweep is on this machine (default: where it was started)')
  .option('--lock <duration>', 'a worker that is silent for so long is taken for dead (default: 30s)')
  .addOption(new Option('--json', 'when stopped, print what was done as one JSON document on stdout'))
  .addHelpText('after', '\nExample:\n  coalmine worker --queue redis://localhost:6379')
  .action(async (options) => (await import('./worker.ts')).workerCommand(options));

program
  .command('init')
  .description('start a project: a scenario, a policy and a CI job that rehearses them')
  .argument('[dir]', 'folder to write them in, made when it is missing', '.')
  .addOption(json)
  .addHelpText(
    'after',
    `
Writes rollout.yaml, policy.yaml and .github/workflows/rehearse.yml; existing files stay as they are and are refused.

Examples:
  coalmine init                                          in this folder
  coalmine init rollout && cd rollout && coalmine rehearse rollout.yaml`,
  )
  .action(async (dir, options) => (await import('./init.ts')).initCommand(dir, options));

program
  .command('serve')
  .description('serve ONNX models over the Open Inference Protocol v2 (REST)')
  .argument(
    '<models...>',
    'name of a shipped model, folder with model.onnx, or .onnx file; name=… before it renames it',
  )
  .option('--port <n>', 'port; 0 takes any free one', '8000')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--max-batch-size <n>', 'most rows run together; 1 = no batching (default: 64)')
  .option(
    '--max-queue-delay-us <us>',
    'how long the first row of a batch waits for others (default: 0, this turn only)',
  )
  .option('--queue-limit <n>', 'requests that may wait per model, one more is answered with 503 (default: 4096)')
  .option('--max-body-bytes <n>', 'largest body of an inference request (default: 16777216)')
  .option('--max-rows <n>', 'most rows of one request (default: 65536)')
  .option('--grace <duration>', 'how long to answer what is under way when ending', '30s')
  .option('--allow-uploads', 'let load requests bring model files (default: on loopback only)')
  .option('--no-allow-uploads', 'never let them')
  .addOption(json)
  .addHelpText(
    'after',
    `
Examples:
  coalmine serve eta-baseline                              one shipped model at http://127.0.0.1:8000
  coalmine serve mine.onnx eta=models/eta-candidate --port 0 --json
  curl localhost:8000/v2/models/eta-baseline               what it takes and gives

Exit codes: 0 ended with every request answered · 2 bad input · 4 port taken or runtime missing · 130, 143 ended with requests cut off`,
  )
  .action(async (models, options) => (await import('./serve.ts')).serveCommand(models, options));

program
  .command('doctor')
  .description('check that this machine has what rehearsals need')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine doctor')
  .action(async (options) => (await import('./doctor.ts')).doctorCommand(options));

program
  .command('setup-k6')
  .description('find k6, which loads live rehearsals, or build it with Go')
  .addOption(json)
  .addHelpText('after', '\nExample:\n  coalmine setup-k6')
  .action(async (options) => (await import('./setup-k6.ts')).setupK6Command(options));

/** Every command takes it; those that show no progress have nothing to leave out. */
function addQuiet(command: Command): void {
  if (command.commands.length === 0) command.option('--quiet', 'no progress, no notes');
  for (const each of command.commands) addQuiet(each);
}
addQuiet(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = (await import('./failure.ts')).reportFailure(error);
}
