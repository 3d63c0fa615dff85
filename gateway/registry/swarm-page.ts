/** A swarm's sums as a page: made here as a whole, no script runs in it, nothing is asked elsewhere. Pure. */
import { createHash } from 'node:crypto'
import type { ListedNode, NamedSum, SwarmSample, SwarmSums } from '../../core/swarm-sums.ts'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem }
th, td { text-align: left; padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
.n { text-align: right }
svg { width: 100%; height: 8rem }
polyline { fill: none; stroke: currentColor; stroke-width: 1; vector-effect: non-scaling-stroke }
`

/** What the page may do: show itself, with this style. */
export const SWARM_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Width and height of the drawing, in its own units. */
const CHART = { width: 1_000, height: 100 } as const

export function swarmPage(sums: SwarmSums): string {
  const { network, nodes, alive, federations, slots, running, realms, models, versions, listed, history } = sums
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(network)}: realmesh swarm</title>
<style>${STYLE}</style>
<h1>${escaped(network)}</h1>
<p>${alive} nodes of ${federations} federations, with ${slots} slots, of which ${running} run a query. ${nodes - alive} more were not heard of lately.
As far as this node knows, from the nodes' own signed cards.</p>
${chart(history)}
${sumTable('Realms', realms)}
${sumTable('Models', models)}
${sumTable('Versions', versions)}
${listedTable(listed)}
</html>
`
}

/** Nodes that were alive, over the time that is remembered. */
function chart(history: readonly SwarmSample[]): string {
  const [first, last] = [history[0], history.at(-1)]
  if (first === undefined || last === undefined || first === last) return ''
  const most = Math.max(1, ...history.map(({ alive }) => alive))
  const points = history.map(({ at, alive }) => {
    const x = ((at - first.at) / Math.max(1, last.at - first.at)) * CHART.width
    return `${x.toFixed(1)},${(CHART.height * (1 - alive / most)).toFixed(1)}`
  })
  const since = new Date(first.at).toISOString().slice(0, 16).replace('T', ' ')
  return `<h2>Nodes since ${since} UTC, ${most} at most</h2>
<svg viewBox="0 0 ${CHART.width} ${CHART.height}" preserveAspectRatio="none" role="img" aria-label="nodes over time"><polyline points="${points.join(' ')}"/></svg>`
}

function sumTable(title: string, rows: readonly NamedSum[]): string {
  if (rows.length === 0) return ''
  const body = rows.map(
    ({ name, nodes, slots }) =>
      `<tr><td>${name === '' ? 'not named' : escaped(name)}<td class="n">${nodes}<td class="n">${slots}`,
  )
  return `<h2>${title}</h2>\n<table><tr><th>name<th>nodes<th>slots\n${body.join('\n')}</table>`
}

function listedTable(rows: readonly ListedNode[]): string {
  if (rows.length === 0) return ''
  const body = rows.map(
    ({ name, contact, label, share, models }) =>
      `<tr>${[name, contact, label, share, models.join(', ')].map((text) => `<td>${escaped(text)}`).join('')}`,
  )
  return `<h2>Nodes whose owners want to be found</h2>\n<table><tr><th>name<th>contact<th>federation<th>serves<th>models\n${body.join('\n')}</table>`
}

/** Names and contacts are strangers' texts. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
