/** Direction of dependencies (docs/design.md §5). Checked by `npm run lint:deps`. */
const path = (folder) => `^src-main/${folder}/`;

module.exports = {
  forbidden: [
    {
      name: 'domain-knows-only-itself',
      severity: 'error',
      comment: 'the rules: no I/O, no Electron, no other layer',
      from: { path: path('domain') },
      to: { path: '^src-main/(?!domain/)|^src-renderer/' },
    },
    {
      name: 'domain-without-io',
      severity: 'error',
      from: { path: path('domain') },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util)$' },
    },
    {
      name: 'servers-below-services',
      severity: 'error',
      from: { path: path('servers') },
      to: {
        path: '^src-main/(services|ipc|platform|contract|clients|preload)/|^src-main/cli/|^src-main/(cli|main|compose)\\.ts$|^src-renderer/',
      },
    },
    {
      name: 'clients-share-nothing-with-servers',
      severity: 'error',
      comment: 'the connecting side judges the servers, so it must not be made of them',
      from: { path: path('clients') },
      to: { path: '^src-main/(?!clients/|domain/kernel/)|^src-renderer/' },
    },
    {
      name: 'services-know-no-platform',
      severity: 'error',
      from: { path: path('services') },
      to: {
        path: '^src-main/(ipc|platform|preload)/|^src-main/cli/|^src-main/(cli|main|compose)\\.ts$|^src-renderer/',
      },
    },
    {
      name: 'contract-is-types-only',
      severity: 'error',
      from: { path: path('contract') },
      to: { path: '^src-main/(?!contract/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-sees-only-the-contract',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/(?!contract/)' },
    },
    {
      name: 'page-takes-types-and-words',
      severity: 'error',
      comment:
        'of the contract the page takes types, and values from words.ts only: schemas would bring zod into the page',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/contract/(?!words\\.ts$)|node_modules/zod/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'electron-in-its-places',
      severity: 'error',
      from: { pathNot: '^src-main/(platform/electron|preload)/|^src-main/main\\.ts$' },
      to: { path: 'node_modules/electron/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'test-peers-not-in-the-product',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { path: 'node_modules/(@grpc/grpc-js|mariadb|pkijs|asn1js|fast-check|vitest)/' },
    },
    {
      name: 'one-door-per-folder',
      severity: 'error',
      comment: 'domain folders are entered by their index; type-only imports of contracts are fine',
      from: { path: '^src-main/(domain/([^/]+)|servers/([^/]+)|services|clients|[^/]+)/' },
      to: {
        path: '^src-main/domain/[^/]+/.+',
        pathNot: ['/index\\.ts$', '^src-main/domain/$2/', '^src-main/domain/fidelity/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
