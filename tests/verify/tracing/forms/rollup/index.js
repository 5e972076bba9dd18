import 'node:fs/promises';
import 'node:path';
export { m as main } from './index-BfJrmI27.js';
import 'events';
