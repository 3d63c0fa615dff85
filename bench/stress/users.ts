/** Users of a stress test: each asks at its door, waits for the whole answer, thinks, and asks again. */
import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { WebSocket } from 'ws'

/** What one user can do. */
export interface StressUser {
  /** Resolves with the answer; rejects with why there is none. */
  ask(signal: AbortSignal): Promise<string>
  close(): void
}

export interface StressDoor {
  readonly name: string
  /** A user who may ask now. Rejects where they cannot enter. */
  readonly enter: (signal: AbortSignal) => Promise<StressUser>
}

export interface DoorInit {
  /** The gateway's address. */
  readonly url: string
  /** Sent where the gateway needs one. */
  readonly key: string | undefined
  readonly prompt: string
}

export type DoorName = 'chat' | 'ws'

export const STRESS_DOORS: Readonly<Record<DoorName, (init: DoorInit) => StressDoor>> = {
  chat: chatDoor,
  ws: socketDoor,
}

/** As RENT-A-HAL's own stress test asks, for a model that no rig has. */
const queryOf = (prompt: string): object => ({
  ...{ prompt, query_type: 'chat', model_type: 'huggingface', model_name: 'gpt2' },
})

/** As much of a refusal as tells its cause. */
const MAX_FAILURE_TEXT = 160

function headersOf(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}

function chatDoor({ url, key, prompt }: DoorInit): StressDoor {
  const dispatcher = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  const headers = { 'content-type': 'application/json', ...headersOf(key) }
  const body = JSON.stringify(queryOf(prompt))
  const ask = async (signal: AbortSignal): Promise<string> => {
    const answer = await request(`${url}/api/chat`, { method: 'POST', dispatcher, headers, body, signal })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode} ${text.slice(0, MAX_FAILURE_TEXT)}`)
    return textOf(JSON.parse(text))
  }
  return { name: 'POST /api/chat', enter: async () => ({ ask, close: () => {} }) }
}

function socketDoor({ url, key, prompt }: DoorInit): StressDoor {
  const message = JSON.stringify({ type: 'submit_query', query: queryOf(prompt) })
  const enter = async (signal: AbortSignal): Promise<StressUser> => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { headers: headersOf(key) })
    const opened = Promise.withResolvers<void>()
    let answer = Promise.withResolvers<string>()
    answer.promise.catch(() => {})
    const fail = (reason: Error): void => {
      opened.reject(reason)
      answer.reject(reason)
    }
    socket.once('open', () => opened.resolve())
    socket.on('error', fail)
    socket.on('close', (code) => fail(new Error(`the socket closed: ${code}`)))
    socket.on('message', (data) => {
      const told = JSON.parse(String(data)) as { type: string; result?: unknown; message?: string }
      if (told.type === 'query_result') {
        if (typeof told.result === 'string' && told.result !== '') answer.resolve(told.result)
        else answer.reject(new Error('the answer is no text'))
      } else if (told.type === 'error') answer.reject(new Error(told.message?.slice(0, MAX_FAILURE_TEXT)))
    })
    signal.addEventListener('abort', () => opened.reject(new Error('no socket in time')))
    await opened.promise
    return {
      ask: async (patience) => {
        const asked = Promise.withResolvers<string>()
        asked.promise.catch(() => {})
        answer = asked
        // Of this question alone: the patience goes on behind its answer, while others are asked.
        patience.addEventListener('abort', () => asked.reject(patience.reason))
        socket.send(message)
        return await asked.promise
      },
      close: () => socket.close(),
    }
  }
  return { name: 'WS /ws', enter }
}

function textOf(answer: unknown): string {
  if (typeof answer === 'string' && answer !== '') return answer
  throw new Error('the answer is no text')
}

/** What became of the questions at one door. */
export interface DoorTally {
  readonly door: string
  sent: number
  answered: number
  /** Refused or broken. */
  failed: number
  /** Neither answered nor refused within the patience. */
  lost: number
  /** Milliseconds from the question to the whole answer. */
  readonly tookMs: number[]
  readonly reasons: Record<string, number>
}

export interface CrowdInit {
  readonly users: number
  /** Users who come per second. */
  readonly spawnRate: number
  /** Milliseconds between an answer and the next question. */
  readonly thinkMs: () => number
  /** Milliseconds after which a question counts as lost. */
  readonly patienceMs: number
  /** Whether no new questions are asked. */
  readonly over: AbortSignal
}

/** Lets a crowd ask until it is `over`; resolves once each has its last answer. */
export async function crowd(door: StressDoor, init: CrowdInit): Promise<DoorTally> {
  const tally: DoorTally = { door: door.name, sent: 0, answered: 0, failed: 0, lost: 0, tookMs: [], reasons: {} }
  const users: Promise<void>[] = []
  setMaxListeners(0, init.over) // each user listens to it
  for (let i = 0; i < init.users && !init.over.aborted; i += 1) {
    users.push(live(door, init, tally))
    await rest(1_000 / init.spawnRate, init.over)
  }
  await Promise.all(users)
  return tally
}

async function live(door: StressDoor, { thinkMs, patienceMs, over }: CrowdInit, tally: DoorTally): Promise<void> {
  let user: StressUser
  try {
    user = await door.enter(AbortSignal.timeout(patienceMs))
  } catch (error) {
    note(tally, error)
    return
  }
  while (!over.aborted) {
    const begun = performance.now()
    const patience = AbortSignal.timeout(patienceMs)
    tally.sent += 1
    try {
      await user.ask(patience)
      tally.answered += 1
      tally.tookMs.push(performance.now() - begun)
    } catch (error) {
      if (patience.aborted) tally.lost += 1
      else note(tally, error)
    }
    await rest(thinkMs(), over)
  }
  user.close()
}

function note(tally: DoorTally, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  tally.failed += 1
  tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1
}

async function rest(ms: number, over: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: over }).catch(() => {})
}
