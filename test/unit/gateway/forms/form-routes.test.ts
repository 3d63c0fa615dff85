/** Which paths take forms, and how much of them is held at once. */
import assert from 'node:assert/strict'
import fastify, { type FastifyInstance } from 'fastify'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { formOf, parseForms } from '../../../../gateway/forms/form-routes.ts'
import { untilAnswer } from '../../../support/until.ts'

const HELD = 1_000

describe('paths that take forms', () => {
  let app: FastifyInstance
  let url: string
  let release: PromiseWithResolvers<void>
  let entered: PromiseWithResolvers<void>

  beforeEach(async () => {
    release = Promise.withResolvers()
    entered = Promise.withResolvers()
    app = fastify({ forceCloseConnections: true })
    parseForms(app, { maxHeldBytes: HELD })
    app.setErrorHandler((error, _request, reply) =>
      reply.code(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED' ? 429 : 415).send(String(error)),
    )
    const form = { config: { form: { maxFileBytes: HELD } } }
    app.post('/wait', form, async (request) => {
      const { file } = formOf(request)
      entered.resolve()
      await release.promise
      return file?.bytes.length
    })
    app.post('/now', form, async (request) => formOf(request).file?.bytes.length)
    app.post('/plain', async () => 'json')
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(async () => {
    release.resolve()
    await app.close()
  })

  const post = (path: string, bytes: number, signal?: AbortSignal): Promise<Response> => {
    const body = new FormData()
    body.append('file', new Blob([new Uint8Array(bytes)]), 'a')
    return fetch(url + path, { method: 'POST', body, ...(signal !== undefined && { signal }) })
  }

  it('hold no more than there is room for, and have it again once an answer is out', async () => {
    const waiting = post('/wait', 700)
    await entered.promise
    assert.equal((await post('/now', 400)).status, 429)
    assert.equal((await post('/now', 300)).status, 200)
    release.resolve()
    assert.equal(await (await waiting).text(), '700')
    assert.equal((await post('/now', HELD)).status, 200)
  })

  it('have the room again when a client leaves', async () => {
    const life = new AbortController()
    const waiting = post('/wait', HELD, life.signal)
    await entered.promise
    life.abort()
    await assert.rejects(waiting)
    await untilAnswer(
      'the room is free again',
      () => post('/now', HELD),
      ({ status }) => status === 200,
    )
  })

  it('have the room again behind what they refused', async () => {
    for (let i = 0; i < 3; i += 1) assert.equal((await post('/now', HELD + 1)).status, 415)
    assert.equal((await post('/now', HELD)).status, 200)
  })

  it('are only those that say so, and refuse a body that is no form', async () => {
    assert.equal((await post('/plain', 5)).status, 415)
    const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    assert.equal((await fetch(`${url}/now`, json)).status, 415)
  })
})
