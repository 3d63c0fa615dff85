import assert from 'node:assert/strict'
import { packageFile } from '../../../../bin/cli/version.ts'
import { engineReport } from '../../../../bin/daemon/engine-report.ts'

const ollama = { kind: 'ollama', url: 'http://127.0.0.1:11434', version: '0.9.0', fingerprint: '/api/version' } as const
const closed = [11434, 8080, 8188].map((port) => ({
  url: `http://127.0.0.1:${port}`,
  listening: false,
  closed: true,
  reason: 'the server cannot be reached (ECONNREFUSED)',
}))
const gateway = {
  url: 'http://127.0.0.1:5001',
  listening: true,
  closed: false,
  reason: 'a realmesh node, not an engine',
}

describe('the report on engines', () => {
  it('tells on one line where nothing listens', () => {
    assert.deepEqual(engineReport({ found: [], refused: closed }, undefined).split('\n'), [
      `no engine found; ${packageFile('engines/README.md')} says how to run one, --engine KIND=URL names one elsewhere`,
      '',
      'nothing listens at 127.0.0.1:11434 :8080 :8188',
      '',
    ])
  })

  it('keeps its sentences to the width of the terminal', () => {
    const lines = engineReport({ found: [], refused: closed }, undefined, 60).split('\n')
    const file = packageFile('engines/README.md')
    assert.deepEqual(
      lines.filter((line) => line.length > 60 && !line.includes(file)),
      [],
    )
    assert.ok(lines.some((line) => line.startsWith('  ') && line.includes('KIND=URL')))
  })

  it('gives what listens and is not used a line with the reason', () => {
    const text = engineReport({ found: [ollama], refused: [...closed, gateway] }, [])
    assert.match(text, /^ollama +http:\/\/127\.0\.0\.1:11434 +0\.9\.0 +\/api\/version$/m)
    assert.match(text, /^http:\/\/127\.0\.0\.1:5001 +a realmesh node, not an engine$/m)
    assert.doesNotMatch(text, /no engine found/)
  })

  it('says why a host that is named was not reached', () => {
    const slow = { url: 'http://192.0.2.1:1', listening: false, closed: false, reason: 'the server did not answer' }
    assert.match(engineReport({ found: [], refused: [slow] }, undefined), /192\.0\.2\.1:1 +the server did not answer/)
  })

  it('does not claim that nothing is found when the running node has engines of its own', () => {
    const worker = { engine: 'ollama', url: 'http://192.0.2.7:11434/', healthy: true }
    const text = engineReport({ found: [], refused: closed }, [worker])
    assert.match(text, /^THE NODE USES +URL\nollama +http:\/\/192\.0\.2\.7:11434\/$/m)
    assert.doesNotMatch(text, /no engine found/)
  })

  it('names an engine once, whether the look or the node knows it, and leaves built-in ones out', () => {
    const text = engineReport({ found: [ollama], refused: [] }, [
      { engine: 'ollama', url: `${ollama.url}/`, healthy: true },
      { engine: 'openai', url: ollama.url.replace('127.0.0.1', 'localhost'), healthy: true },
      { engine: 'builtin/guide', url: 'builtin:', healthy: true },
    ])
    assert.doesNotMatch(text, /THE NODE USES/)
  })

  it('tells why the node does not use an engine that was found', () => {
    const worker = { engine: 'ollama', url: ollama.url, healthy: false, reason: 'taken out by the owner' }
    assert.match(engineReport({ found: [ollama], refused: [] }, [worker]), /^ollama .* taken out by the owner$/m)
  })

  it('tells why an engine of the node is down', () => {
    const worker = { engine: 'ollama', url: gateway.url, healthy: false, reason: 'does not answer' }
    const text = engineReport({ found: [], refused: [gateway] }, [worker])
    assert.match(text, /^ollama +http:\/\/127\.0\.0\.1:5001 +does not answer$/m)
    assert.doesNotMatch(text, /NOT USED/)
  })
})
