import assert from 'node:assert/strict'
import { pathMeant } from '../../../../gateway/request/path-meant.ts'

describe('the path that a client means', () => {
  const meant: readonly (readonly [string, string])[] = [
    ['/v1/models', '/v1/models'],
    ['/v1//models', '/v1/models'],
    ['//v1/models', '/v1/models'],
    ['/v1/models/', '/v1/models'],
    ['/v1/models///', '/v1/models'],
    ['/v1/models/?limit=//', '/v1/models?limit=//'],
    ['/v1/v1/models', '/v1/models'],
    ['/v1/v1/v1/chat/completions', '/v1/chat/completions'],
    ['/v1/models/acme/smol:135m', '/v1/models/acme/smol:135m'],
    ['/v1/models/a%2F%2Fb', '/v1/models/a%2F%2Fb'],
    ['/chat/completions', '/v1/chat/completions'],
    ['//chat/completions/', '/v1/chat/completions'],
    ['/models', '/v1/models'],
    ['/models/acme/smol', '/v1/models/acme/smol'],
    ['/embeddings', '/v1/embeddings'],
    ['/api/models', '/api/models'],
    ['/api/status/', '/api/status'],
    ['/chat', '/chat'],
    ['/chatter', '/chatter'],
    ['/', '/'],
    ['//', '/'],
    ['/?a=/', '/?a=/'],
    ['*', '*'],
    ['http://127.0.0.1//v1/', 'http://127.0.0.1//v1/'],
  ]
  for (const [url, path] of meant) {
    it(`is ${path} for ${url}`, () => {
      assert.equal(pathMeant(url), path)
    })
  }

  it('is found in the longest path at once', () => {
    assert.equal(pathMeant('/v1'.repeat(5_000)), '/v1')
    assert.equal(pathMeant('/'.repeat(16_000)), '/')
  })
})
