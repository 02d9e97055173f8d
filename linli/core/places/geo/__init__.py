"""The pure geometry of places: no database, no request, only shapes, points and metres.

Modules: `metric` (degrees and metres), `gcj` (the datum of Chinese maps), `geojson` (reading), `check` (do the
polygons tile?), `locate` (which grid holds this point?), and for the demo's plausible shapes `organic`, `cuts`,
`tiling` and `footprints`. Coordinates are WGS 84 longitude, latitude unless a name says metres.
"""
