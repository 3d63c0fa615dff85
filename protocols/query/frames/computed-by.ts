/** By what an answer was computed, as JSON text on the wire: its settings are an engine's own, and differ. */
import { LRUCache } from 'lru-cache'
import { cleanText } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import type { ComputedBy, SamplingValues } from '../../../core/query/receipt.ts'

/** Longest text that is read: ours have some 800 characters, with all settings of llama.cpp. */
export const MAX_COMPUTED_BY_LENGTH = 4_096

/** Settings that are read of one kind: ours are picked from a list of fewer. */
const MAX_SETTINGS = 64

/** Longest word of an engine: the order of llama.cpp's samplers is the longest. */
const MAX_SETTING_LENGTH = 256

/** Texts that were read lately: a model with the same settings says the same with every answer. */
const MAX_KNOWN_TEXTS = 64

const known = new LRUCache<string, ComputedBy>({ max: MAX_KNOWN_TEXTS })

const SETTING_NAME = /^[a-z][a-z0-9_.]{0,39}$/

export function byText(by: ComputedBy): string {
  return JSON.stringify(by)
}

/**
 * What a peer wrote, without what is not in range. Never throws: a part of which something is left out does not fit its
 * signature any more.
 */
export function byOf(text: string): ComputedBy {
  if (text === '' || text.length > MAX_COMPUTED_BY_LENGTH) return {}
  let by = known.get(text)
  if (by === undefined) {
    by = read(text)
    known.set(text, by)
  }
  return by
}

function read(text: string): ComputedBy {
  const told = objectIn(text)
  return defined<ComputedBy>({
    digest: wordOf(told['digest']),
    template: wordOf(told['template']),
    quantization: wordOf(told['quantization']),
    sent: settingsOf(told['sent']),
    defaults: settingsOf(told['defaults']),
  })
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function settingsOf(value: unknown): SamplingValues | undefined {
  if (!isObject(value)) return undefined
  const settings = Object.entries(value).flatMap(([name, setting]) => {
    const known = SETTING_NAME.test(name) ? settingOf(setting) : undefined
    return known === undefined ? [] : [[name, known] as const]
  })
  return Object.fromEntries(settings.slice(0, MAX_SETTINGS))
}

function settingOf(value: unknown): number | boolean | string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? value : wordOf(value)
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? cleanText(value, MAX_SETTING_LENGTH) : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
