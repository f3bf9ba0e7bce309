/** Why a message is not taken: the status that its sender is told, and the rule. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
}

export const bad = (why: string, status = 400): Refusal => ({ status, why });
