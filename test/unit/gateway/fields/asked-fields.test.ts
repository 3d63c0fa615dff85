import assert from 'node:assert/strict'
import { askedFields, toSettings } from '../../../../gateway/fields/asked-fields.ts'
import { chatSchema } from '../../../../gateway/openai/chat/chat-schema.ts'
import { FAKE_START, scripted } from '../../../support/fake-node.ts'
import { HELLO, startGateway } from '../../../support/started-gateway.ts'

describe('the fields of a request', () => {
  it('are those in which something is said, nested ones included', () => {
    const body = {
      model: 'm',
      stop: null,
      logit_bias: {},
      user: '',
      made_up: false,
      'a b': 1,
      tools: [{ type: 'function', function: { name: 'f', strict: true } }],
      messages: [
        { role: 'user', name: 'bob', content: [{ type: 'image_url', image_url: { url: 'x', detail: 'low' } }] },
      ],
    }
    const { carried, dropped } = askedFields(body, chatSchema, { settings: true })
    assert.deepEqual(carried, [
      'model',
      'tools',
      'messages',
      'messages[].name',
      'tools[].function.strict',
      'messages[].content[].image_url.detail',
    ])
    assert.deepEqual(dropped, ['made_up'])
    const plain = { tools: [{}], messages: [{ role: 'tool', name: 'f' }] }
    assert.deepEqual(askedFields(plain, chatSchema).carried, ['tools', 'messages'])
  })

  it('are settings only where the endpoint carries them', () => {
    const body = { model: 'm', user: 'bob' }
    assert.deepEqual(askedFields(body, chatSchema, { settings: true }).carried, ['model', 'user'])
    assert.deepEqual(askedFields(body, chatSchema), { carried: ['model'], dropped: ['user'] })
  })

  it('travel by their own name where only some engines know them', () => {
    assert.deepEqual(toSettings({ mirostat: 2, model: 'm', grammar: null, made_up: 1 }), { mirostat: 2 })
    assert.equal(toSettings({ model: 'm' }), undefined)
    assert.throws(() => toSettings({ logit_bias: 5 }), { param: 'logit_bias' })
  })

  for (const stream of [false, true]) {
    it(`are named in the head of an answer ${stream ? 'in pieces' : 'in one piece'} when the engine leaves them out`, async () => {
      const { gateway, node } = await startGateway()
      try {
        const start = { ...FAKE_START, engine: 'ollama' }
        node.script = scripted(start, { kind: 'text', text: 'hi' }, { kind: 'end', finishReason: 'stop' })
        const response = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...HELLO, stream, logit_bias: { '1': -100 }, store: true, mirostat: 1, made_up: 1 }),
        })
        await response.text()
        assert.equal(response.headers.get('x-realmesh-ignored'), 'logit_bias, store, made_up')
        const [asked] = node.asked
        assert.ok(asked?.type === 'chat')
        assert.deepEqual(asked.body.settings, { logit_bias: { '1': -100 }, mirostat: 1 })
      } finally {
        await gateway.stop()
      }
    })
  }
})
