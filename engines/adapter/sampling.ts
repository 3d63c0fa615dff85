/** What of a request, or of an engine's settings, decides which token comes next: for receipts, in its own words. */
import { createHash } from 'node:crypto'
import type { SamplingValues } from '../../core/query/receipt.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** Longest word that is taken: the order of llama.cpp's samplers is the longest. */
const MAX_WORD = 256

/** Digits that a 32-bit float has: engines keep theirs so, and 0.95 would read 0.949999988079071. */
const FLOAT_DIGITS = 7

/** The settings of all engines, by their own names. What is not listed never leaves the node. */
const NAMES: ReadonlySet<string> = new Set([
  ...['temperature', 'top_p', 'top_k', 'min_p', 'top_a', 'typical_p', 'typical', 'tfs_z', 'tfs', 'top_n_sigma', 'seed'],
  ...['max_tokens', 'max_completion_tokens', 'num_predict', 'n_predict', 'max_length', 'min_tokens', 'ignore_eos'],
  ...['num_ctx', 'num_keep', 'n_keep', 'repeat_penalty', 'repetition_penalty', 'rep_pen', 'repeat_last_n'],
  ...['rep_pen_range', 'frequency_penalty', 'presence_penalty', 'mirostat', 'mirostat_tau', 'mirostat_eta'],
  ...['dynatemp_range', 'dynatemp_exponent', 'xtc_probability', 'xtc_threshold', 'dry_multiplier', 'dry_base'],
  ...['dry_allowed_length', 'dry_penalty_last_n', 'adaptive_target', 'adaptive_decay', 'samplers', 'reasoning_effort'],
])

/** Stop words are the client's own text: only their number is told. */
const STOPS: ReadonlySet<string> = new Set(['stop', 'stop_sequences'])

/** The settings of sampling in an object of an engine's, in their order. */
export function samplingIn(settings: JsonObject): SamplingValues {
  const found: Record<string, number | boolean | string> = {}
  for (const name in settings) {
    const value = STOPS.has(name) ? countOf(settings[name]) : NAMES.has(name) ? plain(settings[name]) : undefined
    if (value !== undefined) found[name] = value
  }
  return found
}

/** The same of settings that an engine keeps as 32-bit floats, each as it was meant. */
export function floatSamplingIn(settings: JsonObject): SamplingValues {
  const rounded = Object.entries(samplingIn(settings)).map(([name, value]) => [name, meant(value)] as const)
  return Object.fromEntries(rounded)
}

/** The hash of a chat template: SHA-256, hex. */
export function templateHash(template: string): string {
  return createHash('sha256').update(template).digest('hex')
}

function meant(value: number | boolean | string): number | boolean | string {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(FLOAT_DIGITS)) : value
}

function plain(value: unknown): number | boolean | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value
  if (Array.isArray(value))
    return value
      .filter((each) => typeof each === 'string')
      .join(',')
      .slice(0, MAX_WORD)
  return typeof value === 'string' ? value.slice(0, MAX_WORD) : undefined
}

function countOf(value: unknown): number | undefined {
  if (typeof value === 'string') return 1
  return Array.isArray(value) ? value.length : undefined
}
