/** A client that goes away cancels its query, all the way down to the GPU. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { type LinkedAbort, linkedAbort } from '../../core/run/linked-abort.ts'

/**
 * One per connection, however many requests come over it: a response that waits behind another one of its connection is
 * not told when that closes.
 */
const connections = new WeakMap<Socket, LinkedAbort>()

/** A signal that aborts when the connection closes before the answer has ended. */
export function clientSignal(response: ServerResponse): CancelSignal {
  const gone = linkedAbort(lifeOf(response.req.socket).signal)
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(left())
    gone.release()
  })
  return gone.signal
}

function lifeOf(socket: Socket): LinkedAbort {
  const known = connections.get(socket)
  if (known !== undefined) return known
  const life = linkedAbort()
  connections.set(socket, life)
  if (socket.destroyed) life.abort(left())
  else socket.once('close', () => life.abort(left()))
  return life
}

function left(): RealmeshError {
  return new RealmeshError('CANCELLED', 'the client went away')
}
