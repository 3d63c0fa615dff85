/**
 * Node 20 lacks `Promise.withResolvers`, which libp2p 3 calls without saying so. Every process entry (CLI, child, test,
 * bench) imports this file before anything else; on Node 22 and newer it changes nothing.
 */
if (typeof Promise.withResolvers !== 'function') {
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value: function withResolvers<T>(): PromiseWithResolvers<T> {
      let resolve!: PromiseWithResolvers<T>['resolve']
      let reject!: PromiseWithResolvers<T>['reject']
      const promise = new Promise<T>((yes, no) => {
        resolve = yes
        reject = no
      })
      return { promise, resolve, reject }
    },
  })
}

export {}
