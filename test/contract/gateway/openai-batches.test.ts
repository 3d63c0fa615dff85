/** Files and batches as the `openai` package uses them. */
import assert from 'node:assert/strict'
import OpenAI, { toFile } from 'openai'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'
import { untilAnswer } from '../../support/until.ts'

type Batch = OpenAI.Batches.Batch

/** Of the bodies of all endpoints what the tests look at. */
interface AnyBody {
  readonly choices?: readonly { readonly text?: string; readonly message?: { readonly content: string } }[]
  readonly output?: readonly { readonly content: readonly { readonly text: string }[] }[]
  readonly data?: readonly { readonly embedding: readonly number[] }[]
  readonly error?: { readonly param: string }
}

interface ResultLine {
  readonly id: string
  readonly custom_id: string
  readonly response: { readonly status_code: number; readonly request_id: string; readonly body: AnyBody } | null
  readonly error: { readonly code: string } | null
}

const line = (id: string, body: object = {}, url = CHAT): string =>
  JSON.stringify({
    custom_id: id,
    method: 'POST',
    url,
    body: { model: 'tiny', ...(url === CHAT && said(id)), ...body },
  })
const waitsFor = (batch: Batch): string | null =>
  (batch as Batch & { realmesh: { waits_for: string | null } }).realmesh.waits_for
const said = (content: string) => ({ messages: [{ role: 'user', content }] })
const CHAT = '/v1/chat/completions'

