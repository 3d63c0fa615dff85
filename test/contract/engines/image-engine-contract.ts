/** What every engine that draws must do: run by each adapter against the stub of its kind. */
import assert from 'node:assert/strict'
import type { ImagineBody, ImagineQuery } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { Engine } from '../../../engines/adapter/engine.ts'
import { loadSharp } from '../../../engines/images/load-sharp.ts'
import { collect } from '../../support/collect.ts'
import { stubPng } from '../../support/engines/stub-image.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'

/** The path of a drawing that begins with a picture, and the names of its fields. */
export interface EditFields {
  readonly path: string
  readonly image: string
  readonly mask: string
  readonly strength: string
  /** Where all pictures stand; absent where one is taken. */
  readonly references?: string
}

export interface ImageEngineContractInit {
  readonly name: string
  readonly stub: (knobs: Partial<StubKnobs>) => Promise<StubServer>
  readonly engine: (url: string) => Engine
  readonly can: {
    /** Whether a running job can be stopped. */
    readonly interrupt: boolean
    readonly preview: boolean
    /** Whether progress comes as fractions. */
    readonly fractions: boolean
    readonly load: boolean
    /** How a picture to begin with is sent: fields, or a graph with a test of its own. */
    readonly edits: EditFields | 'graph'
  }
}

