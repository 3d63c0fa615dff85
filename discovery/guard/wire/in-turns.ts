/** Lets what arrives over a stream through to its reader a part per turn of the loop; the peer waits for the rest. */
import { type MessageStream, type Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { type Clock, systemClock } from '../../../core/run/clock.ts'

export type Bytes = Uint8Array | Uint8ArrayList

/**
 * Asked about each piece that arrives: how many of its bytes pass now, from the first on; undefined when none may pass,
 * ever, because the stream was ended; `wait` when none may pass for a while. What does not pass is asked about again in
 * the next turn, or after that while.
 */
export type Passing = (data: Bytes) => number | undefined | 'wait'

/** How long that while is: short beside what a peer notices, long beside what it costs to ask again. */
export const WAIT_MS = 100

/** A stream, or a connection before it is multiplexed: libp2p's class for both has it. */
type Readable = MessageStream & { readonly readStatus?: Stream['readStatus'] }

/** Must be called before the reader listens, so that it is asked first. */
export function inTurns(stream: Readable, passing: Passing, after: Clock['after'] = systemClock.after): void {
  let delivering = false
  stream.addEventListener('message', (event) => {
    if (delivering) return
    const { data } = event
    const bytes = passing(data)
    if (typeof bytes === 'number' && bytes >= data.byteLength) return
    event.stopImmediatePropagation()
    if (bytes === undefined) return
    if (bytes === 'wait') {
      putBack(data)
      after(WAIT_MS, goOn)
      return
    }
    if (bytes > 0) deliver(part(data, 0, bytes))
    if (stream.status !== 'open' || (stream.readStatus !== 'readable' && stream.readStatus !== 'paused')) return
    const goesOn = stream.readStatus === 'readable' // else the reader paused it, and goes on itself
    putBack(part(data, bytes, data.byteLength))
    if (goesOn) setImmediate(goOn)
  })

  function deliver(data: Bytes): void {
    delivering = true
    stream.dispatchEvent(new StreamMessageEvent(data))
    delivering = false
  }

  function putBack(rest: Bytes): void {
    stream.pause()
    stream.unshift(rest)
  }

  function goOn(): void {
    if (stream.status !== 'open' || stream.readStatus !== 'paused') return
    try {
      stream.resume()
    } catch (error) {
      // What it delivered may have had its connection cut, over which it then could not tell its peer to go on.
      stream.abort(error as Error)
    }
  }
}

/** Nothing is copied: what waits may be a megabyte, and is looked at in every turn. */
export function part(data: Bytes, from: number, to: number): Bytes {
  return data instanceof Uint8Array ? data.subarray(from, to) : data.sublist(from, to)
}
