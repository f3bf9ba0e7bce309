import type { GatewayStatus } from './messages.ts';
import { GATEWAY_ARMS, type GatewayArm } from './options.ts';

/** A metric's samples: labels (as written between the braces) and value. */
type Samples = readonly (readonly [labels: string, value: number])[];

/** The status in Prometheus's text format, version 0.0.4. Counts are counters, with their usual endings. */
export function metricsText(status: GatewayStatus): string {
  const { sums } = status;
  const byUpstream = (value: (upstream: (typeof sums.upstreams)[number]) => number): Samples =>
    sums.upstreams.map((upstream) => [`{arm="${upstream.arm}",upstream="${upstream.url}"}`, value(upstream)]);
  return [
    metric('requests_received_total', 'counter', 'Requests received to their last byte.', [['', sums.received]]),
    metric('requests_total', 'counter', 'Requests by outcome.', [
      ['{outcome="answered"}', sums.answered],
      ['{outcome="rejected"}', sums.rejected],
      ['{outcome="timed_out"}', sums.timedOut],
      ['{outcome="failed"}', sums.broken],
    ]),
    metric('copies_total', 'counter', 'Mirrored copies by outcome.', [
      ['{outcome="answered"}', sums.mirrorAnswered],
      ['{outcome="failed"}', sums.mirrorFailed],
      ['{outcome="dropped"}', sums.mirrorDropped],
    ]),
    metric('retries_total', 'counter', 'Requests and copies sent to a second upstream.', [['', sums.retried]]),
    metric('unsent_total', 'counter', 'Requests and copies that reached no upstream.', [['', sums.unsent]]),
    metric('refused_total', 'counter', 'Calls that were not understood.', [['', sums.refused]]),
    metric('undelivered_total', 'counter', 'Answers whose caller had gone.', [['', sums.undelivered]]),
    metric(
      'in_flight',
      'gauge',
      'Requests and copies under way.',
      byArm((arm) => status.inFlight[arm]),
    ),
    metric('weight_percent', 'gauge', "The candidate's share of the requests.", [['', status.weightPercent]]),
    metric('mirror_percent', 'gauge', 'Share of the requests copied to the candidate.', [['', status.mirrorPercent]]),
    metric(
      'upstream_sent_total',
      'counter',
      'Requests and copies written to a server.',
      byUpstream((u) => u.sent),
    ),
    metric(
      'upstream_answered_total',
      'counter',
      'Answers from a server.',
      byUpstream((u) => u.answered),
    ),
    metric(
      'upstream_errors_total',
      'counter',
      'Connections lost and time-outs.',
      byUpstream((u) => u.errors),
    ),
    metric(
      'upstream_ready',
      'gauge',
      '1 while the server is in rotation.',
      byUpstream((u) => Number(u.ready)),
    ),
    metric('loop_lag_p99_seconds', 'gauge', 'Event-loop delay.', [['', status.loopLagMsP99 / 1000]]),
    metric('cpu_seconds_total', 'counter', 'User and system time.', [['', status.cpuMs / 1000]]),
  ].join('');
}

const byArm = (value: (arm: GatewayArm) => number): Samples =>
  GATEWAY_ARMS.map((arm) => [`{arm="${arm}"}`, value(arm)]);

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: Samples): string {
  const full = `coalmine_gateway_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labels} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}
