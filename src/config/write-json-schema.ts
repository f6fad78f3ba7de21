// Writes docs/devices.schema.json anew: `node dist/src/config/write-json-schema.js`, then `npm run format`.
import { writeFileSync } from 'node:fs';
import { jsonSchema } from './schema/document-schema.js';

writeFileSync('docs/devices.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
