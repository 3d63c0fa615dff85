import assert from 'node:assert/strict'
import { hostname, networkInterfaces } from 'node:os'
import { engineAddress, engineIdentity, isThisMachine } from '../../../engines/engine-identity.ts'

describe('engineAddress', () => {
  const spellings = [
    'http://localhost:8000',
    'http://LOCALHOST:8000/',
    'http://127.0.0.1:8000',
    'http://127.0.0.1:8000//',
    'http://[::1]:8000',
    'http://0.0.0.0:8000',
    'http://localhost:8000/v1',
    'http://localhost:8000/v1/',
  ]
  for (const url of spellings) {
    it(`takes ${url} for the server on port 8000 of this machine`, () => {
      assert.equal(engineAddress('openai', url), 'http://localhost:8000')
    })
  }

  it('knows this machine by its name and by the addresses of its interfaces', () => {
    const [own] = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
    assert.ok(own !== undefined)
    assert.equal(engineAddress('ollama', `http://${own.address}:1`), 'http://localhost:1')
    assert.equal(engineAddress('ollama', `http://${hostname()}:1`), 'http://localhost:1')
  })

  it('goes by place, not by kind: what is asked in another dialect is the same server', () => {
    assert.equal(engineAddress('openai', 'http://rig:11434/v1'), engineAddress('ollama', 'http://rig:11434'))
  })

  const different: readonly (readonly [what: string, a: string, b: string])[] = [
    ['ports', 'http://localhost:8000', 'http://localhost:8001'],
    ['hosts', 'http://rig:8000', 'http://localhost:8000'],
    ['paths', 'http://localhost:8000/a', 'http://localhost:8000/b'],
    ['protocols', 'http://rig:8000', 'https://rig:8000'],
  ]
  for (const [what, a, b] of different) {
    it(`tells engines on different ${what} apart`, () => {
      assert.notEqual(engineAddress('openai', a), engineAddress('openai', b))
    })
  }

  it('tells model files apart, and takes a path and its URL for the same', () => {
    assert.equal(engineAddress('llama', 'file:///models/a.gguf'), engineAddress('llama', '/models/../models/a.gguf'))
    assert.notEqual(engineAddress('llama', 'file:///models/a.gguf'), engineAddress('llama', 'file:///models/b.gguf'))
  })

  it('gives each built-in, and each cloud at its usual address, a place of its own', () => {
    const places = (['builtin/guide', 'builtin/procedural', 'anthropic', 'huggingface'] as const).map((kind) =>
      engineAddress(kind, ''),
    )
    assert.equal(new Set(places).size, places.length)
  })

  it('lets a text that is no address stand for itself', () => {
    assert.equal(engineAddress('ollama', 'not an address'), 'not an address')
  })
})

describe('engineIdentity', () => {
  const spec = { kind: 'openai', url: 'http://localhost:8000' } as const

  it('is equal for the same engine with the same key', () => {
    assert.deepEqual(engineIdentity({ ...spec, apiKey: 'a' }), engineIdentity({ ...spec, apiKey: 'a' }))
  })

  it('differs by key, and does not hold it', () => {
    const identity = engineIdentity({ ...spec, apiKey: 'secret' })
    assert.notDeepEqual(identity, engineIdentity({ ...spec, apiKey: 'other' }))
    assert.notDeepEqual(identity, engineIdentity(spec))
    assert.ok(!JSON.stringify(identity).includes('secret'))
  })

  it('differs by kind, spelling and weights', () => {
    for (const other of [
      engineIdentity({ ...spec, kind: 'vllm' }),
      engineIdentity({ ...spec, url: 'http://127.0.0.1:8000' }),
      engineIdentity(spec, '5 bytes'),
    ]) {
      assert.notDeepEqual(other, engineIdentity(spec))
    }
  })
})

describe('isThisMachine', () => {
  it('does not take a neighbour for this machine', () => {
    assert.deepEqual(['rig.example', '192.0.2.7', '[2001:db8::7]', '128.0.0.1'].map(isThisMachine), [
      false,
      false,
      false,
      false,
    ])
  })
})
