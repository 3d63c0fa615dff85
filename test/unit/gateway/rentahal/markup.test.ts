import assert from 'node:assert/strict'
import { escapeMarkup, safeAnswer } from '../../../../gateway/rentahal/markup.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { volume } from '../../../support/volume.ts'

/** The page's own pattern. */
const FENCE = /```(\w+)?\n([\s\S]*?)```/g

describe('answers in a page', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', ''],
    ['plain\ntext', 'plain\ntext'],
    [`<a href="x">&'</a>`, '&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;'],
    ['```\n<b>\n```', '```\n<b>\n```'],
    ['<i>```js\nif (a < b) {}\n```<i>', '&lt;i&gt;```js\nif (a < b) {}\n```&lt;i&gt;'],
    ['```\n<b>', '```\n&lt;b&gt;'],
    ['``` js\n<b>```', '``` js\n&lt;b&gt;```'],
    ['```<b>```\n<i>```', '```&lt;b&gt;```\n<i>```'],
    ['already &lt;', 'already &amp;lt;'],
  ]
  for (const [text, safe] of rows) {
    it(`are safe: ${JSON.stringify(text)}`, () => assert.equal(safeAnswer(text), safe))
  }

  it('hold markup nowhere but in what the page takes for a fence', () => {
    const random = seededRandom(3)
    const parts = ['```', '`', '\n', 'js', '<b>', '&', '"', "'", ' ', 'x']
    for (let count = 0; count < volume(5_000, 500_000); count += 1) {
      const length = Math.floor(random() * 14)
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join('')
      const safe = safeAnswer(text)
      assert.doesNotMatch(safe.replace(FENCE, ''), /[<>"']/, JSON.stringify(text))
      const inside = (whole: string): readonly string[] => [...whole.matchAll(FENCE)].map(([fence]) => fence)
      assert.deepEqual(inside(safe), inside(text), JSON.stringify(text))
    }
  })

  it('take no longer for fences that are opened a hundred thousand times', () => {
    assert.equal(escapeMarkup('<'), '&lt;')
    const text = '```a'.repeat(100_000)
    assert.equal(safeAnswer(text), text)
  })
})
