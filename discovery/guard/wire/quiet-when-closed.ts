/**
 * Lets a muxer write to a connection that is closed already: nothing is sent, nothing is thrown. yamux sends the
 * opening of a stream in a microtask of its own, where nobody could catch it: a peer that hung up in that moment would
 * end this process. The muxer learns of the end by the connection's `close`, as always.
 */
import type { MessageStream } from '@libp2p/interface'

/** Changes `connection`. Call it before a muxer is given it. */
export function quietWhenClosed(connection: Pick<MessageStream, 'send'>): void {
  const send = connection.send.bind(connection)
  connection.send = (data) => {
    try {
      return send(data)
    } catch (error) {
      if (error instanceof Error && error.name === 'StreamStateError') return true
      throw error
    }
  }
}
