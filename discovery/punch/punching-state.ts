/**
 * Whether this node can open a direct way through two routers. `missing`: the package for it is not installed.
 * `broken`: its native part does not run on this machine. `off`: the owner does not want it.
 */
export type PunchingState = 'ready' | 'missing' | 'broken' | 'off'
