"""The engine: references and texts in, waveforms out. It knows neither HTTP nor S3.

Read in this order: `speech` (the way through), `plan`, `cuts`, `reader`, `reference`, `sampler`, `network`, `graphs`,
`vocoder`, `joining`, `silence`, `checkpoint`.
"""
