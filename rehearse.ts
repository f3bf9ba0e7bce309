/**
 * One rehearsal: a world, a policy, and the loop that joins them (law L1: the same for the simulated and the live world).
 */
import type { Controller, ControllerState, PreFlight, Step } from './controller/decision.ts';
import type { Policy } from './controller/policy.ts';
import type { Window } from './telemetry/window.ts';
import type { Observation, World } from './world.ts';

/** Hears what happens, in order. */
export interface Listener {
  window?(window: Window): void;
  /**
   * After the actions of a step were applied, each at its instant of `effectiveMs`; `observation` is null for the step that
   * begins the rollout.
   */
  step?(step: Step<ControllerState>, observation: Observation | null, effectiveMs: readonly number[]): void;
}

/** Lets `controller` run the policy's rollout in `world` to its end. Returns the final state and when the last window ended. */
export async function rehearse<S extends ControllerState>(
  world: World,
  controller: Controller<S>,
  policy: Policy,
  preFlight: PreFlight,
  listener: Listener,
): Promise<{ state: S; endMs: number }> {
  let step = controller.begin(policy, preFlight, world.header);
  let effectiveMs = await applyAll(world, step, 0);
  listener.step?.(step, null, effectiveMs);
  if (step.state.verdict !== 'running') return { state: step.state, endMs: 0 };
  let nowMs = 0;
  while (step.state.verdict === 'running') {
    const observation = await world.advance(step.state.wakeMs);
    nowMs = observation.nowMs;
    for (const window of observation.windows) listener.window?.(window);
    step = controller.decide(policy, step.state, observation);
    // Not inside the call: its arguments are not looked at when nobody listens, and then nothing would be done to the world.
    effectiveMs = await applyAll(world, step, nowMs);
    listener.step?.(step, observation, effectiveMs);
  }
  // The window in which the rollout ended counts as well.
  const endMs = Math.ceil(nowMs / world.header.windowMs - 1e-9) * world.header.windowMs;
  if (endMs > nowMs) for (const window of (await world.advance(endMs)).windows) listener.window?.(window);
  return { state: step.state, endMs };
}

/** Applies a step's actions in order; answers when each took effect, which is at once unless the world says otherwise. */
async function applyAll(world: World, { actions }: Step<ControllerState>, nowMs: number): Promise<number[]> {
  const effectiveMs: number[] = [];
  for (const action of actions) effectiveMs.push((await world.apply(action)) ?? nowMs);
  return effectiveMs;
}
