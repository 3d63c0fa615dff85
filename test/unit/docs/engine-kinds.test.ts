/** The list of engines that people read names every kind that they may name, and no other. */
import assert from 'node:assert/strict'
import { NAMED_ENGINE_KINDS } from '../../../core/model/engine-kind.ts'
import { page } from '../../support/markdown.ts'

describe('docs/questions.md', () => {
  it('lists the kinds of engines', () => {
    const [, list = ''] = /Kinds: ([\s\S]*?)\. Commands per engine/.exec(page('docs/questions.md')) ?? []
    const named = [...list.matchAll(/`([^`]+)`/g)].map(([, kind = '']) => kind)
    assert.deepEqual(named.sort(), [...NAMED_ENGINE_KINDS].sort())
  })
})
