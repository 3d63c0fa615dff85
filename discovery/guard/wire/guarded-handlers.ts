/**
 * The handlers of all protocols, libp2p's own among them, each behind the guard: a stream that is not admitted is reset
 * before its protocol hears of it. Those that are give their window back by halves, not after every small message.
 */
import type { StreamHandler } from '@libp2p/interface'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { updateWindowByHalves } from '../../../protocols/query/window-updates.ts'
import type { FloodGuard } from '../flood-guard.ts'
import { FLOOD_RULES, type Traffic } from '../flood-rules.ts'
import { inTurns, type Passing, part } from './in-turns.ts'
import { MessageCounter } from './message-counter.ts'
import { TurnBudget } from './turn-budget.ts'

/** What is used of libp2p's registrar. */
export interface Registrar {
  handle: (protocol: string, handler: StreamHandler, options?: object) => Promise<void>
}

/** Bytes of a message that counts once: a DHT record with its addresses, a load record with its signature. */
export const MESSAGE_BYTES = 1_024

/** Messages that are begun in one turn, over all peers: half a millisecond each, two at worst. */
export const MESSAGES_PER_TURN = 8

export interface GuardedHandlersComponents {
  readonly guard: Pick<FloodGuard, 'admits'>
  /** Shared by all streams. @default one of MESSAGES_PER_TURN */
  readonly turn?: TurnBudget
}

const ENDINGS: readonly (readonly [ending: RegExp, traffic: Traffic])[] = [
  [/\/id\/push\/[\d.]+$/, 'push'],
  [/\/id\/[\d.]+$/, 'identify'],
  [/\/ping\/[\d.]+$/, 'ping'],
  [/\/kad\/[\d.]+$/, 'kad'],
  [/\/card\/[\d.]+$/, 'card'],
  [/\/presence\/[\d.]+$/, 'presence'],
  [/\/query\/[\d.]+$/, 'query'],
  [/\/circuit\/relay\/[\d.]+\/hop$/, 'hop'],
  [/\/circuit\/relay\/[\d.]+\/stop$/, 'stop'],
  [/^\/webrtc-signaling\/[\d.]+$/, 'signalling'],
  [/^\/(meshsub|floodsub)\//, 'gossip'],
]

/** What kind of traffic a protocol is. */
export function trafficOf(protocol: string): Traffic {
  return ENDINGS.find(([ending]) => ending.test(protocol))?.[1] ?? 'other'
}

/** Puts every handler that is registered from now on behind the guard. Returns what it was given. */
export function guardHandlers<R extends Registrar>(registrar: R, components: GuardedHandlersComponents): R {
  const handle = registrar.handle.bind(registrar)
  const { guard, turn = new TurnBudget(MESSAGES_PER_TURN) } = components
  registrar.handle = (protocol, handler, options) =>
    handle(protocol, guardedHandler(handler, trafficOf(protocol), { guard, turn }), options)
  return registrar
}

/** `handler`, which is given the streams that are admitted. */
export function guardedHandler(
  handler: StreamHandler,
  traffic: Traffic,
  { guard, turn }: Required<GuardedHandlersComponents>,
): StreamHandler {
  const { name, counts, longestBytes } = FLOOD_RULES[traffic]
  return (stream, connection) => {
    const peer = connection.remotePeer.toString()
    if (traffic !== 'query') updateWindowByHalves(stream) // lanes do so themselves, at both ends
    const refuse = (cause = `too many ${name}`): undefined =>
      stream.abort(new RealmeshError('PROTOCOL_ERROR', cause)) as undefined
    const admits = (count: number): boolean => count === 0 || guard.admits(traffic, peer, count)
    if (counts === 'streams') return admits(1) ? handler(stream, connection) : refuse()
    if (counts === 'messages') {
      inTurns(stream, messagesPassing({ turn, admits, refuse }, new MessageCounter({ longestBytes })))
    } else {
      const { bytes } = counts
      inTurns(stream, ({ byteLength }) => (admits(Math.ceil(byteLength / bytes)) ? byteLength : refuse()))
    }
    return handler(stream, connection)
  }
}

interface MessagesPassing {
  readonly turn: TurnBudget
  readonly admits: (count: number) => boolean
  readonly refuse: (cause?: string) => undefined
}

/** Lets messages pass as far as this turn goes and the guard admits them. */
function messagesPassing({ turn, admits, refuse }: MessagesPassing, messages: MessageCounter): Passing {
  /** Bytes of the message under way that were not counted: it may come in pieces as small as the peer likes. */
  let uncounted = 0
  return (data) => {
    const { begun, bytes } = messages.count(data, Math.max(0, turn.left))
    // A long message counts as several: what it holds costs as much.
    uncounted = begun > 0 ? bytes : uncounted + bytes
    const long = Math.floor(uncounted / MESSAGE_BYTES)
    uncounted -= long * MESSAGE_BYTES
    turn.spend(begun + long)
    if (admits(begun + long)) {
      return messages.tooLong ? refuse('a message that is longer than any honest one') : bytes
    }
    // All that came counts, or a flood would lose a stream per turn instead of being shut out.
    admits(messages.count(part(data, bytes, data.byteLength)).begun)
    return refuse()
  }
}
