/** What the command's exit codes mean; others script against them. */
export const EXIT = {
  /** As the scenario expects of its own policy, or no expectation (also: another policy) and no error. */
  ok: 0,
  /** The tool broke. */
  internal: 1,
  /** Bad input; every issue was printed. */
  usage: 2,
  /** The verdict differs from the expectation. */
  different: 3,
  /** Something this machine lacks. */
  environment: 4,
  /** The rehearsal could not tell. */
  inconclusive: 5,
  interrupted: 130,
  terminated: 143,
} as const;
