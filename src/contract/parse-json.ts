import * as v from 'valibot';
import { UnravelError, type Remedy } from './errors.ts';

/** How the text of a JSON file is checked. */
export interface JsonTextRule<S extends v.GenericSchema> {
  readonly schema: S;
  /** The end of the message “Could not read …: it” where the schema does not match: `does not describe a run`. */
  readonly otherwise: string;
  /** Whether a person wrote it, who is told what is wrong in it. */
  readonly isWrittenByHand?: boolean;
  /** What a person can do about a file that is damaged. */
  readonly hint: string;
  /** The kind of hint that the command line shows instead. */
  readonly remedy?: Remedy;
}

/**
 * Reads the text of a JSON file, checked against a schema.
 *
 * @param path - the file's path or name, for the message
 * @throws UnravelError `bad-input` where it is not JSON or does not match
 */
export function parseJson<S extends v.GenericSchema>(
  path: string,
  text: string,
  { schema, otherwise, isWrittenByHand = false, hint, remedy }: JsonTextRule<S>,
): v.InferOutput<S> {
  const damaged = (what: string, cause: unknown): UnravelError =>
    new UnravelError('bad-input', `Could not read ${path}: it ${what}.`, {
      path,
      cause,
      hint,
      ...(remedy && { remedy }),
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(text.length === 0 ? 'is empty' : 'is not JSON, or was cut off', cause);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const cause = new Error(`${v.getDotPath(issue) ?? 'It'}: ${issue.message}`);
  throw damaged(isWrittenByHand ? `${otherwise}: ${whatIsWrong(issue)}` : otherwise, cause);
}

/** `encoder.0.kernel is missing`, `encoder.0.stride cannot be 0`. */
function whatIsWrong(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the whole';
  if (issue.received === 'undefined') return `${place} is missing`;
  if (issue.expected === 'never') return `${place} is not known here`;
  const allowed =
    issue.expected === null ? '' : `; it must be ${issue.expected.replaceAll('|', 'or').replaceAll('"', '')}`;
  return `${place} cannot be ${issue.received.replaceAll('"', '')}${allowed}`;
}
