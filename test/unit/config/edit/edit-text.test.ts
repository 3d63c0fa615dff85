/** Edits of realms.yml keep what they are not about: whatever a person wrote, in whatever way. */
import assert from 'node:assert/strict'
import { editText } from '../../../../config/edit/edit-text.ts'
import {
  type ConfigEdit,
  removeRealm,
  removeWorker,
  setAt,
  setRealm,
  setWorker,
  type WrittenConfig,
} from '../../../../config/edit/edits.ts'
import { checkConfig } from '../../../../config/file/check-config.ts'
import { readYaml } from '../../../../config/yaml/read-yaml.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { volume } from '../../../support/volume.ts'
import { writtenConfig } from '../../../support/written-config.ts'

const PEER = '12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL'

interface Case {
  readonly edit: ConfigEdit
  /** Whether it changes one word: then all bytes before and behind it stay. */
  readonly word?: boolean
}

const CASES: Readonly<Record<string, Case>> = {
  'a realm is added': {
    edit: setRealm('$CODE', {
      primary_query_type: 'chat',
      models: { allow: ['qwen*', 'a: b'] },
      queue: { seconds: 5 },
    }),
  },
  'a worker is added': {
    edit: setWorker({ name: 'new', engine: 'ollama', url: 'http://127.0.0.1:1', models: ['x'] } as never),
  },
  'a worker is changed': { edit: setWorker({ name: 'desk-0', engine: 'vllm', url: 'http://127.0.0.1:2' } as never) },
  'a worker is removed': { edit: removeWorker('desk-0') },
  'a friend is added': { edit: setAt(['node', 'friends'], [{ peer: PEER }]) },
  'a word is set': { edit: setAt(['node', 'log_level'], 'debug'), word: true },
  'a number in a realm is set': { edit: setAt(['realms', '$CHAT', 'min_workers'], 0) },
  'a key deep inside is set': { edit: setAt(['realms', '$CHAT', 'limits', 'strangers', 'tokens_out'], 7) },
  'a key is taken out': { edit: setAt(['node', 'log_level'], undefined) },
  'a realm is removed': { edit: removeRealm('$VISION') },
}

/** How many characters at both ends are the same. */
function shared(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let front = 0
  while (front < most && a[front] === b[front]) front += 1
  let back = 0
  while (back < most - front && a.at(-1 - back) === b.at(-1 - back)) back += 1
  return front + back
}

describe('edits of a file that a person wrote', () => {
  for (const [title, { edit, word }] of Object.entries(CASES)) {
    it(`say what they are to say, and lose no comment beside it, where ${title}`, () => {
      let done = 0
      for (let seed = 1; done < volume(20, 5_000); seed += 1) {
        const { text, comments } = writtenConfig(seededRandom(seed))
        assert.ok(checkConfig(text, 'made').ok, text)
        const before = (readYaml(text).value ?? {}) as WrittenConfig
        const wanted = edit(before)
        done += 1
        const edited = editText(text, edit, 'realms.yml')
        const shown = `seed ${seed}\n--- before\n${text}\n--- after\n${edited}`
        assert.equal(JSON.stringify(sorted(readYaml(edited).value)), JSON.stringify(sorted(wanted)), shown)
        const lost = comments.filter((comment) => edited.split(comment).length !== 2)
        assert.deepEqual(
          lost.filter((comment) => !isInside(title, text, comment)),
          [],
          shown,
        )
        if (text.includes('\r\n')) assert.doesNotMatch(edited, /[^\r]\n/, shown)
        assert.equal(
          editText(edited, (same) => same, 'realms.yml'),
          edited,
        )
        if (word === true && before.node !== undefined) {
          assert.ok(text.length - shared(text, edited) <= '"warn"'.length, shown)
        }
        if (addsOnly(before, wanted)) assert.deepEqual(missingLines(text, edited), [], shown)
      }
    })
  }
})

/** Lines that stand no more, in their order, in what came of the text; brackets around nothing apart. */
function missingLines(text: string, edited: string): readonly string[] {
  const left = edited.split(/\r?\n/)
  return text.split(/\r?\n/).filter((line) => {
    const at = left.findIndex((each) => each === line || each === line.replace(' []', ''))
    const isThere = at >= 0 || /\{.*\}/.test(line)
    if (at >= 0) left.splice(0, at + 1)
    return !isThere
  })
}

/** Keys in one order: that of a file says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}

/** The first lines of what an edit takes out, with all that belongs to it. */
const GOES: Readonly<Record<string, RegExp>> = {
  'a worker is changed': /^ *models: \[llama3/,
  'a worker is removed': /^ *- name: \W?desk-0/,
  'a key is taken out': /^ *log_level:/,
  'a realm is removed': /^ *\W?\$VISION/,
}

/** Whether the comment stands inside of what the edit takes out. */
function isInside(title: string, text: string, comment: string): boolean {
  const first = GOES[title]
  let inside: number | undefined
  for (const line of text.split(/\r?\n/)) {
    const indent = /^ */.exec(line)?.[0].length ?? 0
    const says = line.trim() !== '' && !line.trim().startsWith('#')
    if (says && inside !== undefined && indent <= inside) inside = undefined
    if (says && first?.test(line) === true) inside = indent
    if (line.includes(comment)) return inside !== undefined
  }
  return false
}

/** Whether all that was said is still said. */
function addsOnly(before: unknown, wanted: unknown): boolean {
  if (Array.isArray(before) && Array.isArray(wanted)) return before.every((item, i) => addsOnly(item, wanted[i]))
  if (typeof before !== 'object' || before === null) return before === undefined || before === wanted
  if (typeof wanted !== 'object' || wanted === null) return false
  return Object.entries(before).every(([key, item]) => addsOnly(item, (wanted as Record<string, unknown>)[key]))
}
