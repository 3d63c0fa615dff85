import type { ModelReach } from '../../node/route/why-no-place.ts'

/** A reach in which nobody has any model; tests override what they are about. */
export function emptyReach(overrides: Partial<ModelReach> = {}): ModelReach {
  return {
    isOffered: () => false,
    wasOffered: () => false,
    unshared: () => 0,
    misfit: () => undefined,
    troubles: () => [],
    isLoading: () => false,
    names: () => [],
    isServedByPeers: () => false,
    ...overrides,
  }
}
