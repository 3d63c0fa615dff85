/** Under which names a node is to be found in the DHT. */
import { canonicalModelName } from '../../core/model/model-name.ts'
import type { Card } from '../../protocols/card/card.ts'
import type { DhtName } from './dht-keys.ts'

/** Models that run inside the node, such as the guide to realmesh: no node needs another one for them. */
const BUILT_IN = /^builtin\//

/** Whether a model runs inside the node and is not offered to others. */
export function isBuiltIn(model: string): boolean {
  return BUILT_IN.test(model)
}

/**
 * The federation, by its id, then the realms in which a real model is offered, then the models. Nothing for a node that
 * serves only itself: joining a network shares nothing. Pure.
 */
export function advertisedNames(card: Pick<Card, 'share' | 'models'>, federation: string): readonly DhtName[] {
  if (card.share === 'local') return []
  const real = card.models.filter(({ model }) => !isBuiltIn(model.name))
  const realms = new Set(real.map(({ realm }) => realm))
  const models = new Set(real.map(({ model }) => canonicalModelName(model.name)))
  return [
    { kind: 'federation', name: federation },
    ...[...realms].map((name): DhtName => ({ kind: 'realm', name })),
    ...[...models].map((name): DhtName => ({ kind: 'model', name })),
  ]
}
