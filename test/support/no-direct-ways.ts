import type { ReachStatus } from '../../node/api/node-api.ts'

/** Of a node that reaches nobody over a relay. */
export const NO_DIRECT_WAYS: ReachStatus['direct'] = { webRtc: 'ready', waiting: 0, trying: 0, hopeless: 0, opened: 0 }
