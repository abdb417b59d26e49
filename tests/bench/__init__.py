"""The benchmarks: `make bench`, or `make bench NAME…` or `python -m tests.bench NAME…` for some of them.

Every line on standard output is one JSON object: `name`, `value` and `unit` of what was measured; where it is
held against something measured in the same run, `peer`, `peer_value` and `ratio` (value / peer_value); where
there is a target, `bound` ("<=" or ">="), `bound_value` and `holds`; and `machine`. A line without `holds` is
information. Nothing here is a test: a target that is missed is printed, and the exit status stays 0.

| name | measures |
|---|---|
| startup | the first paint of the real window, against `import torch`, and its first answers |
| heartbeat | gaps of the event loop of the real window while 500 photos are embedded |
| search | exact search, HNSW and filters at 10,000 to 100,000 x 512, which overtakes which; codes at 1,000,000 too |
| graph | the trial of the HNSW graph at 50,000 and 100,000 x 512, its memory, and growing by a tenth |
| rescan | a sync of 100,000 unchanged files, against a bare walk that stats them |
| rebuild | what a search notices of the HNSW graph being built over 100,000 vectors |
| indexing | photos embedded a second by every engine, against the shape of the strongest peer and what is possible |
| reembedding | photos embedded a second for another model from thumbnails, against from originals |
| words | words over 100,000 photos: in a cold process, warm, again, and while photos are embedded |
| quick_look | pictures that quick look embeds a second on one core |
| model_speeds | every offered model, fitted to this computer; writes the README's table |
| memory | what the real window takes at rest, with 100,000 photos |
| million | a library of a million photos: start, searches, newest, scrolling, scan, memory; only where it is named |
| catalog_size | the bytes of catalog and thumbnails for every 1,000 photos |

Each runs in a process of its own; what is compared is measured in turns, so that a busy machine slows both.
Models have random weights: right in shape and speed, without meaning. All files lie in temporary folders, but for
those of `million`, which are kept in `.bench/`.
"""
