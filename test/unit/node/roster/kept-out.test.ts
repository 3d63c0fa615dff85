import assert from 'node:assert/strict'
import { KeptOut } from '../../../../node/roster/kept-out.ts'
import { rosterConfig } from '../../../support/roster-bench.ts'

const RIG = 'http://127.0.0.1:1'
const nothing = rosterConfig()
const plain = rosterConfig({ workers: [{ name: 'attic', engine: 'openai', url: RIG }] })
const limited = rosterConfig({ workers: [{ name: 'attic', engine: 'openai', url: RIG, slots: 1 }] })
const addressed = rosterConfig({ node: { engines: [`vllm=http://localhost:1`] } })

describe('KeptOut', () => {
  let keptOut: KeptOut
  beforeEach(() => {
    keptOut = new KeptOut()
  })
  const names = (): readonly string[] => keptOut.list().map(({ name }) => name)

  it('keeps out the engine of a worker with rules that is no longer named', () => {
    keptOut.follow(limited, nothing)
    assert.deepEqual(names(), ['attic'])
    keptOut.follow(nothing, nothing)
    assert.deepEqual(names(), ['attic'], 'other changes do not let it in')
  })

  it('does not keep out one that had no rules', () => {
    keptOut.follow(plain, nothing)
    assert.deepEqual(names(), [])
  })

  it('does not keep out one that is still named, in whatever words', () => {
    keptOut.follow(limited, addressed)
    assert.deepEqual(names(), [])
  })

  it('lets in what is named anew, and not what was named all along', () => {
    keptOut.add('openai-1', { kind: 'openai', url: RIG })
    keptOut.follow(addressed, addressed)
    assert.deepEqual(names(), ['openai-1'])
    keptOut.follow(nothing, addressed)
    assert.deepEqual(names(), [])
  })

  it('can be taken back, down to what was kept out before', () => {
    const takeBack = keptOut.add('first', { kind: 'openai', url: RIG })
    keptOut.add('second', { kind: 'openai', url: 'http://localhost:1' })()
    assert.deepEqual(names(), ['first'])
    takeBack()
    assert.deepEqual(names(), [])
  })
})
