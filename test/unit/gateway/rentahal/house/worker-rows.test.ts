import assert from 'node:assert/strict'
import { modelRows, workerRows } from '../../../../../gateway/rentahal/house/worker-rows.ts'
import { modelFor, worker } from '../../../../support/rentahal-house.ts'

describe('the rows of workers', () => {
  const models = [
    modelFor('tiny', 'chat'),
    modelFor('eye', 'chat', 'vision'),
    modelFor('brush', 'imagine'),
    modelFor('vec', 'embed'),
  ]
  const peer = (id: string, label: string, names: readonly string[]) =>
    ({ id, label, connected: true, models: names, breaker: 'closed' }) as const

  it('name each worker once for every type that it serves, with the first model of that type', () => {
    const rows = workerRows({ workers: [worker('desk', ['tiny', 'eye', 'brush'])], peers: [], models, at: 0 })
    assert.deepEqual(
      rows.map(({ row, model }) => [row.name, row.type, model]),
      [
        ['desk', 'chat', 'tiny'],
        ['desk (vision)', 'vision', 'eye'],
        ['desk (imagine)', 'imagine', 'brush'],
      ],
    )
  })

  it('have no name twice, whatever peers call themselves', () => {
    const peers = [
      peer('1', 'desk', ['tiny']),
      peer('2', 'desk', ['tiny']),
      { ...peer('3', 'gone', ['tiny']), connected: false },
    ]
    const rows = workerRows({ workers: [worker('desk', ['tiny'])], peers, models, at: 0 })
    assert.deepEqual(
      rows.map(({ row }) => row.name),
      ['desk', 'desk 2', 'desk 3'],
    )
    assert.deepEqual(
      rows.map(({ row }) => row.address),
      ['127.0.0.1:8000', '', ''],
    )
  })

  it('say of a peer what was seen of it', () => {
    const peers = [{ ...peer('1', 'rig', ['brush']), breaker: 'open', successRate: 0.25 } as const]
    const [{ row } = { row: undefined }] = workerRows({ workers: [], peers, models, at: 0 })
    assert.deepEqual([row?.type, row?.health_score, row?.is_blacklisted], ['imagine', 25, true])
  })

  it('count a worker of which nothing is known yet for chat', () => {
    const [{ row } = { row: undefined }] = workerRows({ workers: [worker('new', [])], peers: [], models, at: 0 })
    assert.equal(row?.type, 'chat')
  })

  it('list models by the types that the page has', () => {
    assert.deepEqual(modelRows(models), [
      { name: 'tiny', type: 'chat' },
      { name: 'eye', type: 'chat' },
      { name: 'eye', type: 'vision' },
      { name: 'brush', type: 'imagine' },
    ])
  })
})
