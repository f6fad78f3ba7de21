// Tests run as compiled by tsc, from dist: what is tested is what ships, and child processes find their files.
export default {
  testEnvironment: 'node',
  rootDir: 'dist',
  testMatch: ['<rootDir>/test/**/*.test.js'],
  transform: {},
  testTimeout: 120_000,
  maxWorkers: 2,
};
