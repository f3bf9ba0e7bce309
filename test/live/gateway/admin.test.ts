import { expect, test } from 'vitest';
import { Caller, startPair } from './support.ts';

test('every path needs the token', async () => {
  const { gateway } = await startPair();
  for (const path of ['/routes', '/statistics', '/health', '/metrics', '/upstreams/baseline', '/nothing']) {
    for (const authorization of ['', 'Bearer wrong', gateway.token, `Bearer ${gateway.token}x`]) {
      const response = await fetch(gateway.adminUrl + path, { headers: { authorization } });
      expect(response.status, `${path} with '${authorization}'`).toBe(401);
      expect(await response.json()).toEqual({ error: expect.stringContaining('Bearer <token>') });
    }
  }
  const unchanged = await fetch(`${gateway.adminUrl}/routes`, { method: 'PUT', body: '{"weightPercent":50}' });
  expect([unchanged.status, (await gateway.status()).weightPercent]).toEqual([401, 0]);
});

test('it says and does what the commands do', async () => {
  const { gateway, baseline, candidate } = await startPair();
  const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> => {
    const headers = { authorization: `Bearer ${gateway.token}` };
    const response = await fetch(gateway.adminUrl + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, answer: text.startsWith('#') ? text : (JSON.parse(text) as unknown) };
  };
  expect(await ask('PUT', '/routes', { weightPercent: 100 })).toMatchObject({ status: 200, answer: { atMs: null } });
  expect((await gateway.status()).weightPercent).toBe(100);
  await new Caller(gateway).sendMany(7);
  expect(candidate.seen.length).toBe(7);
  expect(await ask('GET', '/routes')).toEqual({
    status: 200,
    answer: {
      weightPercent: 100,
      mirrorPercent: 0,
      segments: null,
      upstreams: { baseline: [baseline.url], candidate: [candidate.url] },
    },
  });
  expect(await ask('GET', '/statistics')).toMatchObject({ answer: { sums: { received: 7, answered: 7 } } });
  expect(await ask('PUT', '/upstreams/baseline', [])).toMatchObject({ answer: { upstreams: { baseline: [] } } });
  expect(await ask('GET', '/health')).toMatchObject({ answer: { live: true, ready: false } });
  const metrics = (await ask('GET', '/metrics')).answer as string;
  expect(metrics).toContain('# TYPE coalmine_gateway_requests_received_total counter\n');
  expect(metrics).toContain('coalmine_gateway_requests_received_total 7\n');
  expect(metrics).toContain(`coalmine_gateway_upstream_sent_total{arm="candidate",upstream="${candidate.url}"} 7\n`);
  // Prometheus's text format: comments, or a name, maybe labels, and a number.
  expect(
    metrics.split('\n').filter((line) => !/^(|# (HELP|TYPE) .+|[a-z_0-9]+(\{[^}]*\})? [0-9.e+-]+)$/.test(line)),
  ).toEqual([]);

  const refused: [string, string, unknown, number][] = [
    ['GET', '/nothing', undefined, 404],
    ['PUT', '/metrics', {}, 405],
    ['PUT', '/routes', 'not JSON', 400],
    ['PUT', '/routes', { weightPercent: -1 }, 400],
    ['PUT', '/routes', { mirrorPercent: '5' }, 400],
    ['PUT', '/routes', { segments: 'ATL' }, 400],
    ['PUT', '/routes', { segments: ['ATL'] }, 400],
    ['PUT', '/routes', [], 400],
    ['PUT', '/upstreams/baseline', [5], 400],
    ['PUT', '/upstreams/candidate', ['ftp://x'], 400],
    ['PUT', '/routes', 'x'.repeat(70_000), 413],
  ];
  for (const [method, path, body, status] of refused) {
    expect(await ask(method, path, body), `${method} ${path}`).toMatchObject({
      status,
      answer: { error: expect.any(String) },
    });
  }
});
