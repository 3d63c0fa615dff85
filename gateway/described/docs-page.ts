/**
 * The document of the routes as a page for people. It is made here as a whole: no script runs in it, and nothing is
 * asked of any other place. Pure.
 */
import { createHash } from 'node:crypto'
import type { JsonSchema } from './json-schema.ts'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer; padding: .3rem 0 }
code, pre { font: .9rem/1.4 ui-monospace, monospace }
pre { overflow-x: auto; padding: .8rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
.who { opacity: .7 }
`

/** What the page may do: show itself, with this style. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly JsonSchema[]
  readonly parameters?: readonly JsonSchema[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: JsonSchema }>>
}

/** `document`: see `openApiDocument`. */
export function docsPage(document: JsonSchema): string {
  const { info, tags, paths } = document as {
    readonly info: { readonly title: string; readonly version: string }
    readonly tags: readonly { readonly name: string; readonly description: string }[]
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const parts = tags.map(({ name, description }) => {
    const own = all.filter(({ operation }) => operation.tags.includes(name))
    return `<h2>${escaped(name)}</h2>\n<p>${escaped(description)}</p>\n${own.map(route).join('\n')}`
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} API</title>
<style>${STYLE}</style>
<h1>${escaped(info.title)} ${escaped(info.version)}</h1>
<p>Every path of this node. For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1) and
<a href="/.well-known/realmesh.json">/.well-known/realmesh.json</a>.</p>
${parts.join('\n')}
</html>
`
}

interface Route {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

function route({ path, method, operation }: Route): string {
  const { summary, parameters = [], requestBody, responses } = operation
  const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => block(`Body, ${type}`, schema))
  const answers = Object.entries(responses['200']?.content ?? {}).map(([type, content]) =>
    block(`Answer, ${type}`, (content as { schema: JsonSchema }).schema),
  )
  return `<details><summary><code><span class="method">${method}</span> ${escaped(path)}</code> ${escaped(summary)}
<span class="who">${who(operation.security)}</span></summary>
${parameters.length === 0 ? '' : block('Parameters', parameters)}
${[...bodies, ...answers].join('\n')}
</details>`
}

function who(security: readonly JsonSchema[]): string {
  if (security.length === 0) return ''
  return security.some((one) => 'adminToken' in one) ? 'operator' : 'key'
}

function block(title: string, value: unknown): string {
  if (JSON.stringify(value) === '{}') return ''
  return `<h4>${escaped(title)}</h4>\n<pre>${escaped(JSON.stringify(value, undefined, 2))}</pre>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
