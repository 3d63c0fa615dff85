import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import type { Asked } from '../../../../../gateway/answer/submit.ts'
import { inTurn } from '../../../../../gateway/rentahal/query/in-turn.ts'
import type { PlannedStep } from '../../../../../gateway/rentahal/query/steps.ts'
import { collect } from '../../../../support/collect.ts'
import { FAKE_START } from '../../../../support/fake-node.ts'

const chat: PlannedStep = (said) => ({ type: 'chat', model: '', body: { messages: [{ role: 'user', content: said }] } })
const { signal } = new AbortController()

describe('queries in turn', () => {
  const ids: (string | undefined)[] = []
  const asked: Asked[] = []
  beforeEach(() => {
    ids.length = 0
    asked.length = 0
  })

  /** Each says its number. */
  const components = (idGiven?: string) => ({
    idGiven,
    submit: (one: Asked | undefined, _life: unknown, id?: string) => {
      if (one !== undefined) asked.push(one)
      ids.push(id)
      const turn = asked.length
      async function* events(): AsyncGenerator<QueryEvent> {
        yield { kind: 'queued', position: 1, estimatedWaitMs: 5 }
        yield FAKE_START
        yield { kind: 'text', text: ` turn ${turn} ` }
        yield { kind: 'end', finishReason: 'stop' }
      }
      return { id: `q-${turn}`, events: events() }
    },
  })

  it('are the answer of the last, made of what those before it said, with the waits of all', async () => {
    const { id, events } = inTurn(components('mine'), [chat, chat, chat], signal)
    const seen = await collect(events)
    assert.equal(id, 'q-1')
    const kinds = ['queued', 'start', 'queued', 'start', 'queued', 'start', 'text', 'end']
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      kinds,
    )
    assert.deepEqual(
      asked.map((one) => one.type === 'chat' && one.body.messages[0]?.content),
      ['', 'turn 1', 'turn 2'],
    )
    assert.deepEqual(ids, [undefined, 'mine.1', 'mine.2'])
  })

  it('are the query itself where there is one', async () => {
    const seen = await collect(inTurn(components(), [chat], signal).events)
    assert.equal(seen.filter(({ kind }) => kind === 'text').length, 1)
  })

  it('end with the first that fails, and ask no more', async () => {
    const failing = {
      idGiven: undefined,
      submit: (one: Asked | undefined) => {
        if (one !== undefined) asked.push(one)
        // biome-ignore lint/correctness/useYield: it fails before it says anything
        async function* events(): AsyncGenerator<QueryEvent> {
          throw new RealmeshError('NO_WORKER', 'nobody hears')
        }
        return { id: 'q', events: events() }
      },
    }
    await assert.rejects(collect(inTurn(failing, [chat, chat], signal).events), { code: 'NO_WORKER' })
    assert.equal(asked.length, 1)
  })
})
