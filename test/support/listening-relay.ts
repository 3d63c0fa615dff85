/** A machine on the way between two nodes that passes everything on and keeps a copy. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

export class ListeningRelay {
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  readonly #toTarget: Buffer[] = []
  readonly #fromTarget: Buffer[] = []

  private constructor(target: Multiaddr) {
    const [, , host = '', , port = ''] = target.toString().split('/')
    this.#target = { host, port: Number(port) }
    this.#server = createServer((caller) => {
      const callee = connect(this.#target)
      this.#pass(caller, callee, this.#toTarget)
      this.#pass(callee, caller, this.#fromTarget)
    })
  }

  /** Between callers and the TCP address `target`. */
  static async between(target: Multiaddr): Promise<ListeningRelay> {
    const relay = new ListeningRelay(target)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  /** Where callers reach the target through it. */
  address(peer: string): Multiaddr {
    const { port } = this.#server.address() as AddressInfo
    return multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`)
  }

  /** Everything that went by, both ways. */
  get heard(): Buffer {
    return Buffer.concat([...this.#toTarget, ...this.#fromTarget])
  }

  /** Says to the target again all that was said to it. Resolves with what it answered until it hung up. */
  async sayAgain(): Promise<Buffer> {
    const answer: Buffer[] = []
    const again = connect(this.#target)
    again.on('data', (piece) => answer.push(piece))
    again.on('error', () => {})
    again.end(Buffer.concat(this.#toTarget))
    await once(again, 'close')
    return Buffer.concat(answer)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #pass(from: Socket, to: Socket, copy: Buffer[]): void {
    this.#sockets.add(from)
    from.on('data', (piece) => copy.push(piece))
    from.on('error', () => {})
    from.pipe(to)
  }
}
