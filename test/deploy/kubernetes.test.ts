/** The manifests say what the command line understands, and every shard is done and merged exactly once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../scenarios/files.ts';
import { coalmine } from '../cli/process.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completionMode?: string;
    readonly completions?: number;
    readonly parallelism?: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly args: readonly string[];
          readonly volumeMounts: unknown[];
        }[];
        readonly volumes: readonly { readonly persistentVolumeClaim: { readonly claimName: string } }[];
      };
    };
  };
}

const manifestsOf = (name: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(packageRoot, 'deploy/kubernetes', name), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
const argsOf = ({ spec }: Manifest): readonly string[] => spec.template.spec.containers[0]!.args;
const [claim, shards] = manifestsOf('shards.yaml') as [Manifest, Manifest];
const [merge] = manifestsOf('merge.yaml') as [Manifest];

test('the shards are as many as the pods, each with its own index', () => {
  expect(shards.spec).toMatchObject({ completionMode: 'Indexed' });
  const { completions, parallelism } = shards.spec;
  expect(parallelism).toBe(completions);
  const args = argsOf(shards);
  expect(args[args.indexOf('--shard') + 1]).toBe(`$(JOB_COMPLETION_INDEX)/${completions}`);
  expect(args[args.indexOf('--out') + 1]).toBe('/sweep/shard-$(JOB_COMPLETION_INDEX)');
  const merged = argsOf(merge).filter((arg) => arg.startsWith('/sweep/shard-'));
  expect(merged).toEqual(Array.from({ length: completions! }, (_, i) => `/sweep/shard-${i}`));
});

test('both jobs run the image that the Dockerfile builds, of this version and on the bundled Node', () => {
  const dockerfile = readFileSync(join(packageRoot, 'deploy/Dockerfile'), 'utf8');
  const tag = /--tag (\S+)/.exec(dockerfile)![1]!;
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  expect(tag).toBe(`coalmine:${version}`);
  for (const { spec } of [shards, merge]) expect(spec.template.spec.containers[0]!.image).toBe(tag);
  const [major] = process.versions.node.split('.');
  expect([...dockerfile.matchAll(/^FROM node:(\d+)-slim/gm)].map(([, node]) => node)).toEqual([major, major]);
});

test('both jobs are on the volume that is claimed', () => {
  for (const { spec } of [shards, merge])
    expect(spec.template.spec.volumes[0]!.persistentVolumeClaim.claimName).toBe(claim.metadata.name);
});

test.each([
  ['tune', shards],
  ['merge', merge],
])('every option of %s is one of the command', async (name, manifest) => {
  const [command, ...args] = argsOf(manifest);
  expect(command).toBe(name);
  const { stdout } = await coalmine([name, '--help'], { cwd: packageRoot });
  for (const option of args.filter((arg) => arg.startsWith('--'))) expect(stdout).toContain(`${option} <`);
});
