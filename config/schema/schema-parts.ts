/**
 * Values that occur in several places of realms.yml. The schema transforms nothing: what is read is what was written.
 */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { STRATEGIES } from '../../core/model/worker.ts'
import { REALM_NAME } from '../../core/query/query.ts'
import { SCOPES } from '../../core/scope.ts'
import { parseSchedule } from '../forms/parse-schedule.ts'

/** Longest list or map that an operator may write; far above any real file, far below what would slow the loader. */
export const MAX_ENTRIES = 1_000

export const scope = z.enum(SCOPES)

export const strategy = z.enum(STRATEGIES)

/** A count: 0 or more. */
export const count = z.int().min(0).max(1_000_000)

export const positiveCount = z.int().min(1).max(1_000_000)

/** A time, which may be a fraction. Ten years is more than any limit needs. */
export const seconds = z.number().min(0).max(315_360_000)

/** What a complaint about a form carries beside its words; file/explain-issue.ts tells it. */
export interface FormHelp {
  /** How a value is written. */
  readonly example?: string
  /** What to do about it, instead of the example. */
  readonly hint?: string
  /** @default 'CONFIG_INVALID' */
  readonly code?: 'BAD_MULTIADDR'
  /** Whether what stands there may be a secret, which is not repeated. */
  readonly secret?: true
}

/** A text of one form. `expected` says which, as the middle of a sentence; a pattern stands in the JSON schema too. */
export function formed(form: RegExp | ((text: string) => boolean), expected: string, help: FormHelp = {}): z.ZodString {
  const fits = typeof form === 'function' ? form : (text: string): boolean => form.test(text)
  const schema = z.string().refine(fits, { error: `expected ${expected}`, params: { ...help } })
  return typeof form === 'function' ? schema : schema.meta({ pattern: form.source })
}

export const size = z
  .custom<string | number>((value) => isSize(value), {
    error: 'expected bytes, or a size',
    params: { example: '512 MiB' },
  })
  .meta({ anyOf: [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, { type: 'string' }] })

export const realmName = formed(REALM_NAME, 'a realm name: $ and upper-case letters, digits or _')

/** A name of ours: worker, pool, shard, network. */
export const label = formed(/^[A-Za-z0-9$][A-Za-z0-9$_.-]{0,62}$/, 'a name of letters, digits, ".", "_" or "-"', {
  example: 'desk-1',
})

export const httpUrl = formed((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'an address', {
  example: 'http://127.0.0.1:11434',
})

/** Where an engine is: a server's address, or a file of weights that the node loads itself. */
export const engineUrl = formed((text) => /^(https?|file):\/\//.test(text) && URL.canParse(text), 'an address', {
  example: 'http://127.0.0.1:11434, or file:///models/tiny.gguf',
})

const MULTIADDR = { example: '/ip4/192.0.2.7/tcp/4501', code: 'BAD_MULTIADDR' } as const

export const multiaddrText = formed(isMultiaddr, 'a multiaddr', MULTIADDR)

/**
 * A multiaddr that names whom to expect: without a peer id anyone at the address could answer. Of a `/dnsaddr/` the
 * records name them.
 */
export const peerMultiaddr = formed(
  (text) => isMultiaddr(text) && /^\/dnsaddr\/[^/]+$|\/p2p\/[^/]+$/.test(text),
  'a multiaddr that names its peer',
  { ...MULTIADDR, example: `${MULTIADDR.example}/p2p/PEERID, or /dnsaddr/swarm.example.org` },
)

/** A network such as `10.8.0.0/16`. */
export const cidr = formed(isCidr, 'a network', { example: '10.8.0.0/16' })

/** One address, or a network of them. */
export const addressOrCidr = formed((text) => isIP(text) !== 0 || isCidr(text), 'an address or a network', {
  example: '10.0.0.2 or 10.8.0.0/16',
})

export const schedule = formed((text) => parseSchedule(text) !== undefined, 'hours', {
  example: 'mon-fri 18:00-08:00; sat,sun',
})

/** A list of at most `MAX_ENTRIES`. */
export function list<T extends z.ZodType>(item: T): z.ZodArray<T> {
  return z.array(item).max(MAX_ENTRIES)
}

function isMultiaddr(text: string): boolean {
  try {
    return multiaddr(text).getComponents().length > 0
  } catch {
    return false
  }
}

function isCidr(text: string): boolean {
  const [net = '', bits = '', ...more] = text.split('/')
  const most = { 4: 32, 6: 128 }[isIP(net)] ?? -1
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most
}

/** Decimal units are taken as binary ones: 4,000,000,000 bytes of GPU memory are never what `4 GB` means. */
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i

/** Sizes as people write them, in bytes: a number, or a text such as `512 MiB`; undefined when `text` is none. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isSafeInteger(text) && text >= 0 ? text : undefined
  const [, amount, unit] = SIZE.exec(text.trim()) ?? []
  const factor = UNITS[(unit ?? '').toLowerCase()]
  if (amount === undefined || factor === undefined) return undefined
  const bytes = Math.round(Number(amount) * factor)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

function isSize(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && parseSize(value) !== undefined
}

/** Bytes of a size that has passed the schema; undefined when there is none. */
export function bytes(size: string | number | undefined): number | undefined {
  return size === undefined ? undefined : parseSize(size)
}

/** A path of the file, which is relative to the file's folder; undefined when there is none. */
export function absolute(path: string | undefined, base: string): string | undefined {
  return path === undefined ? undefined : resolve(base, path)
}
