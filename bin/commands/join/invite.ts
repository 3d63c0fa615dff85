/** `realmesh invite`: one line that brings another node into this home, or makes its owner a friend. */
import { renderUnicodeCompact } from 'uqr'
import { cleanText } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { ListedInvitation, MadeInvitation } from '../../../node/api/joining/invitation-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { shownNode } from '../../client/node-names.ts'

/** A day: long enough to walk to the other machine, or for a friend to read the message. */
const DEFAULT_HOURS = 24

/** What the invited will be able to do: the owner reads it before they hand the line on. */
const GIVES = {
  home: 'whoever has it makes their node one of yours: it asks your rigs and they ask it, and it may invite others',
  friend: 'whoever has it makes you friends: what your nodes share with friends theirs may ask, and yours theirs',
} as const

export const run: RunCommand = async (invocation) => {
  const [what = 'home', id] = invocation.args
  const client = await GatewayClient.connectAsOperator(invocation.home)
  if (what === 'list') return listed(invocation, client)
  if (what === 'revoke') return revoked(invocation, client, id)
  if (what === 'home' || what === 'friend') return made(invocation, client, what)
  throw new RealmeshError('USAGE', `invite ${what}: expected home, friend, list or revoke`, {
    fix: 'realmesh invite home',
  })
}

async function made(invocation: Invocation, client: GatewayClient, kind: keyof typeof GIVES): Promise<number> {
  const { flags, context } = invocation
  const asked = { kind, hours: countOf(flags, 'hours') ?? DEFAULT_HOURS, uses: countOf(flags, 'uses') ?? 1 }
  const whom = textFlag(flags, 'for')
  const { id, text, expiresMs } = (await client.act('invitations/create', {
    ...asked,
    ...defined({ for: whom }),
  })) as MadeInvitation
  const times = asked.uses === 1 ? 'once' : `${asked.uses} times`
  return printResult(invocation, {
    json: { id, text, expiresMs, ...asked },
    text: `${text}\n${pictureOf(text, context.columns)}`,
    note: `On the other machine: realmesh join LINE, with all of ${text.slice(0, 16)}… above\n${GIVES[kind]}\nGood ${times}, until ${minuteOf(expiresMs)} UTC; realmesh invite revoke ${id} takes it back`,
  })
}

/** For a telephone: where a program reads the line, or the terminal is too narrow, there is none. */
function pictureOf(text: string, columns: number): string {
  const code = renderUnicodeCompact(text)
  return Number.isFinite(columns) && columns > code.indexOf('\n') ? `\n${code}\n` : ''
}

async function listed(invocation: Invocation, client: GatewayClient): Promise<number> {
  const { invitations } = (await client.act('invitations/list')) as {
    readonly invitations: readonly ListedInvitation[]
  }
  const rows = invitations.map((one) => [
    one.id,
    one.kind,
    one.state,
    `${one.usedBy.length}/${one.uses}`,
    minuteOf(one.expiresMs),
    cleanText(one.for ?? ''),
    one.usedBy.map(({ name, peer }) => shownNode(peer, name)).join(', '),
  ])
  const head = ['ID', 'INTO', 'STATE', 'USED', 'UNTIL (UTC)', 'FOR', 'BY']
  const text = textTable(head, rows, { width: invocation.context.columns, spare: ['FOR', 'INTO'] })
  return printResult(invocation, { json: { invitations }, text: text || 'no invitations; realmesh invite makes one\n' })
}

async function revoked(invocation: Invocation, client: GatewayClient, id: string | undefined): Promise<number> {
  if (id === undefined) {
    throw new RealmeshError('USAGE', 'invite revoke needs an id', { fix: 'realmesh invite list shows them' })
  }
  const { revoked } = (await client.act('invitations/revoke', { id })) as { readonly revoked: string }
  return printResult(invocation, { json: { revoked }, note: `nobody joins by ${revoked} any more` })
}

/** In UTC, as the list heads it. */
function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

function countOf(flags: Invocation['flags'], name: 'hours' | 'uses'): number | undefined {
  const text = textFlag(flags, name)
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new RealmeshError('USAGE', `--${name} ${text}: expected a number above 0`, { fix: `--${name} 3` })
}
