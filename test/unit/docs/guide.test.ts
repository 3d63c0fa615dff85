/** The built-in guide answers from these pages: the questions that people ask first must lead to the right one. */
import assert from 'node:assert/strict'
import { buildGuideIndex, type GuideIndex } from '../../../workers/engines/guide-index.ts'
import { ROOT } from '../../support/markdown.ts'

const FIRST_QUESTIONS: readonly (readonly [question: string, page: string, heading: RegExp])[] = [
  ['What is realmesh?', 'docs/questions.md', /What is realmesh/],
  ['how do I share my GPU?', 'docs/questions.md', /share my GPU/],
  ['How do I join a swarm?', 'docs/questions.md', /join a swarm/],
  ['how can I connect two machines', 'docs/questions.md', /connect two machines/],
  ['how do I add an engine', 'docs/questions.md', /add an engine/],
  ['how do I use it from Python', 'docs/questions.md', /Python/],
  ['who can see my prompt?', 'docs/privacy.md', /./],
  ['what happens when a rig dies', 'README.md', /When a rig dies/],
  ['how is a peer chosen', 'docs/routing.md', /./],
  ['where are my files', 'README.md', /Where files lie/],
  ['what does KEY_FILE_LAX mean', 'docs/errors.md', /KEY_FILE_LAX/],
]

describe('the guide, asked what people ask first', () => {
  let index: GuideIndex

  before(async () => {
    index = await buildGuideIndex(ROOT)
  })

  for (const [question, page, heading] of FIRST_QUESTIONS) {
    it(`finds ${page} for "${question}"`, () => {
      const found = index.search(question, 3)
      assert.ok(
        found.some((passage) => passage.page === page && heading.test(passage.heading)),
        found.map((passage) => `${passage.page} > ${passage.heading}`).join('\n'),
      )
    })
  }
})
