/**
 * What a process knows of a store that only it writes to, so that a commit need not read it: which keys are certainly not there, and
 * what the records hold that change again and again. A Bloom filter over all keys answers the first; the scan at the opening fills it,
 * and every write adds to it before it is tried. It is never wrong about a key that it does not know; a key that it seems to know may
 * still be missing, and then the store is asked.
 */
import { LRUCache } from 'lru-cache'

/** Bits per key: one in some thousand missing keys is looked for in vain, so that most commits read nothing. */
const BITS_PER_KEY = 20
const PROBES = 6

/** Keys of the first layer; each further one takes twice as many as that before it. */
const FIRST_LAYER_KEYS = 1 << 14

/** Layers in all: they take 4 million keys and 10 MB. Beyond that the last one fills up, and more keys are looked for in vain. */
const MAX_LAYERS = 8

/** Records whose bytes are kept: accounts, and totals of peers. */
const MAX_RECORDS = 1_000
/** Longer ones are read when they are needed. */
const MAX_RECORD_BYTES = 4_096

interface Layer {
  readonly bits: Uint32Array
  /** Keys that it takes. */
  readonly room: number
  keys: number
}

function newLayer(room: number): Layer {
  return { bits: new Uint32Array(Math.ceil((room * BITS_PER_KEY) / 32)), room, keys: 0 }
}

/** FNV-1a over the characters of a key; ours are ASCII. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** A second, odd step from the first hash, so that the probes of two keys rarely run along together. */
function stepOf(hash: number): number {
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 1) >>> 0
}

export class KnownRecords {
  readonly #layers = [newLayer(FIRST_LAYER_KEYS)]
  readonly #records = new LRUCache<string, Uint8Array>({ max: MAX_RECORDS })

  /** A key that the store holds, or may hold from now on. */
  addKey(key: string): void {
    let layer = this.#layers[this.#layers.length - 1]
    if (layer === undefined) return
    if (layer.keys >= layer.room && this.#layers.length < MAX_LAYERS) {
      layer = newLayer(layer.room * 2)
      this.#layers.push(layer)
    }
    layer.keys += 1
    const size = layer.bits.length * 32
    let at = hashOf(key)
    const step = stepOf(at)
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = at % size
      layer.bits[bit >>> 5] = (layer.bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
      at = (at + step) >>> 0
    }
  }

  /** Whether the store may hold the key. `false` is certain. */
  mayHold(key: string): boolean {
    const first = hashOf(key)
    const step = stepOf(first)
    return this.#layers.some(({ bits }) => {
      let at = first
      for (let probe = 0; probe < PROBES; probe += 1) {
        const bit = at % (bits.length * 32)
        if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false
        at = (at + step) >>> 0
      }
      return true
    })
  }

  /** The record's bytes as they were last read or written; undefined when they are not at hand. */
  bytesOf(key: string): Uint8Array | undefined {
    return this.#records.get(key)
  }

  /** Keeps what the store was found to hold under the key, unless it is long. */
  keep(key: string, bytes: Uint8Array): void {
    if (bytes.length <= MAX_RECORD_BYTES) this.#records.set(key, bytes)
  }

  /** The store holds this under the key now. Most records are written once and never read by a commit: only what was kept is kept. */
  changed(key: string, bytes: Uint8Array | undefined): void {
    if (!this.#records.delete(key) || bytes === undefined) return
    this.keep(key, bytes)
  }

  /** After a write whose outcome is unknown: what was kept may be older than the store. The keys were added before. */
  forgetRecords(): void {
    this.#records.clear()
  }
}
