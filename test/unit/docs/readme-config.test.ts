/** The README's configuration table is held against the settings that the daemon reads. */
import assert from 'node:assert/strict'
import { SETTINGS } from '../../../config/file/settings.ts'
import { page } from '../../support/markdown.ts'

/** `| flag | variable | key | default |` of settings; `--home` is none of realms.yml. */
function rows(): readonly (readonly string[])[] {
  const section = /## Configuration\n([\s\S]*?)\n## /.exec(page('README.md'))?.[1] ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `--') && !line.includes('--home'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
}

describe("the README's configuration table", () => {
  it('has the flags that people ask for', () => {
    assert.ok(rows().length >= 10)
  })

  for (const [, flag = '', variable = '', key = ''] of rows()) {
    it(`tells flag, variable and key of ${flag} as they are`, () => {
      const name = flag.replaceAll('`', '').split(' ')[0] ?? ''
      const setting = SETTINGS.find((candidate) => candidate.flag.split(' ')[0] === name)
      assert.ok(setting !== undefined, `there is no flag ${name}`)
      assert.equal(variable, `\`${setting.env}\``)
      assert.equal(key.split(', ')[0], `\`${setting.path.join('.')}\``)
    })
  }
})
