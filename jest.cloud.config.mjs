// The suites against AWS services as moto plays them: `npm run test:cloud`.
import base from './jest.config.mjs';

export default { ...base, testMatch: ['<rootDir>/test/**/*.cloud.js'] };
