import type { NodeLoad } from '../../core/model/load.ts'
import type { Instant, LoadStatement, LoadValidatorComponents } from '../../discovery/load/load-validator.ts'

/** Monotonic and wall time in one, for tests in which they do not differ. */
export function instant(ms: number): Instant {
  return { monotonic: ms, wall: ms }
}

function signatureOf({ node, load }: LoadStatement): string {
  return `signed by ${node}: ${JSON.stringify(load)}`
}

/** A load record as bytes, with a "signature" that only `forged` spoils. */
export function fakeRecord(node: string, load: NodeLoad, forged = false): Uint8Array {
  return Buffer.from(JSON.stringify({ node, load, signature: forged ? 'forged' : signatureOf({ node, load }) }))
}

function parse(bytes: Uint8Array): LoadStatement & { signature: string } {
  return JSON.parse(Buffer.from(bytes).toString())
}

/** Reads what `fakeRecord` writes. */
export const fakeLoadCodec: Pick<LoadValidatorComponents, 'peek' | 'open'> = {
  peek: (bytes) => {
    const { node, load } = parse(bytes)
    return { node, seq: load.seq, at: load.at }
  },
  open: (bytes) => {
    const { node, load, signature } = parse(bytes)
    if (signature !== signatureOf({ node, load })) throw new Error('bad signature')
    return { node, load }
  },
}
