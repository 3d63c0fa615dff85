/**
 * A small file beside the store that remembers the number of the last acknowledged commit. The store alone cannot know
 * that its newest commits are missing (a log cut in its last record opens without an error); the witness does. It is
 * written after the commit is on the medium and before it is acknowledged, so it never claims more than the store had.
 *
 * Two slots of 32 bytes are written in turn, so that a torn write leaves the other one: magic, epoch (8 bytes), number,
 * CRC-32.
 */
import { crc32 } from 'node:zlib'
import type { StoreFile, StoreFiles } from '../store/store-files.ts'

const SLOT_BYTES = 32
const MAGIC = 0x57544e31

export interface Witness {
  readonly epoch: string
  readonly seq: number
}

/** One slot. `epoch` is 16 hex digits. */
export function encodeWitness(witness: Witness): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES)
  slot.writeUInt32LE(MAGIC, 0)
  slot.write(witness.epoch, 4, 8, 'hex')
  slot.writeBigUInt64LE(BigInt(witness.seq), 12)
  slot.writeUInt32LE(crc32(slot.subarray(0, 28)), 28)
  return slot
}

function decodeSlot(slot: Buffer): Witness | undefined {
  if (slot.length < SLOT_BYTES || slot.readUInt32LE(0) !== MAGIC) return undefined
  if (slot.readUInt32LE(28) !== crc32(slot.subarray(0, 28))) return undefined
  return { epoch: slot.toString('hex', 4, 12), seq: Number(slot.readBigUInt64LE(12)) }
}

/** The newer of the slots that are whole; undefined when none is. */
export function decodeWitness(bytes: Buffer): Witness | undefined {
  const slots = [decodeSlot(bytes.subarray(0, SLOT_BYTES)), decodeSlot(bytes.subarray(SLOT_BYTES, 2 * SLOT_BYTES))]
  return slots.filter((slot) => slot !== undefined).sort((a, b) => b.seq - a.seq)[0]
}

export class WitnessFile {
  readonly #files: StoreFiles
  readonly #path: string
  #file: StoreFile | undefined
  #turn = 0

  constructor(components: { readonly files: StoreFiles }, init: { readonly path: string }) {
    this.#files = components.files
    this.#path = init.path
  }

  /** What the file says; undefined when there is none or no slot is whole. */
  async read(): Promise<Witness | undefined> {
    const bytes = await this.#files.read(this.#path)
    return bytes === undefined ? undefined : decodeWitness(bytes)
  }

  /** Makes the file say `witness`, both slots, and keeps it open for `write`. */
  async reset(witness: Witness): Promise<void> {
    await this.close()
    const slot = encodeWitness(witness)
    await this.#files.writeAtomic(this.#path, Buffer.concat([slot, slot]))
    this.#file = await this.#files.openFile(this.#path)
  }

  /**
   * Notes one more commit; on the medium when it resolves. The size of the file never changes, so this is one small
   * sync.
   */
  async write(witness: Witness): Promise<void> {
    this.#turn = 1 - this.#turn
    await this.#file?.writeSynced(encodeWitness(witness), this.#turn * SLOT_BYTES)
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}
