/**
 * Where in a public DHT the nodes of a network meet: under a key of what they share, another one in every epoch, so
 * that a key that leaked is soon worth nothing. Pure.
 */
import { createHmac } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

/** Multicodecs of raw bytes and of SHA-256; only the multihash is stored. */
const RAW = 0x55
const SHA2_256 = 0x12

export interface MeetingPlace {
  readonly network: string
  /** What only the nodes of the network know; undefined: all who know its name can list them. */
  readonly secret: string | undefined
  /** Length of an epoch, milliseconds. */
  readonly epochMs: number
}

/** The keys at a wall time: the current one, then the previous one, for clocks that differ and records that last. */
export function meetingKeys(meeting: MeetingPlace, wallMs: number): readonly CID[] {
  const epoch = Math.floor(wallMs / meeting.epochMs)
  return [meetingKey(meeting, epoch), meetingKey(meeting, epoch - 1)]
}

/** Milliseconds from a wall time to the next epoch. */
export function untilNextEpochMs({ epochMs }: Pick<MeetingPlace, 'epochMs'>, wallMs: number): number {
  return epochMs - (wallMs % epochMs)
}

function meetingKey({ network, secret = '' }: MeetingPlace, epoch: number): CID {
  const digest = createHmac('sha256', secret).update(`realmesh/rendezvous/1/${network}/${epoch}`).digest()
  return CID.createV1(RAW, createDigest(SHA2_256, digest))
}
