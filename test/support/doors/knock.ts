import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import type { ManualClock } from '../manual-clock.ts'
import { open } from '../started-gateway.ts'
import type { Door, DoorAnswer, DoorAsk } from './door.ts'
import type { DoorWorld } from './world.ts'

export const PROMPT = 'How is it there?'

/** The machine's clock, but for signs of life: those are due when `pings` is moved. */
export function pingsBy(pings: ManualClock): Clock {
  return { ...systemClock, after: (ms, task) => (ms === PING_EVERY_MS ? pings : systemClock).after(ms, task) }
}

/** A program at one door of one world. */
export class Knock {
  readonly door: Door
  readonly world: DoorWorld
  readonly #pings: ManualClock

  constructor(door: Door, world: DoorWorld, pings: ManualClock) {
    this.door = door
    this.world = world
    this.#pings = pings
  }

  /** So much time goes by that a client which has heard nothing hears a sign of life. */
  ping(): void {
    this.#pings.advance(PING_EVERY_MS)
  }

  /** Asks, for a stream unless `more` says otherwise. The body is left to the caller. */
  open(more: Partial<DoorAsk> = {}, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const { path } = this.door
    const body = this.door.body({ stream: true, prompt: PROMPT, model: 'tiny', ...more })
    return open(this.world.port, { path, body, headers })
  }

  async read(response: IncomingMessage, stream: boolean): Promise<DoorAnswer> {
    const body = await textOf(response)
    return stream && response.statusCode === 200 ? this.door.stream(body) : this.door.whole(body)
  }

  /** Reads a stream to its end; each of `steps` is done when its text has come. Fails for a text that never comes. */
  async follow(response: IncomingMessage, steps: Readonly<Record<string, () => void>>): Promise<string> {
    const left = new Map(Object.entries(steps))
    let body = ''
    for await (const chunk of response) {
      body += String(chunk)
      for (const [sign, step] of left) if (body.includes(sign) && left.delete(sign)) step()
    }
    assert.deepEqual([...left.keys()], [], body)
    return body
  }

  /** Asked whole or for a stream, it is refused in words that the client shows. */
  async isRefused(
    more: Partial<DoorAsk>,
    status: number,
    words: RegExp,
    headers: Record<string, string> = {},
  ): Promise<void> {
    for (const stream of [false, true]) {
      const response = await this.open({ ...more, stream }, headers)
      assert.equal(response.statusCode, status)
      assert.match((await this.read(response, stream)).error ?? '', words)
    }
  }
}
