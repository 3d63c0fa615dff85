import assert from 'node:assert/strict'
import type { ChatQuery } from '../../../../core/query/query.ts'
import type { ErrorCode } from '../../../../core/realmesh-error.ts'
import { type ModelReach, whyNoPlace } from '../../../../node/route/why-no-place.ts'
import { chatQuery } from '../../../support/query.ts'
import { emptyReach } from '../../../support/reach.ts'

const isOffered = (): boolean => true
const tooLong = {
  code: 'CONTEXT_TOO_LONG',
  message: 'about 9 tokens do not fit into the 8 of tiny',
  nearness: 9,
} as const

const WHY: readonly (readonly [string, Partial<ChatQuery>, Partial<ModelReach>, ErrorCode, RegExp])[] = [
  ['nobody has the model', {}, {}, 'MODEL_NOT_FOUND', /offers the model tiny/],
  ['all who have it are down', {}, { isOffered }, 'NO_WORKER', /down or has failed/],
  ['who had it was lost lately', {}, { wasOffered: isOffered }, 'NO_WORKER', /down or has failed/],
  [
    'only a wider scope reaches it',
    {},
    { isOffered: (_q, scope) => scope === 'public' },
    'NO_WORKER',
    /outside the scope home/,
  ],
  ['those who have it do not share', {}, { unshared: () => 1 }, 'SHARE_REFUSED', /own federation or friends only/],
  ['an engine still loads what may be it', {}, { isLoading: () => true }, 'ENGINE_LOADING', /still loads its model/],
  ['there is no engine at all', { model: 'auto' }, {}, 'NO_WORKER', /a model for chat/],
  [
    'the prompt is too long for it',
    {},
    { misfit: () => tooLong },
    'CONTEXT_TOO_LONG',
    /^about 9 tokens .* the 8 of tiny/,
  ],
  [
    'the prompt is too long for all',
    { model: 'auto' },
    { misfit: () => tooLong },
    'CONTEXT_TOO_LONG',
    /^no model .* 9 tokens/,
  ],
]

describe('whyNoPlace', () => {
  for (const [why, query, reach, code, message] of WHY) {
    it(`says so when ${why}`, () => {
      const error = whyNoPlace(chatQuery(query), emptyReach(reach), undefined)
      assert.equal(error.code, code)
      assert.match(error.message, message)
      assert.notEqual(error.fix, undefined)
    })
  }

  it('never tells an asker of auto to name auto: it says what to start, or what to leave out', () => {
    const fix = (nearness: number, model: string): string => {
      const lack = { code: 'CAPABILITY_MISSING', message: 'tiny does not do it', nearness } as const
      return whyNoPlace(chatQuery({ model }), emptyReach({ misfit: () => lack }), undefined).fix ?? ''
    }
    assert.match(fix(0, 'auto'), /^start an engine such as Ollama/)
    assert.match(fix(1, 'auto'), /^ask without it, or serve a model that can/)
    assert.match(fix(1, 'tiny'), /^name a model that can, or `auto`/)
  })

  it('says whether the network was searched', () => {
    const message = (searchedMs?: number): string => whyNoPlace(chatQuery(), emptyReach(), searchedMs).message
    assert.doesNotMatch(message(), /search/)
    assert.match(message(2_940), /searched the network for 2\.9 s$/)
    assert.match(message(0), /searched for it a moment ago$/)
  })

  it('names the model that was probably meant', () => {
    const fix = (model: string) =>
      whyNoPlace(chatQuery({ model }), emptyReach({ names: () => ['tiny:latest', 'qwen3:8b'] }), 0).fix
    assert.match(fix('tniy') ?? '', /^did you mean tiny\? /)
    assert.match(fix('qwen3') ?? '', /^did you mean qwen3:8b\? /)
    assert.match(fix('qwne3') ?? '', /^did you mean qwen3:8b\? /)
    assert.match(fix('something-else') ?? '', /^`realmesh models`/)
  })

  it('says what keeps each, and advises no retry where its owner wants it so', () => {
    const because = (...troubles: readonly (readonly [reason: string, wanted: boolean])[]) =>
      whyNoPlace(
        chatQuery(),
        emptyReach({ isOffered, troubles: () => troubles.map(([reason, wanted]) => ({ reason, wanted })) }),
        undefined,
      )
    const paused = because(['attic is paused by its owner', true])
    assert.equal(paused.message, 'nothing serves the model tiny now: attic is paused by its owner')
    assert.equal(paused.retryable, false)
    const both = because(['attic is paused by its owner', true], ['rig: refused (ECONNREFUSED)', false])
    assert.match(both.message, /paused by its owner; rig: refused \(ECONNREFUSED\)$/)
    assert.equal(both.retryable, true)
  })
})
