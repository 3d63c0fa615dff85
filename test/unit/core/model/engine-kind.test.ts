import assert from 'node:assert/strict'
import {
  BUILTIN_KINDS,
  ENGINE_KINDS,
  isBuiltinKind,
  isCloudKind,
  isNamedEngineKind,
  NAMED_ENGINE_KINDS,
} from '../../../../core/model/engine-kind.ts'

describe('kinds of engines', () => {
  it('are named by an owner, brought along by the node, or another federation’s hosts', () => {
    const elsewhere = ['rentahal-host'] // of federation_hosts
    assert.deepEqual([...NAMED_ENGINE_KINDS, ...BUILTIN_KINDS, ...elsewhere].sort(), Object.keys(ENGINE_KINDS).sort())
    assert.deepEqual(
      NAMED_ENGINE_KINDS.filter((kind) => isBuiltinKind(kind)),
      [],
    )
  })

  it('are known by their exact name only', () => {
    assert.ok(isNamedEngineKind('ollama'))
    for (const text of ['Ollama', 'olama', '', 'constructor', 'builtin/guide', 'rentahal-host'])
      assert.ok(!isNamedEngineKind(text), text)
  })

  it('tell which of them compute on other people\u2019s machines', () => {
    assert.deepEqual(NAMED_ENGINE_KINDS.filter(isCloudKind), ['anthropic', 'huggingface'])
  })
})
