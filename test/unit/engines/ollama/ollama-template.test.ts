import assert from 'node:assert/strict'
import { ollamaModel } from '../../../../engines/ollama/ollama-models.ts'
import { leavesAnswerOpen } from '../../../../engines/ollama/ollama-template.ts'

const LAST = '{{- $last := eq (len (slice $.Messages $i)) 1 -}}'

const OPEN: Readonly<Record<string, string>> = {
  'an old one, without a loop':
    '{{ if .System }}<|system|>{{ .System }}{{ end }}<|user|>{{ .Prompt }}<|end|>{{ .Response }}<|end|>',
  'one that closes all but the last': `{{- range $i, $_ := .Messages }}${LAST}<|im_start|>{{ .Role }}\n{{ .Content }}{{ if not $last }}<|im_end|>\n{{ end }}{{- if and $last (ne .Role "assistant") }}<|im_end|>\n<|im_start|>assistant\n{{ end }}{{- end }}`,
  'one with a branch per role': `{{- range $i, $_ := .Messages }}${LAST}{{- if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>\n{{ else if eq .Role "assistant" }}<|im_start|>assistant\n{{ if .Content }}{{ .Content }}{{- else if .ToolCalls }}<tool_call>{{ end }}{{ if not $last }}<|im_end|>\n{{ end }}{{- else if eq .Role "tool" }}{{ .Content }}{{ end }}{{ end }}`,
}

const CLOSED: Readonly<Record<string, string>> = {
  'the one that Ollama chooses for ChatML by itself':
    '{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n',
  'one that leaves only the user\u2019s last message open': `{{- range $i, $_ := .Messages }}${LAST}{{- if eq .Role "assistant" }}<a>{{ .Content }}</a>{{ else if eq .Role "user" }}<u>{{ .Content }}{{ if not $last }}</u>{{ end }}{{ end }}{{ end }}`,
  nothing: '',
  'only a prompt, as of models that Ollama renders by code': '{{ .Prompt }}',
}

describe('templates of Ollama', () => {
  for (const [what, template] of Object.entries(OPEN)) {
    it(`leave an answer open: ${what}`, () => assert.equal(leavesAnswerOpen(template), true))
  }
  for (const [what, template] of Object.entries(CLOSED)) {
    it(`close it: ${what}`, () => assert.equal(leavesAnswerOpen(template), false))
  }

  it('decide whether an answer is continued, unless Ollama renders by itself', () => {
    const prefill = (show: object): boolean | undefined =>
      ollamaModel({ name: 'q' }, { template: '{{ .Prompt }}{{ .Response }}', ...show }, undefined)?.capabilities.prefill
    assert.equal(prefill({}), true)
    assert.equal(prefill({ renderer: 'qwen3-coder' }), false)
    assert.equal(prefill({ modelfile: 'FROM x\nRENDERER qwen3-coder\n' }), false)
    assert.equal(prefill({ capabilities: ['embedding'] }), false)
  })
})
