/**
 * A private swarm: with a key, nothing is said to a node that does not show the same one first. libp2p's own protector
 * encrypts with the key but checks nothing; a wrong key then shows as nonsense some steps later, or as silence. So both
 * sides prove theirs at once.
 */
import type { ComponentLogger, ConnectionProtector, MessageStream } from '@libp2p/interface'
import { preSharedKey } from '@libp2p/pnet'
import { byteStream } from '@libp2p/utils'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'

/** What each side sends under the key. */
const PROOF = new TextEncoder().encode('realmesh/swarm/1')

/**
 * Longest wait for the other side's first bytes: some round trips of a slow relay. A node without a key waits for us as
 * we do for it.
 */
export const PROOF_MS = 3_000

const NEVER = linkedAbort().signal

export interface PrivateSwarmComponents {
  /** @default systemClock */
  readonly clock?: Clock
}

/** The swarm that this node is in, as a part of libp2p. The key may change while it runs; connections stay. */
export class PrivateSwarm {
  readonly #clock: Clock
  #key: Uint8Array | undefined
  #inner: ConnectionProtector | undefined

  /** `key`: of 32 bytes; undefined for the open swarm. */
  constructor(key: Uint8Array | undefined, components: PrivateSwarmComponents = {}) {
    this.#clock = components.clock ?? systemClock
    this.key = key
  }

  get key(): Uint8Array | undefined {
    return this.#key
  }

  /** For connections from now on. */
  set key(key: Uint8Array | undefined) {
    this.#key = key
    this.#inner = key === undefined ? undefined : protectorOf(key)
  }

  /** As libp2p's `connectionProtector`. */
  readonly protector = (_components: { readonly logger: ComponentLogger }): ConnectionProtector => ({
    protect: async (connection, { signal } = {}) => {
      const inner = this.#inner
      if (inner === undefined) return connection
      try {
        const prove = (limited: AbortSignal): Promise<MessageStream> => proved(inner, connection, limited)
        return await withinLimit(signal ?? NEVER, PROOF_MS, 'no proof', prove, this.#clock)
      } catch (cause) {
        // Whatever it is: the other side may be the first to see that the keys differ, and hang up.
        throw signal?.aborted === true ? cause : refused(cause)
      }
    },
  })
}

async function proved(
  inner: ConnectionProtector,
  connection: MessageStream,
  signal: AbortSignal,
): Promise<MessageStream> {
  const stream = byteStream(await inner.protect(connection, { signal }))
  const [theirs] = await Promise.all([
    stream.read({ bytes: PROOF.byteLength, signal }),
    stream.write(PROOF, { signal }),
  ])
  if (!Buffer.from(theirs.subarray()).equals(PROOF)) throw refused()
  return stream.unwrap()
}

function refused(cause?: unknown): RealmeshError {
  return new RealmeshError('PEER_UNREACHABLE', 'that node has another swarm key than this one, or none', {
    fix: 'give both the same swarm.key: realmesh swarm key tells which this node has',
    cause,
  })
}

function protectorOf(key: Uint8Array): ConnectionProtector {
  const psk = Buffer.from(`/key/swarm/psk/1.0.0/\n/base16/\n${Buffer.from(key).toString('hex')}`)
  return preSharedKey({ psk: new Uint8Array(psk) })()
}
