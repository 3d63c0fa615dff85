/** Records of API keys: a new one, one that is meant, one that is changed. Pure but for the randomness of a key. */
import { randomBytes } from 'node:crypto'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import type { ApiKeyRecord } from '../../../home/api-keys.ts'

/** 256 bits: it cannot be guessed, and no salt is needed. */
const KEY_BYTES = 32

/** Enough to tell keys apart, too little to help a guess. */
const SHOWN_CHARACTERS = 8

/** Every key begins with `sk-`: less than one character more names nothing. */
const SHORTEST_NAME = 4

/** What may be said of a key; undefined and null take away what was said. */
export type KeyChanges = {
  readonly [K in Exclude<keyof ApiKeyRecord, 'sha256' | 'prefix' | 'created'>]?: ApiKeyRecord[K] | null | undefined
}

/** A key that nobody has yet, and what is kept of it. `nowMs`: wall clock. */
export function newKey(changes: KeyChanges, nowMs: number): { readonly key: string; readonly record: ApiKeyRecord } {
  const key = `sk-${randomBytes(KEY_BYTES).toString('base64url')}`
  const bare = {
    sha256: hashKey(key),
    prefix: key.slice(0, SHOWN_CHARACTERS),
    created: new Date(nowMs).toISOString(),
  }
  return { key, record: withChanges(bare, changes) }
}

/** The record as the changes leave it. */
export function withChanges(record: ApiKeyRecord, changes: KeyChanges): ApiKeyRecord {
  const all = Object.entries({ ...record, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== null)) as unknown as ApiKeyRecord
}

/**
 * The key that a person means: by what `keys list` prints of it, by its label, or by the key itself. Throws `USAGE`
 * where there is none, or more than one.
 */
export function keyNamed(name: string, keys: readonly ApiKeyRecord[]): ApiKeyRecord {
  const start = name.replace(/(?:…|\.\.\.)$/, '')
  const hash = hashKey(name)
  const named = keys.filter(({ prefix, label, sha256 }) => label === name || prefix === start || sha256 === hash)
  const begun = start.length >= SHORTEST_NAME ? keys.filter(({ prefix }) => prefix.startsWith(start)) : []
  const [one, another] = named.length > 0 ? named : begun
  if (one === undefined) {
    throw new RealmeshError('USAGE', `there is no key ${name}`, { fix: 'realmesh keys list shows them' })
  }
  if (another === undefined) return one
  const all = (named.length > 0 ? named : begun).map(shownKey).join(', ')
  throw new RealmeshError('USAGE', `${name} may be any of ${all}`, {
    fix: 'name one by the characters that keys list shows, or by the whole key',
  })
}

/** Two keys of one label cannot be told apart by it. Throws `USAGE`. */
export function assertUnused(label: string | null | undefined, keys: readonly ApiKeyRecord[]): void {
  if (label == null || keys.every((key) => key.label !== label)) return
  throw new RealmeshError('USAGE', `there is a key with the label ${label} already`, {
    fix: `choose another, or change that one: realmesh keys change ${label}`,
  })
}

/** A key as people read of it. */
export function shownKey({ prefix, label }: Pick<ApiKeyRecord, 'prefix' | 'label'>): string {
  return label === undefined ? `${prefix}…` : `${prefix}… (${label})`
}
