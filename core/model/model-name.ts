/**
 * Names of models as people write them: `x` and `x:latest` are the same model, and upper and lower case do not differ.
 */
import { cleanText } from '../clean-text.ts'

/** The name that asks for any model that fits. */
export const AUTO_MODEL = 'auto'

/**
 * Longest model name that is accepted from anyone, in characters. Hugging Face paths with a file and a quantisation
 * stay below it.
 */
export const MAX_MODEL_NAME_LENGTH = 200

/** Whether a model can be asked for by this name, through any node: it is fit for one line, and not too long. */
export function isModelName(name: string): boolean {
  return name !== '' && name.length <= MAX_MODEL_NAME_LENGTH && name === cleanText(name)
}

/** The tag that a name without one has. */
const LATEST = ':latest'

/** The form in which names are compared: trimmed, lower case, without a trailing `:latest`. */
export function canonicalModelName(name: string): string {
  const plain = name.trim().toLowerCase()
  return plain.endsWith(LATEST) ? plain.slice(0, -LATEST.length) : plain
}

/** Whether the caller leaves the choice of model to us. */
export function isAutoModel(name: string): boolean {
  return name === '' || name === AUTO_MODEL
}

/**
 * The name behind an alias, whatever the alias's case and tag; undefined when `name` is none. An alias of an alias is
 * not followed.
 */
export function unalias(aliases: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  if (aliases === undefined) return undefined
  const wanted = canonicalModelName(name)
  for (const alias in aliases) if (canonicalModelName(alias) === wanted) return aliases[alias]
  return undefined
}

/** Whether two names mean the same model. */
export function sameModel(a: string, b: string): boolean {
  return a === b || canonicalModelName(a) === canonicalModelName(b)
}
