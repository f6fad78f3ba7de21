/** What a check tells of a value that it does not accept, as zod hands it over. */
interface Complaint {
  readonly code?: string | undefined;
  readonly input?: unknown;
}

const kindOf = (value: unknown): string => {
  if (value === null) return 'empty';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return 'text';
  if (!Array.isArray(value)) return 'a section';
  return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
};

/** Text is never repeated: it may be a secret in the wrong place. */
const butIs = ({ code, input }: Complaint): string =>
  code !== 'invalid_type' && typeof input === 'string' ? '' : `, but is ${kindOf(input)}`;

/** What must stand here, and what stands here instead. */
export const mustBe = (what: string, complaint: Complaint): string =>
  complaint.input === undefined ? `is missing: must be ${what}` : `must be ${what}${butIs(complaint)}`;

/** The same as a parameter for zod. */
export const must = (what: string): { error: (complaint: Complaint) => string } => ({
  error: (complaint) => mustBe(what, complaint),
});

/** Levenshtein distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_ ]/g, '');

/** The allowed word that was probably meant, null when none is near. */
export const meant = (word: string, allowed: readonly string[]): string | null => {
  const said = plain(word);
  if (said === '') return null;
  const near = allowed
    .map((candidate) => {
      const wanted = plain(candidate);
      const extends_ = said.length >= 4 && (wanted.includes(said) || said.includes(wanted));
      const edits = distance(said, wanted);
      return {
        candidate,
        edits,
        isNear: extends_ || edits <= Math.max(wanted.length < 4 ? 1 : 2, Math.floor(wanted.length / 3)),
      };
    })
    .filter(({ isNear }) => isNear)
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate ?? null;
};

const didYouMean = (word: unknown, allowed: readonly string[]): string => {
  const nearest = typeof word === 'string' ? meant(word, allowed) : null;
  return nearest === null ? '' : `; did you mean ${nearest}?`;
};

/** A message for zod about a word out of a few. */
export const mustBeOneOf = (allowed: readonly string[], input: unknown): string =>
  `${input === undefined ? 'is missing: ' : ''}must be one of ${allowed.join(', ')}${didYouMean(input, allowed)}`;

const SECRETS = /user|pass|secret|token/i;

export const unknownKey = (key: string, allowed: readonly string[]): string => {
  const hint =
    SECRETS.test(key) && allowed.includes('credentials')
      ? '; secrets stand in environment variables, named by credentials: { username_env, password_env }'
      : didYouMean(key, allowed);
  return `is not a known key${hint || `; allowed here: ${allowed.join(', ')}`}`;
};
