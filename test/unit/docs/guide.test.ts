/** The built-in guide answers from these pages: the questions that people ask first must lead to the right one. */
import assert from 'node:assert/strict'
import { buildGuideIndex, type GuideIndex } from '../../../engines/builtin/guide-index.ts'
import { ROOT } from '../../support/markdown.ts'

const FIRST_QUESTIONS: readonly (readonly [question: string, page: string, heading: RegExp])[] = [
  ['What is realmesh?', 'docs/questions.md', /What is realmesh/],
  ['how do I share my GPU?', 'docs/questions.md', /share my GPU/],
  ['How do I join a swarm?', 'docs/questions.md', /join a swarm/],
  ['how can I connect two machines', 'docs/questions.md', /connect two machines/],
  ['how do I add an engine', 'docs/questions.md', /add an engine/],
  ['how do I use it from Python', 'docs/questions.md', /Python/],
  ['who can see my prompt?', 'docs/questions.md', /see my prompts/],
  ['why does nobody answer?', 'docs/questions.md', /nobody answer/],
  ['nobody answers my question', 'docs/questions.md', /nobody answer/],
  ['the port 5000 is already used', 'docs/questions.md', /port 5000/],
  ['is it free?', 'docs/questions.md', /free/],
  ['no engine found', 'docs/questions.md', /no engine found/],
  ['how do I connect my laptop to my desktop?', 'docs/questions.md', /laptop/],
  ['can I run it on Windows?', 'docs/questions.md', /Windows/],
  ['what is a federation', 'docs/questions.md', /federation/],
  ['how do I set up a bootstrap node', 'docs/bootstrap.md', /./],
  ['answers are slow', 'docs/troubleshooting.md', /slow/],
  ['what happens when a rig dies', 'README.md', /When a rig dies/],
  ['how is a peer chosen', 'docs/routing.md', /./],
  ['where are my files', 'README.md', /Where files lie/],
  ['what does KEY_FILE_LAX mean', 'docs/errors.md', /KEY_FILE_LAX/],
]

const UNRELATED = ['What is the capital of France?', 'tell me a joke', 'write a haiku', 'hello'] as const

describe('the guide, asked what people ask first', () => {
  let index: GuideIndex

  before(async () => {
    index = await buildGuideIndex(ROOT)
  })

  for (const [question, page, heading] of FIRST_QUESTIONS) {
    it(`finds ${page} for "${question}"`, () => {
      const [best] = index.search(question, 3)
      assert.equal(best?.page, page, best?.heading)
      assert.match(best.heading, heading)
    })
  }

  it('quotes one passage where one fits clearly', () => {
    assert.equal(index.search('why does nobody answer?', 3).length, 1)
  })

  for (const question of UNRELATED) {
    it(`finds nothing for "${question}"`, () => {
      assert.deepEqual(index.search(question, 3), [])
    })
  }
})
