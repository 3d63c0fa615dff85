/**
 * A card's content as protobuf and back. What a stranger may write is bounded here; whose card it is, is the envelope's
 * part.
 */

import { cleanText } from '../../core/clean-text.ts'
import { defined } from '../../core/defined.ts'
import { windowOf } from '../../core/model/context-window.ts'
import { CAPABILITIES, type ModelCapabilities } from '../../core/model/model.ts'
import { isModelName } from '../../core/model/model-name.ts'
import { isQueryType, REALM_NAME } from '../../core/query/query.ts'
import { MAX_VOICE_LENGTH, MAX_VOICES } from '../../core/query/query-limits.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { isScope } from '../../core/scope.ts'
import type { Card, CardModel, CardRealm } from './card.ts'
import {
  MAX_CARD_ADDRESSES,
  MAX_CARD_CAPABILITIES,
  MAX_CARD_MODELS,
  MAX_CARD_REALMS,
  MAX_CARD_TYPES,
  MAX_CARD_VOICES,
  MAX_CONTACT_LENGTH,
  MAX_LABEL_LENGTH,
  MAX_WORD_LENGTH,
} from './constants.ts'
import { WireCard, type WireModel } from './messages.ts'

const MAX_PORT = 65_535

/** A card without what its envelope and its certificate prove. */
export interface CardContent extends Omit<Card, 'peerId' | 'federation'> {
  readonly certificate?: Uint8Array
}

const LIMITS = {
  limits: {
    realms: MAX_CARD_REALMS,
    models: MAX_CARD_MODELS,
    models$: { types: MAX_CARD_TYPES, unsure: MAX_CARD_CAPABILITIES, voices: MAX_VOICES },
    addresses: MAX_CARD_ADDRESSES,
  },
}

/** Own cards are cut to the bounds: peers that read ours would refuse the whole card. */
export function encodeCard(card: CardContent): Uint8Array {
  const { network, version, name, label, realms, models, share, addresses, stun, certificate, seq } = card
  const { issuedAt, listing } = card
  const voices = voiceBudget()
  return WireCard.encode({
    network,
    version: version.slice(0, MAX_WORD_LENGTH),
    name: cleanText(name, MAX_LABEL_LENGTH),
    label: cleanText(label, MAX_LABEL_LENGTH),
    realms: realms.slice(0, MAX_CARD_REALMS).map(({ name, queryType }) => ({ name, queryType })),
    models: models
      .filter(({ model }) => isModelName(model.name))
      .slice(0, MAX_CARD_MODELS)
      .map((model) => wireModel(model, voices)),
    share,
    addresses: addresses.slice(0, MAX_CARD_ADDRESSES),
    stun: stun ?? 0,
    ...(certificate === undefined ? {} : { certificate: Uint8Array.from(certificate) }),
    ...(listing === undefined ? {} : { listing: { contact: cleanText(listing.contact, MAX_CONTACT_LENGTH) } }),
    seq,
    issuedAt,
  })
}

/**
 * Throws `PROTOCOL_ERROR` on anything out of bounds. Types of query that are not known here are left out, and with them
 * what serves no other.
 */
export function decodeCard(bytes: Uint8Array): CardContent {
  const wire = decoded(bytes)
  if (!isScope(wire.share)) throw malformed('share')
  if (!Number.isSafeInteger(wire.seq) || !Number.isSafeInteger(wire.issuedAt)) throw malformed('number')
  if (wire.addresses.some((address) => !address.startsWith('/') || address.length > MAX_WORD_LENGTH)) {
    throw malformed('address')
  }
  return {
    network: wire.network,
    version: cleanText(wire.version, MAX_WORD_LENGTH),
    name: cleanText(wire.name, MAX_LABEL_LENGTH),
    label: cleanText(wire.label, MAX_LABEL_LENGTH),
    realms: wire.realms.flatMap(realmOf),
    models: wire.models.flatMap(modelOf),
    share: wire.share,
    addresses: wire.addresses,
    ...(wire.stun > 0 && wire.stun <= MAX_PORT && { stun: wire.stun }),
    ...(wire.certificate === undefined ? {} : { certificate: wire.certificate }),
    ...(wire.listing === undefined
      ? {}
      : { listing: { contact: cleanText(wire.listing.contact, MAX_CONTACT_LENGTH) } }),
    seq: wire.seq,
    issuedAt: wire.issuedAt,
  }
}

function decoded(bytes: Uint8Array): WireCard {
  try {
    return WireCard.decode(bytes, LIMITS)
  } catch (cause) {
    throw malformed('form', cause)
  }
}

/** Takes as many voices as are left of those that a card may name. */
type VoiceBudget = (voices: readonly string[]) => string[]

function voiceBudget(): VoiceBudget {
  let left = MAX_CARD_VOICES
  return (voices) => {
    const named = voices.slice(0, Math.min(left, MAX_VOICES)).map((voice) => cleanText(voice, MAX_VOICE_LENGTH))
    left -= named.length
    return named
  }
}

function wireModel({ realm, model, slots }: CardModel, voicesOf: VoiceBudget): WireModel {
  const { types, capabilities, unsure = [], contextLength, voices = [], ...properties } = model
  const window = defined({ contextLength: windowOf(contextLength) })
  const rare = { logprobs: false, raw: false, infill: false, grammar: false, edits: false, references: false }
  return {
    ...{ realm, slots, types: [...types], ...rare, ...capabilities, ...properties, ...window },
    ...{ unsure: [...unsure], voices: voicesOf(voices) },
  }
}

function realmOf({ name, queryType }: { name: string; queryType: string }): CardRealm[] {
  if (!REALM_NAME.test(name)) throw malformed('realm')
  return isQueryType(queryType) ? [{ name, queryType }] : []
}

function modelOf(wire: WireModel): CardModel[] {
  const { realm, slots, name, types, vision, tools, reasoning, structured, prefill, contextLength } = wire
  if (!REALM_NAME.test(realm)) throw malformed('realm')
  if (!isModelName(name)) throw malformed('model')
  const unsure = CAPABILITIES.filter((each) => wire.unsure.includes(each))
  const voices = wire.voices.map((voice) => cleanText(voice, MAX_VOICE_LENGTH))
  const known = types.filter(isQueryType)
  if (known.length === 0) return []
  const model = {
    name,
    types: known,
    capabilities: { vision, tools, reasoning, structured, prefill, ...rareOf(wire) },
    ...(unsure.length > 0 && { unsure }),
    ...(voices.length > 0 && { voices }),
    ...defined({ contextLength: windowOf(contextLength) }),
    ...words(wire),
  }
  return [{ realm, slots, model }]
}

/** What few models can do: named where it is so. */
function rareOf({ logprobs, raw, infill, grammar, edits, references }: WireModel): Partial<ModelCapabilities> {
  return {
    ...(logprobs && { logprobs }),
    ...(raw && { raw }),
    ...(infill && { infill }),
    ...(grammar && { grammar }),
    ...(edits && { edits }),
    ...(references && { references }),
  }
}

/** The short properties that a model has. */
function words(wire: WireModel): Partial<Record<'quantization' | 'parameterSize' | 'digest' | 'family', string>> {
  const { quantization, parameterSize, digest, family } = wire
  const present = Object.entries({ quantization, parameterSize, digest, family }).filter(
    ([, word]) => word !== undefined,
  )
  return Object.fromEntries(present.map(([key, word]) => [key, cleanText(word ?? '', MAX_WORD_LENGTH)]))
}

function malformed(what: string, cause?: unknown): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', `a card is malformed: ${what}`, { cause })
}
