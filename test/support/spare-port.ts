/**
 * A port that is free and stays so until the test listens on it: below those that systems give to outgoing connections,
 * which would sooner or later take the one that a test let go for a moment.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Linux begins at 32768, others at 49152. */
const FIRST = 20_000
const COUNT = 12_000

export async function sparePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue // somebody has it
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
