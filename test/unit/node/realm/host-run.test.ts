import assert from 'node:assert/strict'
import type { Query } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { relayedRun } from '../../../../core/run/relayed-run.ts'
import { HostRun } from '../../../../node/realm/host-run.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

type Fate = 'answers' | 'cut' | 'busy' | 'blames'

/** A run over hosts of these fates, asked in their order. */
function hostRun(fates: Readonly<Record<string, Fate>>, exclude: readonly string[] = []) {
  const seen: Query[] = []
  const released: string[] = []
  const run = relayedRun(
    new HostRun(
      {
        now: () => 0,
        hosts: {
          reserve: (_query, refused) => {
            const worker = Object.keys(fates).find((name) => !refused.has(name))
            if (worker === undefined) throw new RealmeshError('NO_WORKER', 'none is left')
            const fate = fates[worker]
            return {
              worker,
              engine: 'rentahal-host',
              model: 'federation/other',
              release: () => released.push(worker),
              run: async function* (query): AsyncGenerator<QueryEvent> {
                seen.push(query)
                yield { kind: 'start', node: 'me', worker, engine: 'rentahal-host', model: 'federation/other' }
                if (fate === 'busy') throw new RealmeshError('ENGINE_BUSY', 'full')
                if (fate === 'blames') throw new RealmeshError('BAD_REQUEST', 'odd')
                yield { kind: 'text', text: worker }
                if (fate === 'cut') throw new RealmeshError('ENGINE_FAILED', 'cut')
                yield { kind: 'end', finishReason: 'stop' }
              },
            }
          },
        },
      },
      {
        query: chatQuery(),
        options: { signal: new AbortController().signal },
        exclude: new Set(exclude),
        way: { via: ['federation_a'], hopsLeft: 1 },
      },
    ),
  )
  return { run, seen, released }
}

describe('HostRun', () => {
  it('tells the host which way the query came, and signs for the host in the end', async () => {
    const { run, seen, released } = hostRun({ garage: 'answers' })
    const events = await collect(run)
    assert.deepEqual(seen[0]?.federated, { via: ['federation_a'], hopsLeft: 1 })
    const end = events.at(-1)
    assert.deepEqual(end?.kind === 'end' && [end.served?.worker, end.served?.engine, end.served?.model], [
      ...['garage', 'rentahal-host', 'federation/other'],
    ])
    assert.deepEqual(released, ['garage'])
  })

  it('goes on with the next host while nothing has come, three times at most', async () => {
    const { run, released } = hostRun({ a: 'busy', b: 'answers' })
    assert.equal(textOf(await collect(run)), 'b')
    assert.deepEqual(released, ['a', 'b'])
    const full = hostRun({ a: 'busy', b: 'busy', c: 'busy', d: 'answers' })
    await assert.rejects(collect(full.run), { code: 'ENGINE_BUSY' })
    assert.equal(full.seen.length, 3)
  })

  it('keeps the reason of the first where there is no other, and after content, and for a wrong request', async () => {
    await assert.rejects(collect(hostRun({ a: 'busy' }).run), { code: 'ENGINE_BUSY' })
    await assert.rejects(collect(hostRun({ a: 'cut', b: 'answers' }).run), { code: 'ENGINE_FAILED' })
    await assert.rejects(collect(hostRun({ a: 'blames', b: 'answers' }).run), { code: 'BAD_REQUEST' })
    await assert.rejects(collect(hostRun({ a: 'answers' }, ['a']).run), { code: 'NO_WORKER' })
  })
})
