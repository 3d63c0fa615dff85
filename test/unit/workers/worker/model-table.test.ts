import assert from 'node:assert/strict'
import { ModelTable } from '../../../../workers/worker/model-table.ts'
import { fakeModel } from '../../../support/fake-engine.ts'

const names = (table: ModelTable): readonly string[] => table.all.map(({ name }) => name)
const end = { kind: 'end', finishReason: 'stop', timings: { decodeTokensPerSecond: 40 } } as const
const served = { firstMs: 100, totalMs: 1_000, warm: true, images: 0, end }

describe('ModelTable', () => {
  it('finds a model by any spelling of its name', () => {
    const table = new ModelTable({})
    table.offer([fakeModel('Tiny:latest')])
    assert.equal(table.find('tiny')?.name, 'Tiny:latest')
    assert.equal(table.find('tiny:8b'), undefined)
  })

  it('uses what the owner lets it use, with only the types that they let', () => {
    const table = new ModelTable({ models: { deny: ['*-raw'] }, types: ['chat'] })
    const both = fakeModel('both', { types: ['chat', 'embed'] })
    table.offer([both, fakeModel('x-raw'), fakeModel('vectors', { types: ['embed'] })])
    assert.deepEqual(table.all, [{ ...both, types: ['chat'] }])
    table.configure({})
    assert.deepEqual(names(table), ['both', 'x-raw', 'vectors'])
  })

  it('grows its revision with each change of models or memory, and with nothing else', () => {
    const table = new ModelTable({})
    const seen: number[] = []
    const note = (act: () => void): void => {
      const before = table.revision
      act()
      seen.push(table.revision - before)
    }
    note(() => table.offer([fakeModel('a')]))
    note(() => table.offer([fakeModel('a')]))
    note(() => table.report({ warmModels: ['a'] }))
    note(() => table.report({ warmModels: ['A:latest'] }))
    note(() => table.report({}))
    note(() => table.observe({ ...served, model: 'a' }))
    assert.deepEqual(seen, [1, 0, 1, 0, 1, 0])
  })

  it('takes an engine that does not tell its memory to hold what it offers', () => {
    const table = new ModelTable({})
    table.offer([fakeModel('a'), fakeModel('b')])
    assert.equal(table.isWarm('a'), true)
    table.report({ warmModels: ['a'] })
    assert.deepEqual([table.isWarm('a'), table.isWarm('b')], [true, false])
    table.markWarm('b')
    assert.deepEqual([table.isWarm('a'), table.isWarm('b')], [true, true])
  })

  it('keeps the rates of models that stay', () => {
    const table = new ModelTable({})
    table.offer([fakeModel('a'), fakeModel('b')])
    table.observe({ ...served, model: 'a' })
    table.observe({ ...served, model: 'b' })
    table.offer([fakeModel('a')])
    table.offer([fakeModel('a'), fakeModel('b')])
    assert.equal(table.rates('a').decode, 40)
    assert.equal(table.rates('b').decode, undefined)
  })

  it('goes by what was measured, and where nothing was by what the engine says of itself', () => {
    const table = new ModelTable({})
    table.offer([fakeModel('a'), fakeModel('b')])
    table.observe({ ...served, model: 'a' })
    table.report({ decodeRate: 10, prefillRate: 0 })
    assert.equal(table.rates('a').decode, 40)
    assert.deepEqual(table.rates('b'), { decode: 10 })
  })

  it('knows an engine that only draws once it knows its models', () => {
    const table = new ModelTable({})
    assert.equal(table.drawsOnly, false)
    assert.equal(table.mayServe('chat'), true)
    table.offer([fakeModel('flux', { types: ['imagine'] })])
    assert.equal(table.drawsOnly, true)
    assert.equal(table.mayServe('chat'), false)
  })

  it('goes by the owner’s word before the models are known', () => {
    assert.equal(new ModelTable({ types: ['embed'] }).mayServe('chat'), false)
  })
})