export function imageEngineContract({ name, stub: makeStub, engine: makeEngine, can }: ImageEngineContractInit): void {
  describe(`image engine contract: ${name}`, () => {
    const open: { close(): Promise<void> }[] = []
    const never = new AbortController().signal

    async function setUp(knobs: Partial<StubKnobs> = {}): Promise<{ stub: StubServer; engine: Engine }> {
      const stub = await makeStub({ tokens: 4, ...knobs })
      const engine = makeEngine(stub.url)
      open.push(engine, { close: () => stub.stop() })
      return { stub, engine }
    }

    function ask(
      engine: Engine,
      body: Partial<ImagineBody> = {},
      signal = never,
      id = 'q-1',
    ): AsyncIterable<QueryEvent> {
      const query: ImagineQuery = {
        ...chatQuery({ id, model: 'tiny' }),
        type: 'imagine',
        body: { prompt: 'a rig', seed: 7, ...body },
      }
      return engine.run(query, { signal })
    }

    afterEach(async () => {
      for (const each of open.splice(0)) await each.close()
    })

    it('hands the trace of a query on', async () => {
      const { stub, engine } = await setUp()
      const seen: unknown[] = []
      stub.server.on('request', ({ method, headers }) => {
        if (method === 'POST') seen.push(headers['traceparent'])
      })
      const trace = { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
      const query: ImagineQuery = { ...chatQuery({ model: 'tiny' }), type: 'imagine', body: { prompt: 'a rig' }, trace }
      await collect(engine.run(query, { signal: never }))
      assert.ok(seen.includes(trace.parent))
    })

    it('lists its models as models that draw', async () => {
      const { engine } = await setUp()
      const models = await engine.models({ signal: never })
      assert.deepEqual(
        models.map((model) => [model.name, model.types]),
        [['tiny', ['imagine']]],
      )
    })

    it('draws the image that was asked for and ends once', async () => {
      const { engine } = await setUp()
      const events = await collect(ask(engine))
      const images = events.filter((event) => event.kind === 'image')
      assert.equal(images.length, 1)
      assert.equal(images[0]?.mediaType, 'image/png')
      assert.deepEqual(Buffer.from(images[0]?.data ?? []), stubPng('a rig', 7))
      assert.equal(images[0]?.seed, 7)
      assert.equal(events.at(-1)?.kind, 'end')
      assert.equal(events.filter((event) => event.kind === 'end').length, 1)
    })

    it('draws as many as were asked for', async () => {
      const { engine } = await setUp()
      const events = await collect(ask(engine, { count: 3 }))
      assert.deepEqual(
        events.filter((event) => event.kind === 'image').map((event) => Buffer.from(event.data)),
        [7, 8, 9].map((seed) => stubPng('a rig', seed)),
      )
    })

    it('sends size, steps, guidance and what must not be seen', async () => {
      const { stub, engine } = await setUp()
      await collect(ask(engine, { width: 640, height: 384, steps: 11, guidance: 3.5, negativePrompt: 'fog' }))
      const { body } = await stub.journal.waitFor('start')
      const text = JSON.stringify(body)
      for (const wanted of ['640', '384', '11', '3.5', '"fog"'])
        assert.ok(text.includes(wanted), `${wanted} in ${text}`)
    })

    it('tells how far it is', async () => {
      const { stub, engine } = await setUp({ pauseAfter: 2 })
      const seen: QueryEvent[] = []
      for await (const event of ask(engine)) {
        seen.push(event)
        if (event.kind === 'progress' && (!can.fractions || event.fraction >= 0.5)) stub.release()
      }
      const progress = seen.filter((event) => event.kind === 'progress')
      assert.ok(progress.length > 0)
      if (can.fractions) assert.ok(progress.some((event) => event.fraction >= 0.5))
      if (can.preview) assert.ok(progress.some((event) => event.preview?.mediaType === 'image/png'))
      assert.equal(seen.at(-1)?.kind, 'end')
    })

    it('takes a job out of the queue when its query is cancelled, and leaves the running one alone', async () => {
      const { stub, engine } = await setUp({ pauseAfter: 1 })
      const first = collect(ask(engine, {}, never, 'first'))
      await stub.journal.waitFor('load')
      const cancel = new AbortController()
      const second = collect(ask(engine, { prompt: 'other' }, cancel.signal, 'second'))
      await stub.journal.waitFor('start', (entry) => entry.query === 2)
      cancel.abort()
      await assert.rejects(second, { code: 'CANCELLED' })
      if (can.interrupt && name.startsWith('automatic1111')) {
        // Nothing can be taken out of that queue: the job is stopped when its turn comes.
        assert.equal(stub.journal.count('interrupt'), 0)
        stub.release()
        await first
        if (name.includes('without names')) return
        assert.equal((await stub.journal.waitFor('interrupt')).query, 2)
        return
      }
      await stub.journal.waitFor('cancel', (entry) => entry.query === 2)
      assert.equal(stub.journal.count('interrupt'), 0)
      stub.release()
      assert.ok((await first).some((event) => event.kind === 'image'))
    })

    if (can.interrupt) {
      it('interrupts the running job when its query is cancelled', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 2 })
        const cancel = new AbortController()
        const seen: QueryEvent[] = []
        await assert.rejects(
          async () => {
            for await (const event of ask(engine, {}, cancel.signal)) {
              seen.push(event)
              if (event.kind === 'progress' && event.fraction >= 0.5) cancel.abort()
            }
          },
          { code: 'CANCELLED' },
        )
        const noticed = await stub.journal.waitFor('interrupt')
        assert.equal(noticed.query, 1)
        assert.equal(seen.filter((event) => event.kind === 'image').length, 0)
      })

      it('interrupts the running job when the reader leaves', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 2 })
        for await (const event of ask(engine)) if (event.kind === 'progress') break
        assert.equal((await stub.journal.waitFor('interrupt')).query, 1)
      })
    }

    if (can.load) {
      it('tells its load', async () => {
        const { stub, engine } = await setUp({ pauseAfter: 1 })
        const answer = collect(ask(engine))
        await stub.journal.waitFor('load')
        const load = await engine.load?.({ signal: never })
        assert.equal(load?.running, 1)
        assert.equal(load?.vramFreeBytes, 3e9)
        stub.release()
        await answer
      })
    }

    for (const [fail, code] of [
      ['error', 'ENGINE_FAILED'],
      ['busy', 'ENGINE_BUSY'],
      ['garbage', 'ENGINE_GARBAGE'],
    ] as const) {
      it(`calls it ${code} when the engine answers with ${fail}`, async () => {
        const { engine } = await setUp({ fail })
        await assert.rejects(collect(ask(engine)), { code, retryable: true })
      })
    }

    it('fails when the job fails on the way', async () => {
      const { engine } = await setUp({ fail: 'cut', failAfter: 2 })
      await assert.rejects(collect(ask(engine)), { code: 'ENGINE_FAILED', retryable: true })
    })

    it('can be cancelled while the engine says nothing', async () => {
      const { stub, engine } = await setUp({ fail: 'hang' })
      const cancel = new AbortController()
      const answer = collect(ask(engine, {}, cancel.signal))
      await stub.journal.waitFor('load')
      cancel.abort()
      await assert.rejects(answer, { code: 'CANCELLED' })
    })

    it('fails when nobody listens', async () => {
      const { stub, engine } = await setUp()
      await stub.stop()
      await assert.rejects(collect(ask(engine)), { code: 'ENGINE_FAILED', retryable: true })
      await assert.rejects(engine.probe({ signal: never }), { code: 'ENGINE_FAILED' })
    })

    const { edits } = can
    it('refuses pictures that it would leave out', async () => {
      const { stub, engine } = await setUp()
      const image = { mediaType: 'image/png', data: stubPng('a', 1) }
      const several = typeof edits === 'object' && edits.references !== undefined
      assert.equal((await engine.models({ signal: never }))[0]?.capabilities.references === true, several)
      if (several) return
      await assert.rejects(collect(ask(engine, { image, references: [image] })), { code: 'CAPABILITY_MISSING' })
      assert.equal(stub.journal.count('start'), 0)
    })

    if (typeof edits === 'object') {
      it('begins with a picture of its size, under a mask that is white where the one that was sent is transparent', async () => {
        const { stub, engine } = await setUp()
        const sharp = await loadSharp()
        const of = (alpha: number): Promise<Buffer> =>
          sharp({ create: { width: 67, height: 40, channels: 4, background: { r: 9, g: 9, b: 9, alpha } } })
            .png()
            .toBuffer()
        const image = { mediaType: 'image/png', data: await of(1) }
        const mask = { mediaType: 'image/png', data: await of(0) }
        const more = edits.references === undefined ? {} : { references: [mask] }
        const events = await collect(ask(engine, { image, mask, strength: 0.4, ...more }))
        assert.equal(events.filter((event) => event.kind === 'image').length, 1)
        const { path, body } = await stub.journal.waitFor('start')
        const sent = body as Record<string, unknown>
        assert.equal(path, edits.path)
        assert.deepEqual([sent['width'], sent['height'], sent[edits.strength]], [64, 40, 0.4])
        assert.equal([sent[edits.image]].flat()[0], image.data.toString('base64'))
        assert.equal((await engine.models({ signal: never }))[0]?.capabilities.edits, true)
        const grey = await sharp(Buffer.from(String(sent[edits.mask]), 'base64'))
          .raw()
          .toBuffer()
        assert.deepEqual([...new Set(grey)], [255])
        if (edits.references === undefined) return
        const all = [image, mask].map(({ data }) => data.toString('base64'))
        assert.deepEqual(sent[edits.references], all)
      })
    }

    it('refuses a conversation, and too many images', async () => {
      const { engine } = await setUp()
      await assert.rejects(collect(engine.run(chatQuery({ model: 'tiny' }), { signal: never })), {
        code: 'CAPABILITY_MISSING',
      })
      await assert.rejects(collect(ask(engine, { count: 17 })), { code: 'BAD_REQUEST' })
    })
  })
}
