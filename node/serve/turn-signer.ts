/**
 * Signs what this node served to others. The answers that end within one turn of the event loop share a signature: a
 * busy node then signs once where it signed eight times, and an idle one is not slower for it.
 */
import type { ServedPart } from '../../core/query/receipt.ts'
import type { Signer } from '../receipt/ed25519-signer.ts'
import { MAX_SIGNED_TOGETHER, type PartOfQuery, signServedParts } from '../receipt/part-signature.ts'

interface Waiting extends PartOfQuery {
  readonly resolve: (signed: ServedPart) => void
  readonly reject: (error: unknown) => void
}

export class TurnSigner {
  readonly #signer: Signer
  #waiting: Waiting[] = []
  #scheduled = false

  constructor(signer: Signer) {
    this.#signer = signer
  }

  /** The part under a signature, before the turn is over. */
  signed(id: string, part: ServedPart): Promise<ServedPart> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, part, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#signAll())
    })
  }

  #signAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#scheduled = false
    for (let at = 0; at < waiting.length; at += MAX_SIGNED_TOGETHER)
      this.#sign(waiting.slice(at, at + MAX_SIGNED_TOGETHER))
  }

  #sign(together: readonly Waiting[]): void {
    try {
      const signed = signServedParts(together, this.#signer)
      for (const [at, { part, resolve }] of together.entries()) resolve(signed[at] ?? part)
    } catch (error) {
      for (const { reject } of together) reject(error)
    }
  }
}
