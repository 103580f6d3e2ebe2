#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('cli', process.argv.slice(2));
