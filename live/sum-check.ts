import type { FinalSums } from './gateway/messages.ts';
import type { LiveFleet } from './fleet/live-fleet.ts';
import type { SumCheck } from './live-report.ts';
import type { LoadReport } from './load/plan.ts';

/**
 * Counts every request at each place it passed: sent by the load = received by the gateway = answered + failed there; sent to each
 * server = received by that server. A server that was killed cannot be asked; what was sent to it is told apart.
 */
export function checkSums(load: LoadReport, { sums }: FinalSums, fleets: readonly LiveFleet[]): SumCheck {
  const mismatches: string[] = [];
  const expectEqual = (what: string, got: number, of: string, expected: number): void => {
    if (got !== expected) mismatches.push(`${what} ${got}, ${of} ${expected}`);
  };
  const { sent, completed, errors, timedOut, interrupted } = load;
  const { received, answered, failed, mirrored, mirrorAnswered, mirrorFailed, unsent } = sums;
  const known = completed + errors + timedOut + interrupted;
  expectEqual('the load sent', sent, 'it knows the end of', known);
  expectEqual('the gateway received', received, 'the load sent', sent);
  expectEqual('the gateway received', received, 'it answered or failed', answered + failed);
  expectEqual('the gateway mirrored', mirrored, 'copies answered or failed', mirrorAnswered + mirrorFailed);
  let sentToServers = 0;
  let serversReceived = 0;
  let sentToLostServers = 0;
  const replicas = fleets.flatMap(({ all }) => all);
  for (const { url, sent: there } of sums.upstreams) {
    const replica = replicas.find((each) => each.url === url);
    if (replica === undefined || replica.sums === null) {
      sentToLostServers += there;
      continue;
    }
    sentToServers += there;
    serversReceived += replica.sums.received;
    expectEqual(`${replica.process.name} received`, replica.sums.received, 'the gateway sent it', there);
  }
  expectEqual(
    'the gateway sent',
    sentToServers + sentToLostServers + unsent,
    'requests and copies were',
    received + mirrored,
  );
  return {
    loadSent: sent,
    gatewayReceived: received,
    gatewayAnswered: answered,
    gatewayFailed: failed,
    gatewayMirrored: mirrored,
    sentToServers,
    serversReceived,
    sentToLostServers,
    balanced: mismatches.length === 0,
    mismatches,
  };
}