describe('the openai package with files and batches', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  const upload = async (text: string | Buffer, purpose: 'batch' | 'user_data' = 'batch') =>
    await client.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose })
  const begin = async (
    lines: readonly string[],
    endpoint: Batch['endpoint'] = '/v1/chat/completions',
  ): Promise<Batch> => {
    const file = await upload(lines.join('\n'))
    return await client.batches.create({
      input_file_id: file.id,
      endpoint: endpoint as '/v1/chat/completions',
      completion_window: '24h',
      metadata: { night: 'first' },
    })
  }
  const seen = async (what: string, id: string, fits: (batch: Batch) => boolean): Promise<Batch> =>
    await untilAnswer(what, async () => await client.batches.retrieve(id), fits)
  const ended = async (id: string): Promise<Batch> =>
    await seen('the end of the batch', id, ({ status }) =>
      ['completed', 'failed', 'expired', 'cancelled'].includes(status),
    )
  const results = async (file: string | null | undefined): Promise<ResultLine[]> => {
    const text = await (await client.files.content(file ?? assert.fail('no file'))).text()
    return text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as ResultLine)
  }

  describe('files', () => {
    it('keep every byte, and tell of themselves as OpenAI does', async () => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
      const file = await upload(bytes)
      assert.deepEqual(
        [file.object, file.bytes, file.filename, file.purpose, file.status],
        ['file', bytes.length, 'in.jsonl', 'batch', 'processed'],
      )
      assert.equal((file.expires_at ?? 0) - file.created_at, 30 * 24 * 3600)
      assert.deepEqual(await client.files.retrieve(file.id), file)
      const content = await client.files.content(file.id)
      assert.deepEqual(Buffer.from(await content.arrayBuffer()), bytes)
    })

    it('are listed page by page, by purpose, in either order', async () => {
      const made = []
      for (const purpose of ['batch', 'user_data', 'batch'] as const) made.push(await upload('x', purpose))
      const ids = made.map(({ id }) => id)
      const all = []
      for await (const file of client.files.list({ limit: 1, order: 'asc' })) all.push(file.id)
      assert.deepEqual(all.toSorted(), ids.toSorted())
      const page = await client.files.list({ purpose: 'user_data' })
      assert.deepEqual(
        page.data.map(({ id }) => id),
        [ids[1]],
      )
      await assert.rejects(client.files.list({ after: 'file-none' }), { status: 400, param: 'after' })
    })

    it('are gone once they are deleted', async () => {
      const file = await upload('x')
      assert.deepEqual(await client.files.delete(file.id), { id: file.id, object: 'file', deleted: true })
      await assert.rejects(client.files.retrieve(file.id), { status: 404 })
      await assert.rejects(client.files.content(file.id), { status: 404 })
      assert.equal(started.node.kept.records.rows.size, 1, 'the count of what the user has')
    })

    it('of a form that lacks something leave nothing behind', async () => {
      await assert.rejects(
        client.files.create({ file: await toFile(Buffer.from('x'), 'a'), purpose: 'no' as 'batch' }),
        {
          status: 400,
          param: 'purpose',
        },
      )
      const form = new FormData()
      form.set('purpose', 'batch')
      const answer = await fetch(`${started.gateway.url}/v1/files`, { method: 'POST', body: form })
      assert.equal(answer.status, 400)
      assert.deepEqual((await client.files.list()).data, [])
      assert.equal(started.node.kept.records.rows.size, 1)
      const json = await send(started.port, { path: '/v1/files', body: {} })
      assert.equal(json.status, 415)
    })

    it('are kept as long as their sender wants', async () => {
      const file = await client.files.create({
        file: await toFile(Buffer.from('x'), 'a'),
        purpose: 'batch',
        expires_after: { anchor: 'created_at', seconds: 7200 },
      })
      assert.equal((file.expires_at ?? 0) - file.created_at, 7200)
    })
  })

  describe('a batch', () => {
    it('answers each line as its endpoint does, and tells how it stands', async () => {
      const made = await begin([line('a'), line('b', { n: 2 })])
      assert.deepEqual([made.object, made.status, made.metadata], ['batch', 'validating', { night: 'first' }])
      assert.equal((made.expires_at ?? 0) - made.created_at, 86_400)
      const batch = await ended(made.id)
      assert.equal(batch.status, 'completed')
      assert.deepEqual(batch.request_counts, { total: 2, completed: 2, failed: 0 })
      assert.equal(batch.usage?.total_tokens, 7 + 9)
      assert.equal(batch.error_file_id, null)
      assert.ok(batch.in_progress_at && batch.finalizing_at && batch.completed_at)
      const lines = await results(batch.output_file_id)
      assert.deepEqual(
        lines.map(({ custom_id, error, response }) => [custom_id, error, response?.status_code]),
        [
          ['a', null, 200],
          ['b', null, 200],
        ],
      )
      assert.deepEqual(
        lines[1]?.response?.body.choices?.map(({ message }) => message?.content),
        ['Hello world', 'Hello world'],
      )
      assert.equal(started.node.asked.length, 3)
      assert.ok(started.node.asked.every(({ priority }) => priority === 'batch'))
      assert.deepEqual(started.node.asked.map(({ id }) => id).toSorted(), [
        `${batch.id}.1`,
        `${batch.id}.2`,
        `${batch.id}.2.1`,
      ])
      const file = await client.files.retrieve(batch.output_file_id ?? '')
      assert.deepEqual([file.purpose, file.filename], ['batch_output', `${batch.id}_output.jsonl`])
    })

    for (const [endpoint, body, said] of [
      ['/v1/completions', { prompt: 'go' }, (answer: AnyBody) => answer.choices?.[0]?.text],
      ['/v1/responses', { input: 'hi', store: false }, (answer: AnyBody) => answer.output?.[0]?.content[0]?.text],
    ] as const) {
      it(`asks ${endpoint}`, async () => {
        const batch = await ended((await begin([line('a', body, endpoint)], endpoint)).id)
        const [answer] = await results(batch.output_file_id)
        assert.equal(said(answer?.response?.body ?? assert.fail()), 'Hello world')
      })
    }

    it('asks /v1/embeddings', async () => {
      const vector = { kind: 'embedding', index: 0, vector: new Float32Array([1, 2]) } as const
      started.node.script = scripted(FAKE_START, vector, { kind: 'end', finishReason: 'stop' })
      const batch = await ended((await begin([line('a', { input: 'x' }, '/v1/embeddings')], '/v1/embeddings')).id)
      const [answer] = await results(batch.output_file_id)
      assert.deepEqual(answer?.response?.body.data?.[0]?.embedding, [1, 2])
    })

    it('writes what an endpoint refuses into the error file, in its words', async () => {
      const batch = await ended((await begin([line('a', { temperature: 'hot' }), line('b')])).id)
      assert.deepEqual(batch.request_counts, { total: 2, completed: 1, failed: 1 })
      assert.equal(batch.status, 'completed')
      const [failed] = await results(batch.error_file_id)
      assert.deepEqual([failed?.custom_id, failed?.response?.status_code, failed?.error], ['a', 400, null])
      assert.equal(failed?.response?.body.error?.param, 'temperature')
      assert.equal((await results(batch.output_file_id)).length, 1)
    })

    it('fails before it asks anything when its file is none, and says where', async () => {
      const bad = [
        line('a'),
        '{"custom_id":',
        line('a'),
        line('b', {}, '/v1/embeddings'),
        '{"method":"POST"}',
        '[]',
        '',
      ]
      const batch = await ended((await begin(bad)).id)
      assert.equal(batch.status, 'failed')
      assert.deepEqual(
        batch.errors?.data?.map((each) => [each.line, each.code, each.param]),
        [
          [2, 'invalid_json_line', null],
          [3, 'duplicate_custom_id', 'custom_id'],
          [4, 'mismatched_endpoint', 'url'],
          [5, 'missing_required_parameter', 'custom_id'],
          [6, 'invalid_request', 'line'],
        ],
      )
      assert.equal(started.node.asked.length, 0)
      assert.equal((await ended((await begin(['', ' '])).id)).errors?.data?.[0]?.code, 'empty_file')
    })

    it('is refused for a file or an endpoint that cannot be', async () => {
      const input = (await upload('x', 'user_data')).id
      const ask = (more: object) =>
        client.batches.create({
          input_file_id: input,
          endpoint: '/v1/chat/completions',
          completion_window: '24h',
          ...more,
        })
      await assert.rejects(ask({}), { status: 400, param: 'input_file_id' })
      await assert.rejects(ask({ input_file_id: 'file-none' }), { status: 404 })
      await assert.rejects(ask({ endpoint: '/v1/none' }), { status: 400, param: 'endpoint' })
      await assert.rejects(ask({ completion_window: '24' }), { status: 400, param: 'completion_window' })
    })

    it('is cancelled: what runs ends, what was answered stays', async () => {
      let asked = 0
      started.node.script = async function* (request, signal) {
        asked += 1
        if (asked === 1) return yield* answering('first')(request, signal)
        yield FAKE_START
        await aborted(signal)
        signal.throwIfAborted()
      }
      const { id } = await begin([line('a'), line('b'), line('c')])
      const running = await seen('one line is answered', id, (batch) => batch.request_counts?.completed === 1)
      const inputFile = running.input_file_id
      await assert.rejects(client.files.delete(inputFile), { status: 400 })
      assert.equal((await client.batches.cancel(id)).status, 'cancelling')
      const batch = await ended(id)
      assert.deepEqual([batch.status, batch.request_counts?.completed], ['cancelled', 1])
      assert.ok(batch.cancelling_at && batch.cancelled_at)
      assert.equal((await results(batch.output_file_id)).length, 1)
      assert.equal((await client.batches.cancel(id)).status, 'cancelled')
      await client.files.delete(inputFile)
    })

    it('waits while nothing is idle, and says for what', async () => {
      started.node.script = failing(new RealmeshError('REALM_OVERLOADED', 'all are busy', { retryAfterMs: 60_000 }))
      const { id } = await begin([line('a')])
      const batch = await seen('it says for what it waits', id, (each) => waitsFor(each) === 'all are busy')
      assert.equal(batch.status, 'in_progress')
    })

    it('belongs to its user: to another it is not there', async () => {
      const { id } = await begin([line('a')])
      await assert.rejects(started.node.batches.take('other', id), { code: 'BATCH_NOT_FOUND' })
      await ended(id)
    })

    it('is listed with the others, newest first', async () => {
      const ids = []
      for (const id of ['a', 'b', 'c']) ids.push((await begin([line(id)])).id)
      const listed = []
      for await (const batch of client.batches.list({ limit: 2 })) listed.push(batch.id)
      assert.deepEqual(listed.toSorted(), ids.toSorted())
      for (const id of ids) await ended(id)
    })
  })
})
