/** A served part with everything filled in, and proofs that look at nothing. */
import { RECEIPT_VERSION, type ServedPart } from '../../core/query/receipt.ts'
import type { ReceiptProofs } from '../../node/receipt/receipt-proofs.ts'

/** Unsigned. */
export function servedPart(overrides: Partial<ServedPart> = {}): ServedPart {
  return {
    version: RECEIPT_VERSION,
    node: 'me',
    worker: 'rig',
    engine: 'fake',
    model: 'tiny',
    by: {},
    answerHash: 'aa',
    pieceHashes: 'bb',
    promptTokens: 1,
    completionTokens: 2,
    waitedMs: 3,
    ...overrides,
  }
}

/** For tests of what lies around receipts. */
export const noProofs: Pick<ReceiptProofs, 'taken' | 'proved'> = {
  taken: () => undefined,
  proved: (receipt) => receipt,
}
