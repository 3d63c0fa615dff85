/** All that is proved. The scenarios are those of the gate, which asserts all of them but time. */
import { FAULT_PROOFS } from './fault-proofs.ts'
import { LOAD_PROOFS } from './load-proofs.ts'
import { NETWORK_PROOFS } from './network-proofs.ts'
import type { Proof } from './proof.ts'
import { SWARM_PROOFS } from './swarm-proofs.ts'

export const PROOFS: readonly Proof[] = [...FAULT_PROOFS, ...NETWORK_PROOFS, ...LOAD_PROOFS, ...SWARM_PROOFS]
