/** How far apart keys and peers lie in Kademlia: the exclusive or of their hashes, read as a number. */
import { createHash } from 'node:crypto'

/** Where Kademlia places a key or a peer. */
export function dhtPlaceOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** How far the place of `bytes` is from `target`, which is a place; `Buffer.compare` tells the nearer of two. */
export function distanceTo(target: Buffer, bytes: Uint8Array): Buffer {
  const place = dhtPlaceOf(bytes)
  for (const [i, byte] of target.entries()) place[i] = (place[i] ?? 0) ^ byte
  return place
}
