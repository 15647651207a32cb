const root = import.meta.dirname; // the lockfile of the other examples would make their folder the root

export default { output: "standalone", outputFileTracingRoot: root, turbopack: { root } };
