/**
 * What stands as the signature of a thinking block. Clients send blocks back whole, and some drop one without a
 * signature. Where a client does not want to see thoughts they travel in it, so that a model has its own thoughts again
 * between a tool's call and the answer; it proves nothing.
 */

const SEEN = 'realmesh'
const UNSEEN = 'realmesh:'

/** `shown`: whether the thoughts stand in the block itself. */
export function signatureOf(thoughts: string, shown: boolean): string {
  return shown ? SEEN : UNSEEN + Buffer.from(thoughts).toString('base64')
}

/** The thoughts of a block that was sent back; none of a block of another server that hid them. */
export function thoughtsOf({ thinking, signature }: { readonly thinking: string; readonly signature: string }): string {
  if (thinking !== '' || !signature.startsWith(UNSEEN)) return thinking
  return Buffer.from(signature.slice(UNSEEN.length), 'base64').toString('utf8')
}
