import type { LiveReport } from '../../live/live-report.ts';

/** What a live run adds to an outcome: a valid one under k6, whose candidate was taken back from 25 %. */
export function liveReport(changes: Partial<LiveReport> = {}): LiveReport {
  const times = { count: 100, mean: 20, p50: 19, p95: 33, p99: 43, max: 70 };
  const service = { intendedMs: times, heldMs: times, modelRunMs: times };
  return {
    valid: true,
    reasons: [],
    load: {
      generator: 'k6',
      offered: 20_849,
      sent: 20_849,
      completed: 20_847,
      errors: 2,
      timedOut: 0,
      interrupted: 0,
      dropped: 0,
      latenessMs: { p50: 0.5, p99: 1.2, max: 4 },
      correctedMs: null,
      serviceMs: null,
      maxInFlight: null,
      cpuMs: 4000,
      cpuShare: 0.08,
      valid: true,
      reasons: [],
      exit: null,
    },
    gateway: {
      nowMs: 52_000,
      weightPercent: 0,
      mirrorPercent: 0,
      inFlight: { baseline: 0, candidate: 0 },
      lastResponseAtMs: { baseline: 51_900, candidate: 40_042 },
      lastCopyAtMs: { baseline: null, candidate: 12_000 },
      loopLagMsP99: 1,
      cpuMs: 5000,
      rssMb: 140,
      drained: true,
    },
    sums: {
      loadSent: 20_849,
      gatewayReceived: 20_849,
      gatewayAnswered: 20_847,
      gatewayFailed: 2,
      gatewayMirrored: 4885,
      sentToServers: 25_734,
      serversReceived: 25_734,
      sentToLostServers: 0,
      balanced: true,
      mismatches: [],
    },
    rollback: {
      decidedAtMs: 40_000,
      baselineLoaded: true,
      routeSwappedAtMs: 40_001,
      lastCandidateResponseAtMs: 40_042,
      trafficOffAfterMs: 42,
    },
    service: { baseline: service, candidate: service },
    processes: [],
    host: { cores: 2, loadAverage: 0.1, idleLoopLagMs: 1, calm: true },
    deviations: [],
    troubles: [],
    features: 'sqlite',
    ...changes,
  };
}
