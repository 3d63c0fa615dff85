/** A client that goes away cancels its query, all the way down to the GPU. */
import type { ServerResponse } from 'node:http'
import type { CancelSignal } from '../core/cancel-signal.ts'
import { linkedAbort } from '../core/linked-abort.ts'
import { RealmeshError } from '../core/realmesh-error.ts'

/** A signal that aborts when the connection closes before the answer has ended. It needs no release: it lives as long as the response. */
export function clientSignal(response: ServerResponse): CancelSignal {
  const gone = linkedAbort()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new RealmeshError('CANCELLED', 'the client went away'))
  })
  return gone.signal
}
