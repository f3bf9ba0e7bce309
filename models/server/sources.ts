/** Where models come from: the name or path that a user gives → the file of each version. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BadInput, fileIssue } from '../../config/issues.ts';
import { loadModel, modelNames } from '../catalogue.ts';

export interface ModelSource {
  /** Under which it is served. */
  readonly name: string;
  /** Version → file of the model, or its bytes; looked up anew on every load. */
  readonly versions: () => ReadonlyMap<string, string | Uint8Array>;
}

/** Versions are whole numbers above 0; the newest is the largest. */
export const VERSION: RegExp = /^[1-9]\d{0,15}$/;
const NAME = /^[^/?#%\s]+$/;
const MODEL_FILE = 'model.onnx';
const ONLY = '1';

/**
 * `argument` is the name of a shipped model, a folder with `model.onnx` or with one folder per version (`1/model.onnx`, `2/…`), or an
 * `.onnx` file; `name=…` before it says what to call it. Throws BadInput when it is nothing of these, or a shipped model whose
 * file is not the one its manifest describes.
 */
export function modelSource(argument: string): ModelSource {
  const sign = argument.indexOf('=');
  const path = sign < 0 ? argument : argument.slice(sign + 1);
  const isShipped = !existsSync(path) && modelNames().includes(path);
  const place = isShipped ? loadModel(path).onnxFile : resolve(path);
  const name = sign < 0 ? basename(path, '.onnx') : argument.slice(0, sign);
  if (!NAME.test(name))
    throw new BadInput([fileIssue(argument, `got the name '${name}', expected one without / ? # % and spaces`)]);
  if (versionsAt(place).size === 0) {
    const wanted = `a model's name (${modelNames().join(', ')}), an .onnx file or a folder with ${MODEL_FILE}`;
    const found = existsSync(place) ? 'a place without a model' : 'nothing of this name';
    throw new BadInput([fileIssue(path, `got ${found}, expected ${wanted}`)]);
  }
  return { name, versions: () => versionsAt(place) };
}

function versionsAt(place: string): ReadonlyMap<string, string> {
  if (!existsSync(place)) return new Map();
  if (!statSync(place).isDirectory()) return new Map(place.endsWith('.onnx') ? [[ONLY, place]] : []);
  const numbered = readdirSync(place)
    .filter((name) => VERSION.test(name))
    .map((version): [string, string] => [version, join(place, version, MODEL_FILE)])
    .filter(([, file]) => existsSync(file));
  const single = join(place, MODEL_FILE);
  return new Map(numbered.length === 0 && existsSync(single) ? [[ONLY, single]] : numbered);
}
