/**
 * What happens on a connection that is carried for two others, beside libp2p's own copying from the one stream to the
 * other: bytes are counted, and a side that does not read stops the side that writes. libp2p would keep all of it.
 */
import type { Stream } from '@libp2p/interface'
import { RealmeshError } from '../../core/realmesh-error.ts'

export interface CarryInit {
  /** Bytes came; false: there may be no more. */
  readonly spend: (bytes: number) => boolean
  /** Called once, when either end is gone. */
  readonly onEnd: () => void
}

/** What is used of a stream. */
export type CarriedStream = Pick<
  Stream,
  'send' | 'pause' | 'resume' | 'abort' | 'addEventListener' | 'readStatus' | 'writableNeedsDrain' | 'status'
>

/** To be called before the copying begins: until then no data has passed. */
export function carry(one: CarriedStream, other: CarriedStream, { spend, onEnd }: CarryInit): void {
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    onEnd()
  }
  const refuse = (): void => {
    const cause = new RealmeshError('PEER_LOST', 'the relay has no bytes left for today')
    one.abort(cause)
    other.abort(cause)
  }
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    throttle(from, to)
    from.addEventListener('message', ({ data }) => {
      if (!ended && !spend(data.byteLength)) refuse()
    })
    from.addEventListener('close', end)
  }
}

/** While `to` takes no more, `from` is not read. */
function throttle(from: CarriedStream, to: CarriedStream): void {
  const send = to.send.bind(to)
  to.send = (data) => {
    const more = send(data)
    if (!more && from.readStatus === 'readable') from.pause()
    return more
  }
  to.addEventListener('drain', () => {
    if (from.readStatus === 'paused') from.resume()
  })
}
