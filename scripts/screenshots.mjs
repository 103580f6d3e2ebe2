#!/usr/bin/env node
import { launch } from './launch.mjs';

// The README's pictures, in docs/.
await launch('bench-screenshots', process.argv.slice(2));
