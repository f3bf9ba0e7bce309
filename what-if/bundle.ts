/** The page's script: judge and controls, bundled for a browser. Built beforehand in the installed package, on the fly in a clone. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run build` leaves beside this file's compiled form. */
export const BUILT = 'page-script.js';

/** JavaScript to inline; `</script` does not occur in it. */
export async function pageScript(): Promise<string> {
  const built = join(import.meta.dirname, BUILT);
  const code = existsSync(built) ? readFileSync(built, 'utf8') : await bundle();
  return code.replaceAll('</script', '<\\/script');
}

/** Bundles the sources. Only in a clone, where the bundler is. The same sources give the same bytes. */
export async function bundle(): Promise<string> {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: join(import.meta.dirname, 'browser', 'main.ts'),
    platform: 'browser',
    // Modules of ours do nothing when they are loaded, so that what is not used (WebAssembly, hashes) is left out.
    treeshake: {
      moduleSideEffects: [
        { test: /what-if[\\/]browser[\\/]main\.ts$/, sideEffects: true },
        { sideEffects: false, test: /./ },
      ],
    },
    logLevel: 'silent',
  });
  try {
    const { output } = await build.generate({ format: 'es', minify: true, comments: false });
    return output[0].code;
  } finally {
    await build.close();
  }
}
