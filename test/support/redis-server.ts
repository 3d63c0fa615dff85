/** A Redis or Valkey server of the test's own, on a unix socket in a temporary folder, when one is installed. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { skip } from './skip.ts'
import { storeFolder } from './store-folder.ts'

export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
}

function installed(): string | undefined {
  return ['valkey-server', 'redis-server'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  )
}

async function answers(path: string): Promise<boolean> {
  const socket = createConnection(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** For the `before` of a suite, which is skipped when no server is installed. */
export async function startRedisServer(context: Mocha.Context): Promise<RedisServer> {
  const program = installed()
  if (program === undefined) skip(context, 'no redis-server or valkey-server on PATH (apt-get install redis-server)')
  const folder = storeFolder()
  const socket = join(folder.path, 's')
  const child = spawn(
    program,
    [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--dir',
      folder.path,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ],
    { stdio: 'ignore' },
  )
  const exited = once(child, 'exit')
  for (let tries = 0; tries < 200 && !(await answers(socket)); tries += 1) await delay(25)
  return {
    url: `redis+unix://${socket}`,
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      folder.remove()
    },
  }
}
