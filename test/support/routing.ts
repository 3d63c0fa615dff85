import type { ModelLoad, NodeLoad } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import type { RouteQuestion } from '../../routing/offers/route-question.ts'
import type { RoutingNode } from '../../routing/offers/routing-view.ts'

/** A chat model that can do nothing special; tests override what they are about. */
export function chatModel(overrides: Partial<Model> = {}): Model {
  const capabilities = { vision: false, tools: false, reasoning: false, structured: false, prefill: true }
  return { name: 'tiny', types: ['chat'], capabilities, ...overrides }
}

/** A connected node of our own federation that offers `tiny` in `$CHAT` with two slots. */
export function routingNode(id: string, overrides: Partial<RoutingNode> = {}): RoutingNode {
  return {
    id,
    relation: 'home',
    share: 'home',
    connected: true,
    models: [{ model: chatModel(), realm: '$CHAT', slots: 2 }],
    ...overrides,
  }
}

/** An idle, warm model with two slots at 50 tokens per second. */
export function modelLoad(overrides: Partial<ModelLoad> = {}): ModelLoad {
  return {
    model: 'tiny',
    slots: 2,
    running: 0,
    queued: 0,
    estimatedWaitMs: 0,
    decodeRate: 50,
    prefillRate: 1_000,
    warm: true,
    ...overrides,
  }
}

export function nodeLoad(seq: number, models: readonly ModelLoad[] = [modelLoad()], draining = false): NodeLoad {
  return { seq, at: 1_700_000_000_000, draining, models }
}

/** A streamed chat query for `tiny`, 100 tokens in and 100 out. */
export function routeQuestion(overrides: Partial<RouteQuestion> = {}): RouteQuestion {
  return {
    model: 'tiny',
    type: 'chat',
    realm: '$CHAT',
    needs: {},
    promptTokens: 100,
    expectedTokens: 100,
    streamed: true,
    scope: 'home',
    exclude: new Set(),
    ...overrides,
  }
}
