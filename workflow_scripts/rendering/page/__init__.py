"""The results page: `index.html.j2` with its style and scripts, and the modules that fill it; pure.

The page opens without a server: its data are scripts, its links relative. Its scripts are `page.js` (sorting, the
filter of verdicts, the state in the address), `explorer.js` (the choice of a pair) and `charts.js` (charts, drawn by
Vega-Lite).
"""
