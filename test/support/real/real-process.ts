/** A real engine as a process: waited for by a page, ended by a signal, and gone with the process that started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

export interface RealProcessInit {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly url: string
  /** The page that answers 200 once the engine serves. */
  readonly page: string
  readonly headers?: Readonly<Record<string, string>>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Between two looks at the page, and how many: Python engines take a minute and more to begin. */
const LOOK_MS = 200
const MAX_LOOKS = 2_700

export class RealProcess {
  readonly url: string
  readonly child: ChildProcess
  #log = ''

  private constructor(init: RealProcessInit) {
    this.url = init.url
    this.child = spawn('nice', ['-n', '5', init.command, ...init.args], {
      env: { ...process.env, ...init.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own: some engines compute in children
    })
    running.add(this.child)
    this.child.once('exit', () => running.delete(this.child))
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        this.#log = (this.#log + piece).slice(-4_000)
      })
    }
  }

  /** Starts it and waits for its page. */
  static async start(init: RealProcessInit): Promise<RealProcess> {
    const engine = new RealProcess(init)
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      if (engine.child.exitCode !== null) break
      const ready = await fetch(`${init.url}${init.page}`, init.headers && { headers: init.headers }).then(
        ({ ok }) => ok,
        () => false,
      )
      if (ready) return engine
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    await engine.stop()
    throw new Error(`${init.command} does not serve:\n${engine.#log}`)
  }

  /** Ends it and its children at once. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    process.kill(-pid, 'SIGKILL')
    await once(this.child, 'exit')
  }
}

/** The program that the environment names, or that is on the path; undefined when there is none. */
export function findProgram(variable: string, name: string): string | undefined {
  const named = process.env[variable]
  const candidates = named === undefined ? pathsOf(name) : [named]
  return candidates.find(isExecutable)
}

function pathsOf(name: string): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
