/** Tensor data as bytes: elements one after another, little-endian; each text with its length before it. */
import { invalid } from './errors.ts';
import { wholeText } from './json-data.ts';
import { type Datatype, elementsOf, NUMERIC, printShape, type TensorData } from './tensor.ts';

const LENGTH_BYTES = 4;

/**
 * The elements in `bytes`. They stand wherever the JSON before them ended, so they are copied, never viewed. Throws ServerError
 * 400 when they are not as many as `shape` says or not of the datatype.
 */
export function dataFromBytes(bytes: Buffer, datatype: Datatype, shape: readonly number[], what: string): TensorData {
  if (datatype === 'BYTES') return textsFromBytes(bytes, shape, what);
  const count = elementsOf(shape);
  const type = NUMERIC[datatype];
  if (bytes.length !== count * type.bytes)
    throw invalid(
      `${what} has ${bytes.length} bytes, expected ${count * type.bytes} as ${datatype} ${printShape(shape)} takes`,
    );
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  if (datatype === 'BOOL') {
    const at = own.findIndex((value) => value > 1);
    if (at >= 0) throw invalid(`${what} has ${own[at]} at ${at}, expected BOOL: 0 or 1`);
  }
  return type.over(own.buffer);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One text; ONNX strings are UTF-8, so other bytes have no way into a model. */
export function textFromBytes(bytes: Uint8Array, what: string): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw invalid(`${what} has bytes that are no UTF-8, expected texts, since models take no others`);
  }
  return wholeText(text, what);
}

function textsFromBytes(bytes: Buffer, shape: readonly number[], what: string): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const from = at + LENGTH_BYTES;
    at = from <= bytes.length ? from + bytes.readUInt32LE(at) : Infinity;
    if (at > bytes.length)
      throw invalid(
        `${what} ends inside element ${texts.length}, expected its length in 4 bytes and as many after them`,
      );
    texts.push(textFromBytes(bytes.subarray(from, at), `${what} at ${texts.length}`));
  }
  const count = elementsOf(shape);
  if (texts.length !== count)
    throw invalid(`${what} has ${texts.length} elements, expected ${count} as its shape ${printShape(shape)} says`);
  return texts;
}

/** The bytes of the elements; those of numbers are not copied. */
export function dataToBytes(data: TensorData): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
