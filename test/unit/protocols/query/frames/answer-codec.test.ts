import assert from 'node:assert/strict'
import { ERROR_CODES, type ErrorCode, RealmeshError } from '../../../../../core/realmesh-error.ts'
import { decodeFailure, encodeFailure } from '../../../../../protocols/query/frames/answer-codec.ts'

/** Codes that must stay at home, whatever is added to the table of codes. */
const PRIVATE: readonly ErrorCode[] = [
  'STORAGE_FAILED',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'CONFIG_INVALID',
  'INTERNAL',
  'KEY_FILE_BAD',
]

/** Codes by which the request is to blame: the asker needs the reason. */
const REASONED: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'PROMPT_TOO_LARGE',
  'CONTEXT_TOO_LONG',
  'CAPABILITY_MISSING',
  'NODE_LIMIT',
]

/** Reasons as engines gave them, and what must not be told of each. */
const SECRETS: readonly (readonly [reason: string, secret: string])[] = [
  ['failed to load model /home/bob/models/secret.gguf', 'bob'],
  ['cannot open "~/models/x"', 'models'],
  ['in ./secret/file at line 3', 'secret'],
  ['models/secret/file.gguf is no model', 'secret'],
  ['C:\\Users\\bob\\x.gguf is no model', 'bob'],
  ['\\\\nas\\bob\\x is gone', 'bob'],
  ['connect ECONNREFUSED 192.168.1.7:11434', '192'],
  ['connect ECONNREFUSED ::ffff:10.0.0.7', '10.0'],
  ['connect to fe80:0:1:2::3 failed', 'fe80'],
  ['rig.lan:8080 refused', 'rig'],
  ['localhost:8080 refused', 'localhost'],
  ['see https://user:pw@example.com/x for help', 'example'],
  ['Incorrect API key provided: sk-proj-abcdefgh1234', 'abcdefgh'],
  ['token hf_abcdefghijkl is wrong', 'abcdefgh'],
  ['Bearer abc.def is wrong', 'abc'],
  ['key 0123456789abcdef0123456789abcdef is wrong', '0123456789abcdef'],
  ['a\u001b[31mb', '\u001b'],
]

/** Reasons that clients need, and must get whole. */
const NEEDED: readonly string[] = [
  'llama-server answered 400: request (4431 tokens) exceeds the available context size (2048 tokens), try increasing it',
  'vllm answered 400: max_tokens=1500 cannot be greater than max_model_len=512 (parameter=max_tokens, value=1500)',
  'unresolvable $ref #/definitions/Person/name in the schema',
  '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
  'the model Qwen/Qwen2.5-VL-7B-Instruct cannot see images and/or hear audio',
]

describe('a failure on the wire', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    it(`${code} arrives as itself, or as what it means there`, () => {
      const sent = new RealmeshError(code, 'because of /home/me', { fix: 'do this', retryAfterMs: 50 })
      const arrived = decodeFailure(encodeFailure(sent))
      if (code === 'CANCELLED') assert.equal(arrived.code, 'PEER_LOST')
      else if (arrived.code === code && code !== 'ENGINE_FAILED') {
        assert.ok(!PRIVATE.includes(code))
        const { message, fix, retryAfterMs, retryable } = arrived
        assert.doesNotMatch(message, /home/)
        assert.deepEqual([fix, retryAfterMs, retryable], [undefined, 50, sent.retryable])
        assert.equal(/because of/.test(message), REASONED.includes(code), message)
      } else if (code !== 'ENGINE_FAILED') {
        assert.deepEqual([arrived.code, arrived.retryable], ['ENGINE_FAILED', true])
        assert.doesNotMatch(arrived.message, /home/)
      }
    })
  }

  for (const [reason, secret] of SECRETS) {
    it(`tells nothing private of: ${JSON.stringify(reason)}`, () => {
      const told = encodeFailure(new RealmeshError('BAD_REQUEST', `ollama answered 400: ${reason}`)).message
      assert.ok(!told.includes(secret), told)
      assert.match(told, /^ollama answered 400: /)
      const fromPeer = decodeFailure({ code: 'BAD_REQUEST', message: reason, retryable: false }).message
      assert.ok(!fromPeer.includes(secret), fromPeer)
    })
  }

  for (const reason of NEEDED) {
    it(`tells whole: ${reason}`, () => {
      assert.equal(decodeFailure(encodeFailure(new RealmeshError('CAPABILITY_MISSING', reason))).message, reason)
    })
  }

  it('is bounded, whatever a peer says, and takes no advice from it', () => {
    const failure = { code: 'BAD_REQUEST', message: 'x y '.repeat(10_000), retryable: false, fix: 'run this' }
    const { message, fix } = decodeFailure(failure)
    assert.ok(message.length <= 300)
    assert.equal(fix, undefined)
  })

  it('keeps the retryable of the sender', () => {
    const sent = new RealmeshError('ENGINE_FAILED', 'out of memory for this prompt', { retryable: false })
    assert.equal(decodeFailure(encodeFailure(sent)).retryable, false)
  })

  it('never carries a stack or the text of a foreign error', () => {
    const failure = encodeFailure(new TypeError('cannot read /etc/shadow of undefined'))
    assert.doesNotMatch(JSON.stringify(failure), /shadow|at /)
  })

  it('takes a cancel that comes from a peer for a query that the peer dropped', () => {
    const failure = encodeFailure(new DOMException('stop', 'AbortError'))
    const { code, retryable } = decodeFailure({ ...failure, retryable: false })
    assert.deepEqual([failure.code, code, retryable], ['CANCELLED', 'PEER_LOST', true])
  })

  it('takes a code that is unknown, or not a peer’s to use, for a broken protocol', () => {
    for (const code of ['TEAPOT', 'UNAUTHORIZED', 'STORAGE_FULL', 'toString', '__proto__', '']) {
      assert.equal(decodeFailure({ code, message: 'm', retryable: false }).code, 'PROTOCOL_ERROR')
    }
  })

  it('bounds the wait', () => {
    const failure = { code: 'ENGINE_BUSY', message: '', retryable: true, retryAfterMs: 4_294_967_295 }
    assert.equal(decodeFailure(failure).retryAfterMs, 3_600_000)
    assert.equal(decodeFailure(failure).message, 'the engine of the other node is busy')
  })
})
