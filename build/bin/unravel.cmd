@echo off
where node >nul 2>nul || (
  echo unravel: the command line runs on Node 20.19 or newer, which was not found. Install it from https://nodejs.org. 1>&2
  exit /b 1
)
node "%~dp0..\app.asar.unpacked\scripts\unravel.mjs" %*
