/** Which words of a question `builtin/guide` searches for. Pure. */

/** Words that stand in questions about anything: matched, they would make every passage look like an answer. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `a about all am an and any are as at be because been but by can could did do does doing for from get give go had has have he hello her
  here hey hi him his how i if in into is it its just let like many may me mean more most much must my no not of on only or our out please say set
  shall she should so some such tell than thank thanks that the their them then there these they this those to too up us very was we were
  what when where which who whom whose why will with would write yes you your`.split(/\s+/),
)

/** A word as it is indexed and searched for, in lower case and without an `s` at its end; undefined for what carries no meaning. */
export function guideWord(word: string): string | undefined {
  const lower = word.toLowerCase()
  if (EMPTY_WORDS.has(lower)) return undefined
  return lower.length > 3 ? lower.replace(/(?<!s)s$/, '') : lower
}
