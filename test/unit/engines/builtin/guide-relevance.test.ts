import assert from 'node:assert/strict'
import { distinct, relevant } from '../../../../engines/builtin/guide-relevance.ts'

/** Of ten passages: the first has both words, the second only the one that many have. */
const RESULTS = [
  { id: 'both', score: 10, queryTerms: ['common', 'rare'] },
  { id: 'near', score: 9, queryTerms: ['common', 'rare'] },
  { id: 'far', score: 3, queryTerms: ['common', 'rare'] },
  { id: 'half', score: 8, queryTerms: ['common'] },
] as const

const idsFor = (...words: string[]): readonly string[] => relevant(RESULTS, words, 10).map(({ id }) => id)

describe('relevance of passages', () => {
  it('keeps the best and what is nearly as good, and drops what covers too little of the question', () => {
    assert.deepEqual(idsFor('common', 'rare', 'other'), [])
    assert.deepEqual(idsFor('common', 'rare'), ['both', 'near'])
  })

  it('lets a word that no passage has weigh more than one that many have', () => {
    assert.deepEqual(idsFor('common', 'haiku'), [])
    assert.deepEqual(idsFor('common'), ['both', 'near', 'half'])
  })

  it('takes a few rare words as enough of a long question', () => {
    const story = Array.from({ length: 20 }, (_, i) => `word${i}`)
    const words = ['a', 'b', 'c']
    const result = { score: 1, queryTerms: words }
    assert.deepEqual(relevant([result], [...words, ...story], 100), [result])
    assert.deepEqual(relevant([{ score: 1, queryTerms: ['a'] }], ['a', ...story], 100), [])
  })

  it('finds nothing for a question without a word that means something', () => {
    assert.deepEqual(relevant([], [], 10), [])
  })
})

describe('distinct', () => {
  it('leaves out what says again what stood before, and keeps what adds to it', () => {
    const texts = ['rigs answer queries soon', 'queries that rigs answer', 'rigs answer, but how do they pair?']
    const words = (text: string) => text.match(/[a-z]{4,}/g) ?? []
    assert.deepEqual(distinct(texts, words), [texts[0], texts[2]])
  })
})
