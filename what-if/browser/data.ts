/** What the page carries: recordings, deflated and in base64, and what they are about. */
import { decode, type PackedHead, type Unpacked } from '../codec.ts';
import type { Policy } from '../../controller/policy.ts';
import { place } from './dom.ts';

export interface PageData {
  readonly policy: Policy;
  readonly recordings: readonly {
    readonly name: string;
    readonly head: PackedHead;
    /** Of its bytes, before they were deflated together. */
    readonly length: number;
  }[];
}

export interface Loaded {
  readonly policy: Policy;
  readonly names: readonly string[];
  readonly recordings: readonly Unpacked[];
}

export async function load(): Promise<Loaded> {
  const { policy, recordings } = JSON.parse(place('what-if-data').textContent) as PageData;
  const bytes = await inflated(place('what-if-recordings').textContent.trim());
  let at = 0;
  const decoded = recordings.map(({ head, length }) => decode(head, bytes.subarray(at, (at += length))));
  return { policy, names: recordings.map(({ name }) => name), recordings: decoded };
}

async function inflated(base64: string): Promise<Uint8Array> {
  const text = atob(base64);
  const deflated = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
