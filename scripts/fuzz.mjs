#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('fuzz', process.argv.slice(2));
