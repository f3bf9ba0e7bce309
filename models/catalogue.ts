/** The models there are: each a folder with model.onnx and manifest.json, found by its name. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput, fileIssue } from '../config/issues.ts';
import { didYouMean } from '../config/suggest.ts';
import { modelsFolder } from './files.ts';
import { type Manifest, manifestSchemaFor } from './manifest.ts';

export { rollbackIssues, schemaIssues } from './schema-issues.ts';

/** A model's manifest, and where its file is. */
export type ModelInfo = Manifest & ModelFiles;

export interface ModelFiles {
  /** Absolute path of manifest.json. */
  readonly manifestFile: string;
  /** Absolute path of model.onnx. */
  readonly onnxFile: string;
}

const MANIFEST = 'manifest.json';

/** Names of all models, in alphabetical order. */
export const modelNames = (): string[] =>
  readdirSync(modelsFolder)
    .filter((name) => existsSync(join(modelsFolder, name, MANIFEST)))
    .sort();

/**
 * Reads a model's manifest. Throws BadInput when there is no such model, when the manifest breaks its rules (all of them
 * named), or when model.onnx is not the file that the manifest describes.
 */
export function loadModel(name: string): ModelInfo {
  const known = modelNames();
  const folder = join(modelsFolder, name);
  if (!known.includes(name)) {
    const hint = didYouMean(name, known) || `, expected one of ${known.join(', ')}`;
    throw new BadInput([fileIssue(folder, `got '${name}', which is no model${hint}`)]);
  }
  const manifestFile = join(folder, MANIFEST);
  const onnxFile = join(folder, 'model.onnx');
  const manifest = readManifest(manifestFile);
  const digest = createHash('sha256').update(readFileSync(onnxFile)).digest('hex');
  if (digest !== manifest.sha256)
    throw new BadInput([fileIssue(onnxFile, `got sha256 ${digest}, expected ${manifest.sha256} as the manifest says`)]);
  return { ...manifest, manifestFile, onnxFile };
}

function readManifest(file: string): Manifest {
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const parsed = manifestSchemaFor(document).safeParse(document);
  if (parsed.success) return parsed.data;
  throw new BadInput(
    parsed.error.issues.map(({ path, message }) => ({ ...fileIssue(file, message), path: path.join('.') })),
  );
}
