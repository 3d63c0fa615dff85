/**
 * What stands for a GUID where others see a user: the GUID itself, encrypted for this node alone. Nothing has to be
 * kept for it, it stays the same for ever, and what is not a handle of this node is told from one.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** No cookie's GUID has a dot: none can look like a handle. */
const PREFIX = 'u.'

/** Bytes of a block, and of what stands before the cipher text. */
const SEAL_BYTES = 16
const KEY_BYTES = 32

/** Users whose handle is at hand: lists and statistics ask for all that are connected. */
const MAX_KNOWN = 4_096

export class UserHandles {
  readonly #sealKey: Buffer
  readonly #cipherKey: Buffer
  readonly #known = new LRUCache<string, string>({ max: MAX_KNOWN })

  /** `secret`: of this node, such as its private key. */
  constructor(secret: Uint8Array) {
    const keys = Buffer.from(hkdfSync('sha256', secret, '', 'realmesh user handle', 2 * KEY_BYTES))
    this.#sealKey = keys.subarray(0, KEY_BYTES)
    this.#cipherKey = keys.subarray(KEY_BYTES)
  }

  of(guid: string): string {
    let handle = this.#known.get(guid)
    if (handle === undefined) {
      handle = this.#made(guid)
      this.#known.set(guid, handle)
    }
    return handle
  }

  /** The GUID behind a handle of this node; undefined for anything else. */
  guidOf(handle: string): string | undefined {
    if (!handle.startsWith(PREFIX)) return undefined
    const bytes = Buffer.from(handle.slice(PREFIX.length), 'base64url')
    if (bytes.length <= SEAL_BYTES) return undefined
    const seal = bytes.subarray(0, SEAL_BYTES)
    const opened = createDecipheriv('aes-256-ctr', this.#cipherKey, seal)
    const text = Buffer.concat([opened.update(bytes.subarray(SEAL_BYTES)), opened.final()])
    return timingSafeEqual(this.#sealOf(text), seal) ? text.toString('utf16le') : undefined
  }

  /** The seal is a digest of the text under one key, and the start of the cipher under the other: equal texts only. */
  #made(guid: string): string {
    const text = Buffer.from(guid, 'utf16le')
    const seal = this.#sealOf(text)
    const sealed = createCipheriv('aes-256-ctr', this.#cipherKey, seal)
    return PREFIX + Buffer.concat([seal, sealed.update(text), sealed.final()]).toString('base64url')
  }

  #sealOf(text: Uint8Array): Buffer {
    return createHmac('sha256', this.#sealKey).update(text).digest().subarray(0, SEAL_BYTES)
  }
}
