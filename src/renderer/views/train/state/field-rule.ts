/** Why a value cannot be used, in a sentence; undefined where it can. */
export type Refuse = (value: number) => string | undefined;

/** A number that a person may set: what it is, which values are refused, and what is used in publications. */
export interface FieldRule {
  readonly label: string;
  readonly step: number;
  /** Whether it is a part, whose digits are cut when it is shown. */
  readonly isPart?: boolean;
  /** Why a value cannot be used, without what others use. */
  readonly limit: Refuse;
  /** Why a value cannot be used, and what the paper or others use. */
  readonly refuse: Refuse;
}

/**
 * Adds to a limit what the paper or others use.
 *
 * @param usage - in a sentence: `The paper uses 30.`; left out where nothing is to be said
 */
export function limitedBy(limit: Refuse, usage?: string): Pick<FieldRule, 'limit' | 'refuse'> {
  if (usage === undefined) return { limit, refuse: limit };
  const refuse: Refuse = (value) => {
    const reason = limit(value);
    return reason === undefined ? undefined : `${reason} ${usage}`;
  };
  return { limit, refuse };
}
