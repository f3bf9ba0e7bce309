/** The drawing library as text to inline: Vega's own bundle, and two small modules turned into plain scripts over it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * A module that imports only from vega-util, as an expression giving its exports: Vega's bundle carries all of vega-util.
 * Throws when a new version of the package is built otherwise.
 */
function asExpression(name: string): string {
  const source = readFileSync(require.resolve(name), 'utf8');
  const imports = /^import \{([^}]+)\} from 'vega-util';$/m;
  const exports = /^export \{([^}]+)\};$/m;
  const names = exports.exec(source)?.[1];
  if (names === undefined || !imports.test(source))
    throw new Error(`${name} is not built as expected: cannot be inlined`);
  const returned = names.split(',').map((part) => part.trim().replace(/^(\w+) as (\w+)$/, '$2: $1'));
  const body = source
    .replace(imports, 'const {$1} = vega;')
    .replace(exports, `return { ${returned.join(', ')} };`)
    .replace(/^\/\/# sourceMappingURL.*$/m, '');
  if (/^(import|export)\b/m.test(body)) throw new Error(`${name} imports more than vega-util: cannot be inlined`);
  return `(() => {${body}})()`;
}

/** Defines the globals vega, interpreter and tooltips. `</script` may not appear in inlined code. */
export function vendorScript(): string {
  const vega = readFileSync(join(dirname(require.resolve('vega')), 'vega.min.js'), 'utf8').replace(
    /^\/\/# sourceMappingURL.*$/m,
    '',
  );
  const rest = `const interpreter = ${asExpression('vega-interpreter')};\nconst tooltips = ${asExpression('vega-tooltip')};`;
  return `${vega}\n${rest}`.replaceAll('</script', '<\\/script');
}
