/**
 * Fewer window updates on a lane. `@libp2p/yamux` gives the sender its window back after every frame that it reads; for
 * an answer that comes token by token this is one more packet, encryption and wake-up at both ends per token. As in the
 * reference implementation of yamux, the window is given back once half of it is used.
 */
import type { LaneStream } from './link.ts'

/**
 * `StreamState.Established` of @libp2p/yamux 8: in every other state an update carries the opening of the stream, or
 * none may go.
 */
const ESTABLISHED = 3

/** What is used of a yamux stream. Other muxers have none of it, and are left as they are. */
interface YamuxStream extends LaneStream {
  state: number
  /** Bytes that the sender may have on the way after an update. */
  recvWindow: number
  /** Bytes that it may still send. */
  recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** Makes `stream` give its window back in halves. Call it once, before anything is read. */
export function updateWindowByHalves(stream: LaneStream): void {
  if (!isYamuxStream(stream)) return
  const update = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = stream
    if (state === ESTABLISHED && recvWindowCapacity > recvWindow / 2) return
    update()
  }
}

function isYamuxStream(stream: LaneStream): stream is YamuxStream {
  const { state, recvWindow, recvWindowCapacity, sendWindowUpdate } = stream as Partial<YamuxStream>
  return [state, recvWindow, recvWindowCapacity].every(Number.isFinite) && typeof sendWindowUpdate === 'function'
}
