/** Child processes of a bench: each says on its first line of output, as JSON, that it is ready and where. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A child that does not say "ready" in this time is broken. */
const READY_WITHIN_MS = 30_000
/** A child that has not gone after SIGTERM in this time is killed. */
const GONE_WITHIN_MS = 8_000

export interface Spawned {
  readonly pid: number
  /** What the ready line said. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Milliseconds from the spawn to the ready line. */
  readonly readyMs: number
  stop(): Promise<void>
}

/** Starts `node ...args` and waits for its ready line. Whatever it writes to stderr is passed on. */
export async function spawnNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Spawned> {
  const started = performance.now()
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS)
  try {
    const ready = await firstLine(child)
    return { pid: child.pid ?? 0, ready, readyMs: performance.now() - started, stop: () => end(child) }
  } catch (cause) {
    await end(child)
    throw new Error(`${args.join(' ')} did not start`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Arguments that run a file of the bench, `load/load` for instance, compiled like the daemon that it is compared with:
 * a loader of TypeScript gives each function its name anew whenever one is made, which is a seventh of what the bare
 * relay does.
 */
export function benchFile(name: string): readonly string[] {
  return [new URL(`../dist/bench/${name}.js`, import.meta.url).pathname]
}

async function firstLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  if (child.stdout === null) throw new Error('the child has no output')
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) {
      child.stdout.resume() // what it writes later is thrown away, not left to fill the pipe
      return JSON.parse(line)
    }
  }
  throw new Error('the child ended without a ready line')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), GONE_WITHIN_MS)
  await exited
  clearTimeout(timer)
}
