/** A gateway of which the test says every word, and the home of the daemon that it seems to belong to. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HomeFolder, homeFolder, prepareHome } from '../../home/home-folder.ts'
import { writeRuntimeFile } from '../../home/runtime-file.ts'

export class FakeGateway {
  readonly #folder: string
  #server: Server | undefined

  /** `folder`: where the home is made. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Answers with `answer` from now on, and says that it lives unless `health` is false. Gives the home. */
  async serve(answer: RequestListener, { health = true } = {}): Promise<HomeFolder> {
    this.close()
    const server = createServer((request, reply) => {
      if (health && request.url === '/health') reply.end('{}')
      else answer(request, reply)
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const home = homeFolder(this.#folder, {})
    await prepareHome(home)
    await writeRuntimeFile(home, { pid: 1, http: `http://127.0.0.1:${port}`, peerId: 'p', startedAt: 1 })
    return home
  }

  /** Ends it; what it left in the home stays, as behind a daemon that was killed. */
  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
    this.#server = undefined
  }
}
