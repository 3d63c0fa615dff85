import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { anchorsOf, markdownFiles, page, proseOf, ROOT } from '../../support/markdown.ts'

/** Relative links of a page: `[text](target)`; what leads out of the repository is none of ours. */
function relativeLinks(markdown: string): readonly string[] {
  const links = proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)
  return [...links].map(([, target = '']) => target).filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
}

function problemOf(from: string, link: string): string | undefined {
  const [target = '', anchor] = link.split('#')
  const path = target === '' ? from : normalize(join(dirname(from), decodeURIComponent(target)))
  if (path.startsWith('..') || !existsSync(join(ROOT, path))) return `${from}: ${link} leads to no file`
  if (anchor === undefined || !path.endsWith('.md') || anchorsOf(page(path)).has(anchor)) return undefined
  return `${from}: ${link} leads to no heading`
}

describe('links between pages', () => {
  for (const path of markdownFiles()) {
    it(`${path} links to files and headings that exist`, () => {
      const problems = relativeLinks(page(path)).map((link) => problemOf(path, link))
      assert.deepEqual(
        problems.filter((problem) => problem !== undefined),
        [],
      )
    })
  }

  it('notices a link to nowhere', () => {
    assert.deepEqual(relativeLinks('[a](b.md#c) `[no](x)` [web](https://example.org)'), ['b.md#c'])
    assert.match(problemOf('README.md', 'docs/none.md') ?? '', /no file/)
    assert.match(problemOf('README.md', '#no-such-heading') ?? '', /no heading/)
    assert.equal(problemOf('README.md', 'LICENSE'), undefined)
  })
})
