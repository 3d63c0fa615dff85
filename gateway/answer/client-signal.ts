/** A client that goes away cancels its query, all the way down to the GPU. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'

/**
 * How long a client that has ended its side waits for its answer undisturbed. It looks the same whether it has left or
 * only has no more to say; only a write tells. Shorter than it takes to cancel by hand, longer than what is quick.
 */
export const HALF_CLOSED_GRACE_MS = 250

/**
 * Milliseconds between one look for such a client and the next. The first write to one that has left brings its reset,
 * the second finds the connection gone: soon for a near client, once more for one that is a second away.
 */
const PROBE_AFTER_MS = [HALF_CLOSED_GRACE_MS, 100, 1_000] as const

interface Connection {
  /** Aborts when the connection closes. */
  readonly life: LinkedAbort
  /** Aborts when the client has ended its side. */
  readonly sending: LinkedAbort
}

/**
 * One per connection, however many requests come over it: a response that waits behind another one of its connection is
 * not told when that closes.
 */
const connections = new WeakMap<Socket, Connection>()

/** A signal that aborts when the connection closes before the answer has ended. */
export function clientSignal(response: ServerResponse, clock: Pick<Clock, 'after'>): CancelSignal {
  const { life, sending } = connectionOf(response.req.socket)
  const gone = linkedAbort(life.signal)
  let cancelProbe = (): void => {}
  const probeNext = (count: number): void => {
    const wait = PROBE_AFTER_MS[count]
    if (wait === undefined) return
    cancelProbe = clock.after(wait, () => {
      probe(response, gone)
      probeNext(count + 1)
    })
  }
  const onHalfClosed = (): void => probeNext(0)
  if (sending.signal.aborted) onHalfClosed()
  else sending.signal.addEventListener('abort', onHalfClosed)
  response.once('close', () => {
    cancelProbe()
    sending.signal.removeEventListener('abort', onHalfClosed)
    if (!response.writableFinished) gone.abort(left())
    gone.release()
  })
  return gone.signal
}

/** What says "still here" within an answer that has begun. */
const signs = new WeakMap<ServerResponse, () => void>()

/** From now on `write` writes something into the answer that its client skips. */
export function signOfLife(response: ServerResponse, write: () => void): void {
  signs.set(response, write)
}

/**
 * Writes what a client that listens skips; one that has left answers with a reset, which closes the connection.
 * HTTP/1.0 has nothing to skip before an answer: there the end counts as leaving.
 */
function probe(response: ServerResponse, gone: LinkedAbort): void {
  if (response.destroyed) return
  if (response.headersSent) signs.get(response)?.()
  else if (response.req.httpVersion === '1.0') gone.abort(left())
  else response.writeProcessing()
}

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket)
  if (known !== undefined) return known
  const connection = { life: linkedAbort(), sending: linkedAbort() }
  connections.set(socket, connection)
  if (socket.readableEnded) connection.sending.abort()
  else socket.once('end', () => connection.sending.abort())
  if (socket.destroyed) connection.life.abort(left())
  else socket.once('close', () => connection.life.abort(left()))
  return connection
}

function left(): RealmeshError {
  return new RealmeshError('CANCELLED', 'the client went away')
}
