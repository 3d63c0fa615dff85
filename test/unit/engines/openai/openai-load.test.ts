import assert from 'node:assert/strict'
import { sumMetrics } from '../../../../engines/openai/openai-load.ts'

describe('sumMetrics', () => {
  it('sums each metric over its labels and skips the rest', () => {
    const text =
      '# HELP a b\nvllm:waiting{engine="0",x="}"} 2\nvllm:waiting{engine="1"} 3.5\nplain 1e3\nbad NaN\nnonsense\n'
    assert.deepEqual(
      [...sumMetrics(text)],
      [
        ['vllm:waiting', 5.5],
        ['plain', 1000],
      ],
    )
  })
})
