import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { LlamaKeeper, restartPauseMs } from '../../../../engines/llama/llama-keeper.ts'
import type { LlamaChildProcess } from '../../../../engines/llama/llama-process.ts'
import type { FromLlama, LlamaSettings, ToLlama } from '../../../../engines/llama/messages.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const SETTINGS: LlamaSettings = {
  modelFile: 'm.gguf',
  module: 'm',
  gpu: false,
  threads: 1,
  sequences: 1,
  contextSize: 1,
}
const READY: FromLlama = { type: 'ready', info: { contextLength: 1, sequences: 1 } }
const UNUSABLE: FromLlama = { type: 'unusable', missing: false, message: 'no model' }

/** A process that says what the test lets it say, and ends when the test says so. */
class FakeChild extends EventEmitter implements LlamaChildProcess {
  readonly pid: number
  readonly stderr = null
  readonly sent: ToLlama[] = []
  killed = false
  connected = true

  constructor(pid: number) {
    super()
    this.pid = pid
  }

  send(message: ToLlama): boolean {
    this.sent.push(message)
    return true
  }

  kill(): boolean {
    this.killed = true
    return true
  }

  says(message: FromLlama): void {
    this.emit('message', message)
  }

  ends(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.connected = false
    this.emit('exit', null, signal)
  }
}

describe('LlamaKeeper', () => {
  let clock: ManualClock
  let children: FakeChild[]
  let keeper: LlamaKeeper

  beforeEach(() => {
    clock = new ManualClock()
    children = []
    const fork = (): FakeChild => {
      const child = new FakeChild(children.length + 1)
      children.push(child)
      return child
    }
    keeper = new LlamaKeeper({ clock, fork }, SETTINGS)
  })

  const only = (index = children.length - 1): FakeChild => {
    const child = children[index]
    assert.ok(child !== undefined)
    return child
  }

  it('gives a process that still loads, which tells how far it is until it is ready', async () => {
    const process = keeper.begun()
    assert.equal(keeper.begun(), process)
    const told: number[] = []
    const listening = (async () => {
      for await (const fraction of process.loading()) {
        told.push(fraction)
        only().says(fraction < 0.5 ? { type: 'loading', fraction: fraction + 0.25 } : READY)
      }
    })()
    await listening
    assert.deepEqual([told, process.ready], [[0, 0.25, 0.5], true])
    const gone = keeper.begun()
    assert.equal(gone, process)
  })

  it('ends the news of the loading with what ended the process', async () => {
    const loading = keeper.begun().loading()
    await loading.next()
    const next = loading.next()
    only().ends()
    await assert.rejects(next, { code: 'ENGINE_FAILED' })
  })

  it('starts one process however many ask, and gives it when its model is loaded', async () => {
    const both = Promise.all([keeper.loaded(), keeper.loaded()])
    assert.deepEqual(only().sent, [{ type: 'load', settings: SETTINGS }])
    only().says(READY)
    const [first, second] = await both
    assert.equal(first, second)
    assert.equal(children.length, 1)
    assert.equal(keeper.pid, 1)
  })

  it('holds a process that cannot be used until it has ended, and starts no other beside it', async () => {
    const failed = assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', message: /no model/ })
    only().says(UNUSABLE)
    await failed
    assert.ok(only().killed)
    await assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', message: /no model/ })
    assert.equal(children.length, 1)
    only().ends()
    keeper.loaded().catch(() => {})
    assert.equal(children.length, 2)
    assert.equal(keeper.pid, 2)
  })

  it('tells the queries of a process that it ended, and nobody else', async () => {
    const asked = keeper.loaded()
    only().says(READY)
    const process = await asked
    const told: string[] = []
    process.listen(
      7,
      () => {},
      (error) => told.push(error.message),
    )
    process.listen(
      8,
      () => {},
      () => told.push('not any more'),
    )()
    only().ends('SIGSEGV')
    assert.deepEqual(told, ['llama ended (SIGSEGV)'])
    assert.equal(keeper.pid, undefined)
    const next = keeper.loaded()
    only().says(READY)
    assert.notEqual(await next, process)
  })

  it('starts again at once after the first crash, and later pauses longer and longer', async () => {
    for (const pause of [0, 0, 1_000, 2_000]) {
      if (pause > 0) {
        await assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', retryAfterMs: pause })
        clock.advance(pause)
      }
      const ended = assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED' })
      only().ends()
      await ended
    }
    assert.equal(children.length, 4)
  })

  it('counts crashes anew behind a process that lived for a minute', async () => {
    for (let i = 0; i < 3; i += 1) {
      clock.advance(10_000)
      keeper.loaded().catch(() => {})
      only().ends()
    }
    clock.advance(10_000)
    keeper.loaded().catch(() => {})
    clock.advance(60_001)
    only().ends()
    keeper.loaded().catch(() => {})
    assert.equal(children.length, 5)
  })

  it('says how to install what is missing', async () => {
    const failed = assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', fix: /npm install/ })
    only().says({ type: 'unusable', missing: true, message: 'Cannot find package' })
    await failed
  })

  it('ends its process when it is closed, and starts none after that', async () => {
    const asked = keeper.loaded()
    only().says(READY)
    await asked
    const closed = keeper.close()
    assert.ok(only().killed)
    only().ends()
    await closed
    await assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', message: /stopped/ })
    assert.equal(children.length, 1)
  })

  it('takes a process that could not be made for one that ended', async () => {
    const failed = assert.rejects(keeper.loaded(), { code: 'ENGINE_FAILED', message: /cannot be started/ })
    only().emit('error', new Error('spawn ENOMEM'))
    await failed
    assert.equal(keeper.pid, undefined)
    await keeper.close()
  })
})

describe('restartPauseMs', () => {
  it('is none after the first crash, then doubles up to a minute', () => {
    assert.deepEqual([1, 2, 3, 4, 20].map(restartPauseMs), [0, 1_000, 2_000, 4_000, 60_000])
  })
})
