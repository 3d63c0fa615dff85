import assert from 'node:assert/strict'
import { once } from 'node:events'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { MAX_WAITING_TURNS } from '../../../gateway/openai/responses/socket/socket-session.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { SocketClient, spoken } from '../../support/socket-client.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'
import { until } from '../../support/until.ts'

describe('responses over a WebSocket', () => {
  let started: StartedGateway
  let client: SocketClient
  beforeEach(async () => {
    started = await startGateway()
    client = new SocketClient(started.port)
  })
  afterEach(async () => {
    client.socket.terminate()
    await started.gateway.stop()
  })

  const codeOf = (frames: readonly { readonly error?: { readonly code: string } }[]) => frames.at(-1)?.error?.code

  it('have the events of the stream, numbered from the first, one response after another', async () => {
    await client.opened()
    for (let n = 0; n < 2; n += 1) {
      const frames = await client.ask({ input: 'hello' })
      assert.equal(spoken(frames), 'Hello world')
      assert.deepEqual(
        frames.map(({ sequence_number }) => sequence_number),
        frames.map((_, index) => index),
      )
      assert.deepEqual([frames[0]?.type, frames.at(-1)?.response?.status], ['response.created', 'completed'])
    }
  })

  it('go on with each other, with those that are kept, and with those of the connection alone', async () => {
    await client.opened()
    for (const store of [true, false]) {
      const id = (await client.ask({ input: 'one', store })).at(-1)?.response?.id
      await client.ask({ input: 'two', previous_response_id: id, store })
      const { body } = started.node.asked.at(-1) ?? {}
      assert.ok(body !== undefined && 'messages' in body)
      assert.deepEqual(
        body.messages.map(({ content }) => content),
        ['one', 'Hello world', 'two'],
      )
      const again = await new SocketClient(started.port).opened()
      const elsewhere = await again.ask({ input: 'three', previous_response_id: id, store })
      assert.equal(codeOf(elsewhere), store ? undefined : 'previous_response_not_found')
      again.socket.terminate()
    }
    assert.equal(started.node.asked.at(-1)?.keepsTexts, false)
  })

  it('forget what a failed one built on', async () => {
    await client.opened()
    const previous_response_id = (await client.ask({ input: 'one', store: false })).at(-1)?.response?.id
    started.node.script = failing(new RealmeshError('ENGINE_FAILED', 'dead'), FAKE_START, { kind: 'text', text: 'x' })
    const failed = await client.ask({ input: 'two', store: false, previous_response_id })
    assert.equal(failed.at(-1)?.type, 'response.failed')
    started.node.script = answering('x')
    const next = await client.ask({ input: 'three', store: false, previous_response_id })
    assert.equal(codeOf(next), 'previous_response_not_found')
  })

  it('say what is wrong with a message, and go on', async () => {
    await client.opened()
    const wrong: readonly (readonly [string, string | null])[] = [
      ['{', null],
      ['{"type":"response.cancel"}', 'type'],
      ['{"type":"response.create","input":1}', 'input'],
      ['{"type":"response.create","input":"x","background":true}', 'background'],
      [`{"type":"response.create","input":"x","model":${'['.repeat(99)}${']'.repeat(99)}}`, null],
      ['{"type":"response.create","model":"none","input":"x"}', null],
    ]
    for (const [message, param] of wrong) {
      client.socket.send(message)
      const [frame, ...more] = await client.turn()
      assert.deepEqual([frame?.type, frame?.error?.param, more], ['error', param, []], message)
      assert.ok((frame?.status ?? 0) >= 400)
    }
    client.socket.send(Buffer.from('{}'))
    assert.equal((await client.turn())[0]?.type, 'error')
    assert.equal(spoken(await client.ask({ input: 'hello' })), 'Hello world')
  })

  it('wait their turn, so many and no more', async () => {
    const go = Promise.withResolvers<void>()
    started.node.script = async function* (request, signal) {
      await Promise.race([go.promise, aborted(signal)])
      yield* answering('x')(request, signal)
    }
    await client.opened()
    for (let n = 0; n <= MAX_WAITING_TURNS; n += 1) client.send({ type: 'response.create', model: 'tiny', input: 'x' })
    await until('the first runs', () => started.node.asked.length === 1)
    client.send({ type: 'response.create', model: 'tiny', input: 'one too many' })
    assert.equal(codeOf(await client.turn()), 'rate_limit_exceeded')
    go.resolve()
  })

  it('end with their connection, down to the engine', async () => {
    const stopped = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'x' }
      await aborted(signal)
      stopped.resolve()
    }
    await client.opened()
    client.send({ type: 'response.create', model: 'tiny', input: 'x' })
    await client.next()
    client.socket.terminate()
    await stopped.promise
  })

  it('end with a frame that is larger than a body may be', async () => {
    await client.opened()
    const closed = once(client.socket, 'close')
    client.socket.send('x'.repeat(16 * 1024 * 1024 + 1))
    assert.equal((await closed)[0], 1009)
  })

  it('end behind the one that runs when the gateway stops', async () => {
    const go = Promise.withResolvers<void>()
    started.node.script = async function* (request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'half ' }
      await go.promise
      yield* scripted({ kind: 'text', text: 'whole' }, { kind: 'end', finishReason: 'stop' })(request, signal)
    }
    await client.opened()
    const closed = once(client.socket, 'close')
    client.send({ type: 'response.create', model: 'tiny', input: 'x' })
    const first = await client.next()
    const stopping = started.gateway.stop()
    go.resolve()
    assert.equal(spoken([first, ...(await client.turn())]), 'half whole')
    assert.equal((await closed)[0], 1001)
    await stopping
  })

  it('open where requests are let in, and nowhere else', async () => {
    await client.opened()
    const status = async (headers: Record<string, string>, path?: string): Promise<number | undefined> => {
      const other = new SocketClient(started.port, headers, path)
      try {
        await other.opened()
        return 101
      } catch (refused) {
        return (refused as { status?: number }).status
      } finally {
        other.socket.terminate()
      }
    }
    assert.deepEqual(
      [
        await status({ host: 'evil.example' }),
        await status({ origin: 'https://evil.example' }),
        await status({}, '/v1/chat/completions'),
        await status({}, '/v1/responses/'),
      ],
      [403, 403, 400, 101],
    )
  })

  it('need the key where one is needed, for each response', async () => {
    const locked = await startGateway({ apiKeys: [{ hash: hashKey('sesame') }] })
    try {
      await assert.rejects(new SocketClient(locked.port).opened(), { status: 401 })
      const friend = await new SocketClient(locked.port, { authorization: 'Bearer sesame' }).opened()
      assert.equal(spoken(await friend.ask({ input: 'hello' })), 'Hello world')
      locked.gateway.takeKeys([{ hash: hashKey('another') }])
      assert.equal(codeOf(await friend.ask({ input: 'hello' })), 'invalid_api_key')
      friend.socket.terminate()
    } finally {
      await locked.gateway.stop()
    }
  })

  it('are no reason to refuse clients that would like HTTP/2', async () => {
    const headers = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    }
    const got = await send(started.port, { path: '/v1/models', headers })
    assert.equal(got.status, 200)
    const asked = await send(started.port, { path: '/v1/responses', headers, body: { model: 'tiny', input: 'hello' } })
    assert.deepEqual([asked.status, JSON.parse(asked.text).status], [200, 'completed'])
  })
})
