/** What every process of a live run does so that none is left behind. Call it first. */

/**
 * Ends this process when its parent is gone: the channel's end is noticed also when the parent was killed with -9. Ctrl-C is the
 * parent's to hear. `onTerminate` runs on SIGTERM and ends the process itself.
 */
export function obeyParent(onTerminate: () => void): void {
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', onTerminate);
  // Started by hand, without a channel, there is no parent to obey.
  if (process.send === undefined) throw new Error('got no parent to talk to, expected to be forked by coalmine');
}
