/**
 * Which engine is meant, as a value: known again under another spelling of its address, and told from what it was
 * before a change.
 */
import { createHash } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defined } from '../core/defined.ts'
import { ENGINE_KINDS, type EngineKind } from '../core/model/engine-kind.ts'
import type { EngineSpec } from './engine-kinds.ts'
import { shownAddress, splitAddress } from './http/engine-access.ts'

/**
 * Two equal ones can share an adapter; two with the same `address` are one engine, though perhaps used in different
 * ways.
 */
export interface EngineIdentity {
  readonly kind: EngineKind
  /** One text for all spellings of one place: this machine is `localhost`, whatever name or interface the URL says. */
  readonly address: string
  /** As it is asked. */
  readonly url: string
  /** Hash of the key; undefined without one. */
  readonly keyHash: string | undefined
  /**
   * Tells the weights from those that lay in the same file before; undefined where the engine is no file, or there is
   * none.
   */
  readonly weights: string | undefined
  /** Who a host of another federation must say that it is; absent where anyone may answer. */
  readonly federationId?: string
}

/**
 * `weights`: whatever changes with the model file, such as its size and the time of its last change. Pure but for the
 * machine's own names.
 */
export function engineIdentity({ kind, url, apiKey, federationId }: EngineSpec, weights?: string): EngineIdentity {
  // What opens it may stand in the address, too.
  const { access } = splitAddress({ url, ...(apiKey === undefined ? {} : { apiKey }) })
  const secret = `${access.headers['authorization'] ?? ''}${access.search}`
  const keyHash = secret === '' ? undefined : createHash('sha256').update(secret).digest('hex')
  return {
    kind,
    address: engineAddress(kind, url),
    url: shownAddress(url),
    keyHash,
    weights,
    ...defined({ federationId }),
  }
}

/** One text for all spellings of the engine's place. A text that is no address stands for itself. */
export function engineAddress(kind: EngineKind, url: string): string {
  const place = ENGINE_KINDS[kind]
  if (place === 'inside' || url === '') return `${kind}:`
  if (place === 'file') return `file:${modelFile(url) ?? url}`
  return serverAddress(url)
}

/** One text for all spellings of a server's address. A text that is no address stands for itself. */
export function serverAddress(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, hostname: host, port, pathname } = new URL(url)
  // The adapters know both forms, with and without the version of the API.
  const path = pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  return `${protocol}//${isThisMachine(host) ? 'localhost' : host}:${port}${path}`
}

/**
 * The path of a model file that is written as a path or as a `file:` URL; undefined for a URL of another machine's
 * file.
 */
export function modelFile(url: string): string | undefined {
  if (!url.startsWith('file:')) return resolve(url)
  return URL.canParse(url) && new URL(url).hostname === '' ? fileURLToPath(url) : undefined
}

/**
 * Whether a URL's host is this machine: loopback, one of its addresses, or its name. A server may listen on only one of
 * them.
 */
export function isThisMachine(host: string): boolean {
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|\[::\])$/.test(host)) return true
  if (host === hostname().toLowerCase()) return true
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return own.some(({ address, family }) => host === (family === 'IPv6' ? `[${address}]` : address))
}
