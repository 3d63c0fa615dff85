/**
 * The signalling of the side that wants a WebRTC connection, which tells where it can be reached only once it has the
 * peer's answer. A peer that knows earlier may be through before the native part has kept the answer's fingerprint:
 * its certificate is then taken for a forged one, and the connection is lost. On a busy machine that was every third.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { WebRTCTransportComponents } from '@libp2p/webrtc'
import { isCarried } from '../../../../discovery/punch/connections.ts'

type ConnectionManager = WebRTCTransportComponents['connectionManager']

/** `manager`, whose relayed connections to a peer signal with patience; it is asked for no others. */
export function patientSignalling(manager: ConnectionManager): ConnectionManager {
  const getConnections: ConnectionManager['getConnections'] = (peer) =>
    manager
      .getConnections(peer)
      .filter((connection) => isCarried(connection) && connection.status === 'open')
      .map(patientConnection)
  return Object.create(manager, { getConnections: { value: getConnections } })
}

function patientConnection(connection: Connection): Connection {
  const newStream: Connection['newStream'] = async (protocols, options) =>
    patient(await connection.newStream(protocols, options))
  return Object.create(connection, { newStream: { value: newStream } })
}

/** Sends the first message, the offer; what follows once the first message of the peer, its answer, has been read. */
export function patient(stream: Stream): Stream {
  const send = stream.send.bind(stream)
  const held: Parameters<Stream['send']>[0][] = []
  let offered = false
  let answered = false
  const flush = (): void => {
    answered = true
    for (const bytes of held.splice(0)) if (stream.writeStatus === 'writable') send(bytes)
  }
  stream.send = (bytes) => {
    if (answered || !offered) {
      offered = true
      return send(bytes)
    }
    held.push(bytes)
    return true
  }
  let head = Buffer.alloc(0)
  const onMessage: Parameters<typeof stream.addEventListener<'message'>>[1] & object = ({ data }) => {
    head = Buffer.concat([head, data.subarray()])
    if (!holdsMessage(head)) return
    stream.removeEventListener('message', onMessage)
    // The reader of the answer comes first: it is served within this turn of the loop.
    setImmediate(flush)
  }
  stream.addEventListener('message', onMessage)
  return stream
}

/** Whether the bytes begin with a whole message: its length as a varint, and so many bytes. */
function holdsMessage(bytes: Buffer): boolean {
  let length = 0
  for (const [at, byte] of bytes.entries()) {
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return bytes.length > at + length
  }
  return false
}
