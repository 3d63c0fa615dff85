/** Receipts of recent queries, each for the user who asked only. */
import type { RouteReceipt } from '../../core/query/receipt.ts'

/** Receipts kept: about a kilobyte each, so ten megabytes at most. */
export const MAX_RECEIPTS = 10_000

export class ReceiptBook {
  /** Oldest first. */
  readonly #receipts = new Map<string, { readonly user: string; readonly receipt: RouteReceipt }>()

  add(user: string, receipt: RouteReceipt): void {
    this.#receipts.delete(receipt.id)
    this.#receipts.set(receipt.id, { user, receipt })
    for (const oldest of this.#receipts.keys()) {
      if (this.#receipts.size <= MAX_RECEIPTS) break
      this.#receipts.delete(oldest)
    }
  }

  /** The receipt when it is this user's; somebody else's is as absent as one that never was. */
  of(id: string, user: string): RouteReceipt | undefined {
    const found = this.#receipts.get(id)
    return found?.user === user ? found.receipt : undefined
  }
}
