// What to do when nobody reads on: `coalmine explain run | head -1`. The work and its exit code go on; only the text is lost.

/** Errors of stdout and stderr: a reader that is gone is no error, a full disk is one of the machine (exit 4). */
export function outliveReaders({ stdout, stderr, exit } = process) {
  for (const stream of [stdout, stderr])
    stream.on('error', (error) => {
      if (error.code === 'EPIPE') return;
      if (stream === stdout) stderr.write(`coalmine: cannot write the output: ${error.message}\n`);
      exit(4);
    });
}
