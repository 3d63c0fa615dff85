import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { FoundEngine } from '../../../../engines/detect-engines.ts'
import { EngineFinder, LOOK_EVERY_MS } from '../../../../node/roster/engine-finder.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ollama: FoundEngine = { kind: 'ollama', url: 'http://127.0.0.1:1', fingerprint: '/' }

describe('EngineFinder', () => {
  let clock: ManualClock
  /** What each look is to find, or to fail with. */
  let looks: (readonly FoundEngine[] | Error)[]
  let told: (readonly FoundEngine[])[]
  let warnings: string[]
  let onFound: (engines: readonly FoundEngine[]) => Promise<void>
  let finder: EngineFinder

  beforeEach(() => {
    clock = new ManualClock()
    looks = []
    told = []
    warnings = []
    onFound = async (engines) => {
      told.push(engines)
    }
    finder = new EngineFinder({
      clock,
      log: { ...silentLogger, warn: (_fields, message) => warnings.push(message) },
      onFound: (engines) => onFound(engines),
      detect: async () => {
        const look = looks.shift() ?? []
        if (look instanceof Error) throw look
        return { found: look }
      },
    })
  })

  afterEach(async () => {
    await finder.stop()
    assert.equal(clock.pending, 0, 'a timer is left')
  })

  /** Lets the next look happen, and waits for its end. */
  const nextLook = async (): Promise<void> => {
    clock.advance(LOOK_EVERY_MS)
    await new Promise(setImmediate)
  }

  it('looks at once when it is told to, tells what it found, and remembers it', async () => {
    looks = [[], [ollama]]
    assert.equal(finder.seen, undefined)
    await finder.start()
    const seen = await finder.lookNow()
    assert.deepEqual([seen.found, seen.at, told], [[ollama], clock.wall(), [[], [ollama]]])
    assert.deepEqual(finder.seen, seen)
    looks = [new Error('no permission')]
    await assert.rejects(finder.lookNow(), { message: 'no permission' })
    looks = [[ollama]]
    assert.deepEqual((await finder.lookNow()).found, [ollama])
  })

  it('looks when it is told to though it does not run, and tells nobody else', async () => {
    looks = [[ollama]]
    assert.deepEqual((await finder.lookNow()).found, [ollama])
    assert.deepEqual(told, [])
  })

  it('has told what the first look found when its start resolves', async () => {
    looks = [[ollama]]
    await finder.start()
    assert.deepEqual(told, [[ollama]])
  })

  it('looks again every minute, and tells all that it sees each time', async () => {
    looks = [[], [ollama], [ollama]]
    await finder.start()
    await nextLook()
    await nextLook()
    assert.deepEqual(told, [[], [ollama], [ollama]])
  })

  it('goes on after a look that failed, and after a listener that failed', async () => {
    looks = [new Error('no network'), [ollama], []]
    await finder.start()
    assert.match(warnings[0] ?? '', /looking for engines failed/)
    onFound = async () => {
      throw new Error('not now')
    }
    await nextLook()
    assert.equal(warnings.length, 2)
    onFound = async (engines) => {
      told.push(engines)
    }
    await nextLook()
    assert.deepEqual(told, [[]])
  })

  it('ends a look that is under way, tells nothing of it, and plans no other', async () => {
    const seen = Promise.withResolvers<AbortSignal>()
    const slow = new EngineFinder({
      clock,
      log: silentLogger,
      onFound,
      detect: ({ signal }) => {
        seen.resolve(signal)
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve({ found: [ollama] }))
        })
      },
    })
    const started = slow.start()
    await seen.promise
    await slow.stop()
    await started
    assert.deepEqual(told, [])
    assert.equal(clock.pending, 0)
  })

  it('looks again after it was stopped and started', async () => {
    looks = [[], [ollama]]
    await finder.start()
    await finder.stop()
    await finder.start()
    assert.deepEqual(told, [[], [ollama]])
    assert.equal(clock.pending, 1)
  })
})
