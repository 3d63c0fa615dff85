import assert from 'node:assert/strict'
import { ENGINE_KINDS as CONFIGURABLE } from '../../../config/schema/worker-schema.ts'
import {
  createEngine,
  ENGINE_ALIASES,
  ENGINE_KINDS,
  type EngineKind,
  engineKind,
  isCloudKind,
} from '../../../engines/engine-kinds.ts'

describe('engine kinds', () => {
  for (const [kind, row] of Object.entries(ENGINE_KINDS)) {
    it(`makes an engine that calls itself ${kind}`, async () => {
      const file = 'file' in row
      const url = row.builtin ? '' : file ? 'file:///models/tiny.gguf' : 'http://127.0.0.1:1'
      const engine = createEngine({ kind, url, apiKey: 'sk-test' })
      assert.equal(engine.kind, kind)
      assert.equal(engine.cloud ?? false, isCloudKind(kind as EngineKind))
      assert.doesNotMatch(engine.url, /\/$/)
      await engine.close()
    })
  }

  it('are the kinds that realms.yml knows, and the built-ins', () => {
    const named = Object.entries(ENGINE_KINDS).flatMap(([kind, row]) => (row.builtin ? [] : kind))
    assert.deepEqual(named.sort(), [...CONFIGURABLE].sort())
  })

  it('knows the names that people use', () => {
    for (const [alias, kind] of Object.entries(ENGINE_ALIASES)) assert.equal(engineKind(alias), kind)
    assert.equal(engineKind('Ollama'), 'ollama')
  })

  it('names the nearest kind for one that it does not know', () => {
    assert.throws(() => engineKind('olama'), { code: 'CONFIG_INVALID', fix: 'did you mean ollama?' })
    assert.throws(() => engineKind('constructor'), { code: 'CONFIG_INVALID' })
  })

  it('refuses an address that is none', () => {
    for (const url of ['', 'localhost:11434', 'ftp://x', 'not a url']) {
      assert.throws(() => createEngine({ kind: 'ollama', url }), { code: 'CONFIG_INVALID' })
    }
  })

  it('leaves cloud engines off without a key, and shows none', () => {
    for (const kind of ['anthropic', 'huggingface']) {
      assert.throws(() => createEngine({ kind, url: '' }), { code: 'CONFIG_INVALID' })
      assert.match(createEngine({ kind, url: '', apiKey: 'sk-secret' }).url, /^https:/)
      assert.doesNotMatch(JSON.stringify(createEngine({ kind, url: '', apiKey: 'sk-secret' })), /sk-secret/)
    }
  })
})
