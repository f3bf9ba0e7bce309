/** The public API of the package: what a program needs to rehearse rollouts without the command line. */
export { BadInput, type Issue, printIssue } from './config/issues.ts';
export type { Controller, ControllerState, Decision, GuardVerdict } from './controller/decision.ts';
export { controller } from './controller/decide.ts';
export { loadPolicy } from './controller/load-policy.ts';
export type { Guard, Policy, Stage } from './controller/policy.ts';
export { thresholdsOf } from './controller/thresholds.ts';
export type { Outcome } from './outcome.ts';
export { terminalSummary } from './reports/summary.ts';
export { type Listener, rehearse } from './rehearse.ts';
export { policyFor } from './policy-for.ts';
export { type Progress, type RunOptions, runScenario } from './run.ts';
export { readRun, rebuildReport } from './run-directory.ts';
export { loadScenario } from './scenarios/load.ts';
export type { Scenario } from './scenarios/scenario.ts';
export { SimWorld } from './sim/world.ts';
export { readRecording } from './telemetry/recording.ts';
export type { ArmWindow, Window, WindowHeader } from './telemetry/window.ts';
export type { Action, Observation, World } from './world.ts';
