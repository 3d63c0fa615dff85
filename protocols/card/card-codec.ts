/**
 * A card's content as protobuf and back. What a stranger may write is bounded here; whose card it is, is the envelope's
 * part.
 */

import { cleanText } from '../../core/clean-text.ts'
import { defined } from '../../core/defined.ts'
import { windowOf } from '../../core/model/context-window.ts'
import { CAPABILITIES, type ModelCapabilities } from '../../core/model/model.ts'
import { isModelName } from '../../core/model/model-name.ts'
import { isQueryType, QUERY_TYPES, REALM_NAME } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { isScope } from '../../core/scope.ts'
import type { Card, CardModel, CardRealm } from './card.ts'
import { MAX_CARD_ADDRESSES, MAX_CARD_MODELS, MAX_CARD_REALMS, MAX_LABEL_LENGTH, MAX_WORD_LENGTH } from './constants.ts'
import { WireCard, type WireModel } from './messages.ts'

/** A card without what its envelope and its certificate prove. */
export interface CardContent extends Omit<Card, 'peerId' | 'federation'> {
  readonly certificate?: Uint8Array
}

const LIMITS = {
  limits: {
    realms: MAX_CARD_REALMS,
    models: MAX_CARD_MODELS,
    models$: { types: QUERY_TYPES.length, unsure: CAPABILITIES.length },
    addresses: MAX_CARD_ADDRESSES,
  },
}

/** Own cards are cut to the bounds: peers that read ours would refuse the whole card. */
export function encodeCard(card: CardContent): Uint8Array {
  const { network, version, label, realms, models, share, addresses, certificate, seq, issuedAt } = card
  return WireCard.encode({
    network,
    version: version.slice(0, MAX_WORD_LENGTH),
    label: cleanText(label, MAX_LABEL_LENGTH),
    realms: realms.slice(0, MAX_CARD_REALMS).map(({ name, queryType }) => ({ name, queryType })),
    models: models
      .filter(({ model }) => isModelName(model.name))
      .slice(0, MAX_CARD_MODELS)
      .map(wireModel),
    share,
    addresses: addresses.slice(0, MAX_CARD_ADDRESSES),
    ...(certificate === undefined ? {} : { certificate: Uint8Array.from(certificate) }),
    seq,
    issuedAt,
  })
}

/** Throws `PROTOCOL_ERROR` on anything out of bounds. Types of query that are not known here are left out. */
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
    label: cleanText(wire.label, MAX_LABEL_LENGTH),
    realms: wire.realms.flatMap(realmOf),
    models: wire.models.map(modelOf),
    share: wire.share,
    addresses: wire.addresses,
    ...(wire.certificate === undefined ? {} : { certificate: wire.certificate }),
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

function wireModel({ realm, model, slots }: CardModel): WireModel {
  const { types, capabilities, unsure = [], contextLength, ...properties } = model
  const window = defined({ contextLength: windowOf(contextLength) })
  const rare = { logprobs: false, raw: false, infill: false, grammar: false }
  return { realm, slots, types: [...types], ...rare, ...capabilities, ...properties, ...window, unsure: [...unsure] }
}

function realmOf({ name, queryType }: { name: string; queryType: string }): CardRealm[] {
  if (!REALM_NAME.test(name)) throw malformed('realm')
  return isQueryType(queryType) ? [{ name, queryType }] : []
}

function modelOf(wire: WireModel): CardModel {
  const { realm, slots, name, types, vision, tools, reasoning, structured, prefill, contextLength } = wire
  if (!REALM_NAME.test(realm)) throw malformed('realm')
  if (!isModelName(name)) throw malformed('model')
  const unsure = CAPABILITIES.filter((each) => wire.unsure.includes(each))
  return {
    realm,
    slots,
    model: {
      name,
      types: types.filter(isQueryType),
      capabilities: { vision, tools, reasoning, structured, prefill, ...rareOf(wire) },
      ...(unsure.length > 0 && { unsure }),
      ...defined({ contextLength: windowOf(contextLength) }),
      ...words(wire),
    },
  }
}

/** What few models can do: named where it is so. */
function rareOf({ logprobs, raw, infill, grammar }: WireModel): Partial<ModelCapabilities> {
  return {
    ...(logprobs && { logprobs }),
    ...(raw && { raw }),
    ...(infill && { infill }),
    ...(grammar && { grammar }),
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
