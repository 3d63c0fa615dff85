/** The checker that ends every fault scenario finds each thing that it promises to find. */
import assert from 'node:assert/strict'
import { type Attempt, RECEIPT_VERSION, type RouteReceipt } from '../../core/query/receipt.ts'
import { ClientJournal } from '../support/client-journal.ts'
import { type StubEvent, StubJournal } from '../support/engines/stub-journal.ts'
import { checkJournals } from '../support/journal-check.ts'

const ATTEMPT: Attempt = { node: 'rig', startedMs: 0, tookMs: 1, events: 1, outcome: 'served' }

function receiptOf(changes: Partial<RouteReceipt> = {}): RouteReceipt {
  return {
    version: RECEIPT_VERSION,
    id: 'id',
    type: 'chat',
    realm: '$CHAT',
    scope: 'home',
    modelAsked: 'tiny',
    attempts: [ATTEMPT],
    continued: false,
    hedged: false,
    at: 0,
    totalMs: 1,
    overheadUs: 1,
    outcome: 'served',
    ...changes,
  }
}

/** One query as it should go; tests break it in one place. */
function story() {
  const clients = new ClientJournal()
  const entry = clients.submitted('mark', 'the whole answer')
  entry.id = 'id'
  const engine = new StubJournal()
  const run = (query: number, end: StubEvent | undefined, prefill = ''): void => {
    engine.write({ event: 'start', query, prefill, body: { messages: [{ role: 'user', content: 'mark' }] } })
    if (end !== undefined) engine.write({ event: end, query })
  }
  const check = (receipt: RouteReceipt | undefined = receiptOf()) =>
    checkJournals({ clients, engines: [engine], receipt: async () => receipt })
  return { clients, entry, engine, run, check }
}

describe('journal check', () => {
  it('passes a query that was served once', async () => {
    const { entry, run, check } = story()
    run(1, 'end')
    entry.endings.push({ kind: 'done', text: 'the whole answer' })
    const { endings, runs } = await check()
    assert.deepEqual({ endings, runs }, { endings: { done: 1 }, runs: 1 })
  })

  it('passes a query that was tried again, when its receipt says so', async () => {
    const { entry, run, check } = story()
    run(1, 'fail')
    run(2, 'end', 'the whole')
    entry.endings.push({ kind: 'done', text: 'the whole answer' })
    await check(receiptOf({ attempts: [{ ...ATTEMPT, outcome: 'PEER_LOST' }, ATTEMPT], continued: true }))
  })

  it('passes the beginning of an answer with a stable code', async () => {
    const { entry, run, check } = story()
    run(1, 'cancel')
    entry.endings.push({ kind: 'answer_cut', text: 'the wh' })
    await check(receiptOf({ outcome: 'ANSWER_CUT' }))
  })

  const BROKEN: Readonly<Record<string, (made: ReturnType<typeof story>) => RouteReceipt | undefined>> = {
    'never ended': ({ run }) => {
      run(1, 'end')
      return receiptOf()
    },
    'ended twice': ({ entry, run }) => {
      run(1, 'end')
      entry.endings.push({ kind: 'done', text: 'the whole answer' }, { kind: 'timeout', text: '' })
      return receiptOf()
    },
    'ended with a word that is no code': ({ entry, run }) => {
      run(1, 'end')
      entry.endings.push({ kind: 'broken: socket hang up', text: '' })
      return receiptOf()
    },
    'ran twice without a word in the receipt': ({ entry, run }) => {
      run(1, 'fail')
      run(2, 'end')
      entry.endings.push({ kind: 'done', text: 'the whole answer' })
      return receiptOf()
    },
    'mixed two texts': ({ entry, run }) => {
      run(1, 'end')
      entry.endings.push({ kind: 'done', text: 'the the whole answer' })
      return receiptOf()
    },
    'lost a piece in the middle before its error': ({ entry, run }) => {
      run(1, 'fail')
      entry.endings.push({ kind: 'answer_cut', text: 'the answer' })
      return receiptOf()
    },
    'was handed over with a text that nobody sent': ({ entry, run }) => {
      run(1, 'end', 'a whole')
      entry.endings.push({ kind: 'done', text: 'the whole answer' })
      return receiptOf({ continued: true })
    },
    'was continued in secret': ({ entry, run }) => {
      run(1, 'end', 'the')
      entry.endings.push({ kind: 'done', text: 'the whole answer' })
      return receiptOf()
    },
    'was asked by nobody': ({ clients, run }) => {
      clients.queries.clear()
      run(1, 'end')
      return receiptOf()
    },
    'was served and has a receipt of a failure': ({ entry, run }) => {
      run(1, 'end')
      entry.endings.push({ kind: 'done', text: 'the whole answer' })
      return receiptOf({ outcome: 'TIMEOUT' })
    },
  }
  for (const [what, breakIt] of Object.entries(BROKEN)) {
    it(`finds a query that ${what}`, async () => {
      const made = story()
      const receipt = breakIt(made)
      await assert.rejects(made.check(receipt), assert.AssertionError)
    })
  }
})
