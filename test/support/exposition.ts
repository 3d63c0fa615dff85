/** Prometheus's text format, read as strictly as its own parser and linter do. */
import assert from 'node:assert/strict'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface MetricFamily {
  readonly type: string
  readonly help: string
  /** By the name of the sample, which for histograms has an ending. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)( -?\\d+)?$`)
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/** Fails where a family has no help or type, comes twice or in pieces, or where a sample comes twice or in none. */
export function parseExposition(text: string): ReadonlyMap<string, MetricFamily> {
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  const families = new Map<string, { type: string; help: string; samples: Map<string, Sample[]> }>()
  let current = ''
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, name = '', words = ''] = META.exec(line) ?? []
    if (kind === 'HELP') {
      assert.ok(!families.has(name), `${name} comes twice`)
      families.set(name, { type: '', help: words, samples: new Map() })
      current = name
    } else if (kind === 'TYPE') {
      const family = families.get(name)
      assert.ok(family !== undefined && family.type === '' && name === current, `${line}: not behind its help`)
      assert.ok(Object.hasOwn(ENDINGS, words), line)
      family.type = words
    } else {
      assert.ok(!line.startsWith('#'), line)
      const [, sampled = '', labels = '', value = ''] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`)
      const family = families.get(current)
      const endings = ENDINGS[family?.type ?? ''] ?? []
      assert.ok(
        endings.some((ending) => sampled === current + ending),
        `${line} stands in ${current}`,
      )
      const key = `${sampled}{${labels}}`
      assert.ok(!seen.has(key), `${key} comes twice`)
      seen.add(key)
      const list = family?.samples.get(sampled) ?? []
      list.push({ labels: labelsOf(labels), value: numberOf(value) })
      family?.samples.set(sampled, list)
    }
  }
  return families
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? assert.fail(`no labels: ${text}`)
    assert.ok(!Object.hasOwn(labels, name), text)
    labels[name] = value
  }
  return labels
}

function numberOf(text: string): number {
  const value = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
  assert.ok(text === 'NaN' || text === 'Nan' || !Number.isNaN(value), text)
  return value
}
