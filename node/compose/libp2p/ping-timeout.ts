/**
 * Longest wait for the echo of a connection, which is cut without one, milliseconds. A rig that computes on all of its
 * cores answers late, and what it streams would be cut; a dead one is missed by its queries' own heartbeat within two
 * seconds.
 */
export const PING_TIMEOUT_MS = 20_000
