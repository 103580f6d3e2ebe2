#!/usr/bin/env node
import { launch } from './launch.mjs';

// Hours of use in minutes, with accidents: see tests/soak/index.ts.
await launch('soak', process.argv.slice(2));
