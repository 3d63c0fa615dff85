/** A node in a process of its own: `realmesh up --json` as a child that ends when we do. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ReadyInfo } from './daemon.ts'

/** A node is ready within 2 s; many at once share the machine. */
const READY_TIMEOUT_MS = 60_000

/**
 * After this long a node that was asked to stop is stopped by force: its own limit for running answers, and a little.
 */
const STOP_TIMEOUT_MS = 35_000

/** The last words of a child that failed, kept for the error. */
const MAX_LAST_WORDS = 4_096

export interface ChildNode {
  readonly pid: number
  /** Rejects with what the child said when it does not become ready. */
  readonly ready: Promise<ReadyInfo>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  /** Asks it to stop, waits, and ends it by force when it does not. */
  stop(): Promise<void>
  /** Ends it at once, as a power cut would. Resolves when it is gone. */
  kill(): Promise<void>
  /** Freezes it, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

export interface ChildPlace {
  /** The command that runs Node: program and first arguments. @default this process's own Node */
  readonly node?: readonly string[]
}

/** Starts `realmesh up --json` with further `args`. */
export function startChildNode(args: readonly string[], { node = [process.execPath] }: ChildPlace = {}): ChildNode {
  // Sources run through a loader (execArgv), compiled files without: the entry beside this file is right in both cases.
  const entry = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../realmesh.ts' : '../realmesh.js', import.meta.url),
  )
  const loader = import.meta.url.endsWith('.ts') ? ['--import', 'tsx'] : process.execArgv
  const [program = '', ...before] = node
  const child = spawn(program, [...before, ...loader, entry, 'up', '--json', ...args], {
    // The channel carries nothing: its end tells the child that we are gone, however we went.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    ready: readyLine(child),
    ended,
    stop: () => stopChild(child, ended),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    signal: (signal) => void child.kill(signal),
  }
}

function readyLine(child: ChildProcess): Promise<ReadyInfo> {
  return new Promise((resolve, reject) => {
    let lastWords = ''
    const fail = (what: string): void => {
      const [cause = what, fix] = lastWords.trim().split('\n  fix: ')
      reject(new RealmeshError('INTERNAL', cause === '' ? what : cause, defined({ fix })))
    }
    const timer = setTimeout(() => fail(`the node was not ready within ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS)
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = `${lastWords}${chunk.toString('utf8')}`.slice(-MAX_LAST_WORDS)
    })
    child.once('error', (error) => fail(error.message))
    child.once('exit', (status) => {
      clearTimeout(timer)
      fail(`the node ended with status ${status}`)
    })
    if (child.stdout === null) return
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer)
      resolve(JSON.parse(line) as ReadyInfo)
    })
  })
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(force)
}
