import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../models/features/support.ts';
import { coalmine, start, temporaryFolder } from './process.ts';
import { halfRequest, isFree, keepAsking, serve } from './serving.ts';

const home = temporaryFolder();
afterAll(home.remove);
const cwd = home.path;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('coalmine serve', () => {
  test('prints one JSON document with its address and models, on loopback, and answers there', async () => {
    const { url, child, ended } = await serve(cwd, 'eta-baseline', 'eta=eta-candidate');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${url}/v2/health/ready`)).json()).toEqual({ ready: true });
    expect(await (await fetch(`${url}/v2/models/eta`)).json()).toMatchObject({ name: 'eta', platform: 'onnx_onnxv1' });
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      url,
      models: [
        { name: 'eta-baseline', version: '1', state: 'READY', reason: '' },
        { name: 'eta', version: '1', state: 'READY', reason: '' },
      ],
    });
    expect(code).toBe(0);
  });

  test('prints an address per model for people', async () => {
    const run = start(['serve', 'eta-baseline', '--port', '0'], { cwd });
    await run.says('ready; Ctrl-C or SIGTERM answers what is under way and ends');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v2\/models\/eta-baseline\/versions\/1\n$/);
    expect(code).toBe(0);
  });

  test('takes its limits from options', async () => {
    const { url } = await serve(cwd, 'eta-baseline', '--max-rows', '1', '--max-body-bytes', '1k', '--no-allow-uploads');
    const ask = async (path: string, body: string): Promise<number> =>
      (await fetch(url + path, { method: 'POST', body })).status;
    const infer = '/v2/models/eta-baseline/infer';
    expect(await ask(infer, 'x'.repeat(1001))).toBe(413);
    const two = { name: 'features', datatype: 'FP32', shape: [2, 9], data: Array.from({ length: 18 }, () => 1) };
    expect(await ask(infer, JSON.stringify({ inputs: [two] }))).toBe(400);
    const upload = JSON.stringify({ parameters: { 'file:1/model.onnx': 'AAAA' } });
    expect(await ask('/v2/repository/models/eta-baseline/load', upload)).toBe(501);
  });

  test.each([
    [['nobody', 'other.onnx'], /^nobody:1:1: got nothing of this name.*\nother\.onnx:1:1: got nothing of this name/],
    [['eta-baseline', 'eta-baseline'], /got two models of this name, expected one: use other=eta-baseline/],
    [['eta-baseline', '--port', '70000'], /^--port:1:1: got '70000', expected at most 65535/],
    [['eta-baseline', '--port', 'x'], /^--port:1:1: got 'x', expected a whole number/],
    [['eta-baseline', '--grace', '10'], /^--grace:1:1: got '10', expected a duration such as 30s/],
    [
      ['eta-baseline', '--queue-limit', '0', '--max-batch-size', '0'],
      /^--max-batch-size:1:1: got '0', expected 1 or more\n--queue-limit:1:1: got '0', expected 1 or more/,
    ],
    [[], /missing required argument/],
  ])('%j is bad input, with every issue', async (args, message) => {
    const { code, stderr, stdout } = await coalmine(['serve', ...args], { cwd });
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('a file that is no model is bad input', async () => {
    writeFileSync(join(cwd, 'bad.onnx'), 'nothing');
    const { code, stderr } = await coalmine(['serve', 'bad.onnx', '--port', '0'], { cwd });
    expect(stderr).toMatch(/^bad\.onnx:1:1: model 'bad' cannot be loaded: version 1: /);
    expect(code).toBe(2);
  });

  test('a port that is taken is a lack of this machine', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, stderr } = await coalmine(['serve', 'eta-baseline', '--port', String(port)], { cwd });
    expect(stderr).toContain(`coalmine: cannot listen on 127.0.0.1:${port}`);
    expect(stderr).toContain('EADDRINUSE');
    expect(code).toBe(4);
  });
});

describe('ending', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('on %s under load loses no request', async (signal) => {
    const { port, child, ended } = await serve(cwd, 'eta-baseline');
    const clients = Array.from({ length: 16 }, () => keepAsking(port));
    await expect.poll(() => sum(clients.map(({ answered }) => answered)), { timeout: 60_000 }).toBeGreaterThan(2000);
    child.kill(signal);
    const { code, stderr } = await ended;
    await Promise.all(clients.map((client) => client.ended));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { sent, answered, refused } of clients) {
      expect(answered).toBe(sent);
      expect(refused).toBe(0);
    }
    expect(await isFree(port)).toBe(true);
  });

  test('answers requests that wait for their batch', async () => {
    const args = ['--max-queue-delay-us', '700000', '--max-batch-size', '1000'];
    const { url, port, child, ended } = await serve(cwd, 'eta-baseline', ...args);
    const clients = Array.from({ length: 8 }, () => keepAsking(port));
    const queued = /coalmine_server_queued_requests{[^}]*} (\d+)/;
    await expect
      .poll(async () => queued.exec(await (await fetch(`${url}/metrics`)).text())?.[1], {
        interval: 20,
        timeout: 60_000,
      })
      .toBe('8');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    await Promise.all(clients.map((client) => client.ended));
    for (const { sent, answered, refused } of clients) expect([sent, refused]).toEqual([answered, 0]);
  });

  test('while models are still loaded is no failure', async () => {
    const port = await freePort();
    const run = start(['serve', 'eta-wide', '--port', String(port)], { cwd });
    await expect.poll(() => isFree(port), { interval: 5, timeout: 60_000 }).toBe(false);
    run.child.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    expect(stderr).not.toContain('cannot be loaded');
    expect(code).toBe(0);
  });

  test('cuts what does not end within the grace, and says so with its exit code', async () => {
    const { port, child, ended } = await serve(cwd, 'eta-baseline', '--grace', '400ms');
    await halfRequest(port);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
    expect(await isFree(port)).toBe(true);
  });

  test('a second signal ends at once', async () => {
    const { port, child, ended, url } = await serve(cwd, 'eta-baseline', '--grace', '1h');
    await halfRequest(port);
    const open = keepAsking(port);
    child.kill('SIGINT');
    await open.ended;
    await expect
      .poll(() =>
        fetch(url).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});
