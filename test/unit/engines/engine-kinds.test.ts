import assert from 'node:assert/strict'
import { ENGINE_KINDS, type EngineKind, type EnginePlace, isCloudKind } from '../../../core/model/engine-kind.ts'
import { createEngine } from '../../../engines/engine-kinds.ts'

/** A good address for each place. */
const ADDRESS: Readonly<Record<EnginePlace, string>> = {
  server: 'http://127.0.0.1:1',
  cloud: '',
  host: 'http://127.0.0.1:1',
  file: 'file:///models/tiny.gguf',
  inside: '',
}

describe('createEngine', () => {
  for (const [kind, place] of Object.entries(ENGINE_KINDS) as [EngineKind, EnginePlace][]) {
    it(`makes an engine that calls itself ${kind}`, async () => {
      const engine = createEngine({ kind, url: ADDRESS[place], apiKey: 'sk-test' })
      assert.equal(engine.kind, kind)
      assert.equal(engine.cloud ?? false, isCloudKind(kind))
      assert.doesNotMatch(engine.url, /\/$/)
      await engine.close()
    })
  }

  it('refuses an address that is none', () => {
    for (const url of ['', 'localhost:11434', 'ftp://x', 'not a url']) {
      assert.throws(() => createEngine({ kind: 'ollama', url }), { code: 'CONFIG_INVALID', fix: /ollama=http:/ })
    }
    assert.throws(() => createEngine({ kind: 'anthropic', url: 'claude', apiKey: 'k' }), { code: 'CONFIG_INVALID' })
    assert.throws(() => createEngine({ kind: 'llama', url: '' }), { code: 'CONFIG_INVALID', fix: /llama=file:/ })
  })

  it('leaves cloud engines off without a key, and shows none', () => {
    for (const kind of ['anthropic', 'huggingface'] as const) {
      assert.throws(() => createEngine({ kind, url: '' }), { code: 'CONFIG_INVALID' })
      assert.match(createEngine({ kind, url: '', apiKey: 'sk-secret' }).url, /^https:/)
      assert.doesNotMatch(JSON.stringify(createEngine({ kind, url: '', apiKey: 'sk-secret' })), /sk-secret/)
    }
  })
})
