import assert from 'node:assert/strict'
import type { EngineKind } from '../../../../core/model/engine-kind.ts'
import { engineIdentity } from '../../../../engines/engine-identity.ts'
import type { PlannedWorker } from '../../../../node/roster/planned-worker.ts'
import {
  type RosterChange,
  type RosterWishes,
  rosterChanges,
  wantedWorkers,
} from '../../../../node/roster/roster-changes.ts'
import type { WorkerSettings } from '../../../../workers/owner/worker-settings.ts'

interface Sketch extends Partial<Omit<WorkerSettings, 'name'>> {
  readonly kind?: EngineKind
  readonly key?: string
  readonly weights?: string
}

const PORT_1 = 'http://127.0.0.1:1'
const PORT_2 = 'http://127.0.0.1:2'

function plan(name: string, url = PORT_1, { kind = 'openai', key, weights, ...rules }: Sketch = {}): PlannedWorker {
  const spec = { kind, url, ...(key === undefined ? {} : { apiKey: key }) }
  return { spec, identity: engineIdentity(spec, weights), settings: { name, ...rules } }
}

const nothing: RosterWishes = { named: [], addressed: [], builtin: [], found: [], barred: new Set() }

const namesOf = (plans: readonly PlannedWorker[]): readonly string[] => plans.map(({ settings }) => settings.name)

/** Each change in one word or two. */
function told(changes: readonly RosterChange[]): readonly string[] {
  return changes.map((change) => {
    if (change.kind === 'add') return `add ${change.plan.settings.name}`
    if (change.kind === 'remove') return `remove ${change.name}`
    return `${change.kind} ${change.name} as ${change.plan.settings.name}`
  })
}

describe('wantedWorkers', () => {
  it('takes the named, the addressed, the built-ins and the found, in this order', () => {
    const wanted = wantedWorkers({
      ...nothing,
      named: [plan('named')],
      addressed: [plan('addressed', PORT_2)],
      builtin: [plan('guide', '', { kind: 'builtin/guide' })],
      found: [plan('found', 'http://127.0.0.1:3')],
    })
    assert.deepEqual(namesOf(wanted), ['named', 'addressed', 'guide', 'found'])
  })

  const twins: readonly (readonly [what: string, wishes: Partial<RosterWishes>])[] = [
    ['found', { found: [plan('found', 'http://localhost:1/')] }],
    ['addressed', { addressed: [plan('addressed', 'http://[::1]:1/v1')] }],
    ['found as another kind', { found: [plan('found', PORT_1, { kind: 'vllm' })] }],
  ]
  for (const [what, wishes] of twins) {
    it(`gives a named engine that was ${what} too no second worker`, () => {
      assert.deepEqual(namesOf(wantedWorkers({ ...nothing, named: [plan('attic')], ...wishes })), ['attic'])
    })
  }

  it('lets the owner name one engine twice', () => {
    const named = [plan('chat', PORT_1, { realms: ['$CHAT'] }), plan('vision', PORT_1, { realms: ['$VISION'] })]
    assert.deepEqual(namesOf(wantedWorkers({ ...nothing, named })), ['chat', 'vision'])
  })

  it('gives an engine that is barred no worker unless it is named', () => {
    const barred = new Set([plan('x').identity.address])
    assert.deepEqual(wantedWorkers({ ...nothing, barred, found: [plan('found')], addressed: [plan('addressed')] }), [])
    assert.deepEqual(namesOf(wantedWorkers({ ...nothing, barred, named: [plan('attic')] })), ['attic'])
  })

  it('gives each worker a name of its own; the owner’s choice comes first', () => {
    const wanted = wantedWorkers({
      ...nothing,
      named: [plan('openai-2', PORT_1)],
      addressed: [plan('openai-2', PORT_2), plan('openai-2', 'http://127.0.0.1:3')],
    })
    assert.deepEqual(namesOf(wanted), ['openai-2', 'openai-2-2', 'openai-2-3'])
  })
})

describe('rosterChanges', () => {
  it('does nothing when nothing changed', () => {
    assert.deepEqual(rosterChanges([plan('a'), plan('b', PORT_2)], [plan('b', PORT_2), plan('a')]), [])
  })

  it('adds what is new and removes what is gone', () => {
    assert.deepEqual(told(rosterChanges([plan('a')], [plan('b', PORT_2)])), ['add b', 'remove a'])
  })

  it('gives new rules to a worker that goes on', () => {
    assert.deepEqual(told(rosterChanges([plan('a')], [plan('a', PORT_1, { slots: 2 })])), ['configure a as a'])
  })

  it('lets a worker that was found go on under the name and the rules that the owner gives it', () => {
    const changes = rosterChanges([plan('openai-1')], [plan('attic', PORT_1, { scope: 'local' })])
    assert.deepEqual(told(changes), ['configure openai-1 as attic'])
  })

  const exchanged: readonly (readonly [what: string, before: Sketch, after: Sketch])[] = [
    ['key', { key: 'old' }, { key: 'new' }],
    ['kind', { kind: 'openai' }, { kind: 'vllm' }],
    ['model file', { kind: 'llama', weights: 'old' }, { kind: 'llama', weights: 'new' }],
  ]
  for (const [what, before, after] of exchanged) {
    it(`replaces a worker whose ${what} changed`, () => {
      assert.deepEqual(told(rosterChanges([plan('a', PORT_1, before)], [plan('a', PORT_1, after)])), ['replace a as a'])
    })
  }

  it('replaces a worker whose address is written in another way: the old way may not have worked', () => {
    assert.deepEqual(told(rosterChanges([plan('a', 'http://localhost:1')], [plan('a', PORT_1)])), ['replace a as a'])
  })

  it('replaces a worker that was found by one that reaches the same engine in another way', () => {
    assert.deepEqual(told(rosterChanges([plan('openai-1')], [plan('attic', PORT_1, { key: 'k' })])), [
      'replace openai-1 as attic',
    ])
  })

  it('lets the worker that had the name go on under another one, when the owner gives its name to a new engine', () => {
    const changes = rosterChanges([plan('a', PORT_1)], [plan('a', PORT_2), plan('a-2', PORT_1)])
    assert.deepEqual(told(changes), ['add a', 'configure a as a-2'])
  })

  it('never gives two workers the same name on the way, when two swap theirs', () => {
    const changes = rosterChanges([plan('a', PORT_1), plan('b', PORT_2)], [plan('a', PORT_2), plan('b', PORT_1)])
    assert.deepEqual(told(changes), ['replace a as a', 'replace b as b'])
  })

  it('tells two workers on one engine apart by their names', () => {
    const running = [plan('a', PORT_1), plan('b', PORT_1)]
    assert.deepEqual(rosterChanges(running, [...running].reverse()), [])
    assert.deepEqual(told(rosterChanges(running, [plan('b', PORT_1)])), ['remove a'])
  })
})
