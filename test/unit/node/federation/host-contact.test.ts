import assert from 'node:assert/strict'
import { type Logger, silentLogger } from '../../../../core/logger.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { JsonObject } from '../../../../engines/http/json-shape.ts'
import type { ToldHost } from '../../../../node/api/federation.ts'
import { FIRST_RETRY_MS, HostContact } from '../../../../node/federation/host-contact.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const INTERVAL_MS = 3_600_000

/** A contact with a host that the test moves; `random` is the jitter's. */
function contact({ random = 0.5 }: { readonly random?: number } = {}) {
  const clock = new ManualClock()
  const calls: string[] = []
  const lines: string[] = []
  const found: ToldHost[] = []
  const host = {
    down: false,
    replies: {} as Record<string, JsonObject>,
    /** Set to hold every call open until it aborts. */
    silent: false,
  }
  const answer = async (
    call: string,
    usual: JsonObject,
    signal:
      | AbortSignal
      | { aborted: boolean; reason?: unknown; addEventListener(type: 'abort', listener: () => void): void },
  ): Promise<JsonObject> => {
    calls.push(call)
    if (host.silent)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    if (host.down) throw new RealmeshError('ENGINE_FAILED', 'cannot be reached')
    return host.replies[call] ?? usual
  }
  const keep = (_fields: object, message: string): void => void lines.push(message)
  const log: Logger = { ...silentLogger, info: keep, warn: keep }
  const made = new HostContact(
    {
      client: {
        state: async (signal) => {
          await answer('state', {}, signal as never)
          return { federationId: 'federation_other', models: [] }
        },
        join: (_greeting, signal) => answer('join', { status: 'accepted' }, signal as never),
        advertise: (_advert, signal) => answer('advertise', { status: 'accepted' }, signal as never),
        discover: (signal) => answer('discover', { nodes: [] }, signal as never),
        close: async () => void calls.push('close'),
      },
      ...{ clock, log, random: () => random },
      greeting: () => ({ federation_id: 'federation_own', callback_url: 'http://rig.lan:5000' }),
      services: () => ({ chat: { realm: '$CHAT', workers: 1 } }),
      onState: (id) => calls.push(id),
      onDiscovered: (told) => found.push(told),
    },
    { name: 'garage', url: 'http://garage:5000', intervalMs: () => INTERVAL_MS },
  )
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 40; i += 1) await Promise.resolve()
  }
  const start = async (): Promise<void> => {
    made.start()
    await settled()
  }
  const later = async (ms: number): Promise<string[]> => {
    calls.length = 0
    clock.advance(ms)
    await settled()
    return [...calls]
  }
  return { made, host, calls, lines, found, clock, start, later }
}

describe('HostContact', () => {
  it('joins once, advertises, asks whom the host knows, and does so again at each interval', async () => {
    const { made, start, calls, lines, later, clock } = contact()
    await start()
    assert.deepEqual(calls, ['state', 'federation_other', 'join', 'advertise', 'discover'])
    assert.deepEqual(lines, ['advertised to http://garage:5000'])
    assert.deepEqual(await later(INTERVAL_MS - 1), [])
    assert.deepEqual(await later(1), ['state', 'federation_other', 'advertise', 'discover'])
    await made.stop()
    assert.deepEqual(await later(2 * INTERVAL_MS), [])
    assert.equal(clock.pending, 0)
  })

  it('calls a tenth earlier or later, so that hosts do not call together', async () => {
    for (const [random, ms] of [
      [0, 0.9 * INTERVAL_MS],
      [1, 1.1 * INTERVAL_MS],
    ] as const) {
      const { made, start, later } = contact({ random })
      await start()
      assert.deepEqual(await later(ms - 1_000), [])
      assert.notEqual((await later(1_001)).length, 0)
      await made.stop()
    }
  })

  it('waits longer after each failure, tells the first, and joins anew once the host is back', async () => {
    const { made, host, start, later, lines } = contact()
    host.down = true
    await start()
    for (let pause = FIRST_RETRY_MS; pause < INTERVAL_MS; pause *= 2) {
      assert.deepEqual(await later(pause - 1), [])
      assert.deepEqual(await later(1), ['state'])
    }
    assert.equal(lines.length, 1)
    assert.deepEqual(await later(INTERVAL_MS - 1), [], 'no more than the interval')
    host.down = false
    assert.deepEqual(await later(1), ['state', 'federation_other', 'join', 'advertise', 'discover'])
    assert.equal(lines.at(-1), 'advertised to http://garage:5000')
    await made.stop()
  })

  it('takes a refusal with status 200 for what it is', async () => {
    const { made, host, start, lines } = contact()
    host.replies = { advertise: { status: 'error', message: 'Invalid service advertisement' } }
    await start()
    assert.match(lines.join(), /^the federation host cannot be told of this node: .*Invalid service advertisement$/)
    await made.stop()
  })

  it('hands on whom the host names, but for this federation and for what is no node', async () => {
    const { made, host, start, found } = contact()
    const node = {
      federation_id: 'federation_x',
      callback_url: 'http://x',
      services: { chat: { primary_realm: '$CHAT', worker_count: 2 }, odd: 7 },
    }
    host.replies = {
      discover: { nodes: [node, { ...node, federation_id: 'federation_own' }, 7, {}, { federation_id: 'y' }] },
    }
    await start()
    assert.deepEqual(found, [
      { federationId: 'federation_x', callbackUrl: 'http://x', services: { chat: { realm: '$CHAT', workers: 2 } } },
    ])
    await made.stop()
  })

  it('ends with a call under way', async () => {
    const { made, host, start, calls, clock, lines } = contact()
    host.silent = true
    await start()
    await made.stop()
    assert.deepEqual([calls.at(-1), clock.pending, lines.length], ['close', 0, 0])
  })
})
