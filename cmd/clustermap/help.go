package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// runHelp is "clustermap help [COMMAND]".
func runHelp(args []string, stdout io.Writer) error {
	rest, err := parseArgs(flag.NewFlagSet("help", flag.ContinueOnError), args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	topic := "help"
	if len(rest) > 0 {
		topic = rest[0]
	}
	text, ok := helpTexts[topic]
	if !ok {
		return usagef("help", "there is no help on %q", topic)
	}
	fmt.Fprint(stdout, text)
	return nil
}

// helpTexts holds what help says of each command, and of the whole under "help".
var helpTexts = map[string]string{
	"help": `clustermap shows places on a map in the browser and serves them to GIS tools
(QGIS, ArcGIS, GDAL, MapLibre …) as OGC API - Features.

Usage:

    clustermap [serve] [flags] [PATH...]   serve files, or the built-in atlas
    clustermap check PATH...               report every fault of the files
    clustermap import FILE... -o FOLDER    make places of the rows of a table
    clustermap map PATH... -o FILE         draw a map: PNG, JPEG, SVG, PDF or PPTX
    clustermap tiles PATH... -o FILE       write map tiles: PMTiles or MBTiles
    clustermap version                     tell the version
    clustermap help COMMAND                tell more of a command

To begin:

    clustermap                             then open http://localhost:8080
    clustermap serve places.geojson        the same with your own places

Without a PATH it serves the built-in atlas: industrial clusters of China with
the Pearl River Delta, the Yangtze River Delta and the Bohai Rim.
`,

	"serve": `Usage: clustermap serve [flags] [PATH...]

Serves GeoJSON files as a map and as OGC API - Features, until Ctrl-C or SIGTERM.

A PATH is a file or a directory of files: .geojson, .json, .geojsonl or .ndjson,
each also with .gz. A file is a collection; its id is the name of the file
without extensions (places.geojson is /collections/places). A schema file beside
it (places.schema.json) may state titles, units and roles of the properties.
Without a PATH the built-in atlas is served, with a PATH only the files named.

All files are read and checked before the first answer; if one has a fault,
nothing is served and "clustermap check" lists the faults.

From then on the files are watched. What is changed, added or removed is served as
it is then, without a restart, once it has been still for half a second; a file that
is replaced more often is read every five seconds and served if it is whole. A file
with a fault is reported in the log and by /readyz, and its last good state is served
until it is good again; other files do not wait for it. A folder that is gone is
such a fault; a file that is gone takes its collection with it. SIGHUP makes the
program look at once. Where the collection "regions" of the files has a list
"adcodes" in its features, these are the definitions that the property regions of
the others is computed by.

Flags, which may stand before, between and after the paths ("--" ends them):

    -addr HOST:PORT     where to listen (127.0.0.1:8080, this machine only).
                        ":8080" listens on all addresses; port 0 takes a free one
    -atlas              serve the built-in atlas beside the files named
    -basemap FILE       offer the tiles of a .pmtiles or .mbtiles file, pictures or
                        vector tiles, as a base map; may be given again, and as
                        NAME=FILE for another name than that of the file. It is
                        opened anew when it changes, as the other files are
    -base-url URL       the address under which users reach the server, if that
                        is another one (behind a proxy). It may have a path:
                        https://example.org/maps
    -cache MB           memory for answers, tiles and groups that are kept, beside
                        that of the data (512)
    -drain DURATION     after a signal, keep answering for so long with /readyz
                        at 503, so that a load balancer looks elsewhere (0s)
    -embed WHO          which other pages may show the map in a frame, at /embed: all,
                        none, or origins such as https://example.org with commas
                        between (all)
    -import SIZE        the largest table that the server reads for people who drop one
                        on the map, or off (32MB). Nothing of it is kept
    -keep FOLDER        let people who reach the server store collections in this
                        folder, to be served beside the others. Who may reach it is
                        for you to say: there are no accounts
    -log-level LEVEL    debug, info (a line for each request), warn or error (info)
    -max-export N       how many features a download may have (5000000)
    -metrics WHERE      where the metrics for Prometheus are: main, at /metrics of the
                        server, where all who reach it can read them; HOST:PORT, only
                        there; or off (main)
    -online MAP         the base maps of others that the page offers, which readers'
                        browsers fetch from there once one is chosen: off for none,
                        or NAME=URL for another address of osm, tianditu,
                        tianditu-img or amap, such as that of a proxy, with {z},
                        {x} and {y}; may be given again (all four, as published)
    -poll DURATION      how often files are looked at in any case, for network file
                        systems give no notice of changes (10s)
    -query-timeout DURATION
                        how long finding the features of a request may take (30s)
    -quiet              no start-up text, and only errors in the log
    -statistics-timeout DURATION
                        how long a statistic may take, the waiting for others
                        included (1m0s)
    -temp-dir FOLDER    where files are made before they are sent, such as a
                        GeoPackage (the system's folder)
    -watch              serve files anew when they change (true); with -watch=false
                        only when SIGHUP comes
`,

	"check": `Usage: clustermap check PATH...

Reads what "clustermap serve PATH..." would read and reports every fault with
its file, its line or feature, and the reason; up to 20 for each file. Without a
fault it tells what the files hold, and which words of the property trade_zh the
vocabulary of trades (data/trades.csv) does not know.

The exit status is 0 if serve would serve the files, else 1.
`,

	"import": `Usage: clustermap import [flags] FILE... -o FOLDER|FILE.geojson

Makes features of the rows of tables: puts each row to its place in China by what it
says, and tells of every row where it went, how exactly and why. It needs no network.

A FILE is CSV or TSV (UTF-8, GB18030, UTF-16), XLSX, GeoJSON, GeoPackage, zipped
Shapefile, KML or GPX. Columns are recognised by their names and by what they hold:
name, place, province, prefecture, county, town, division code, trade, longitude and
latitude, coordinate system, year, numbers with units, id, note. The summary says
what each was taken for; -column and -map change it.

A row is placed; or listed, which is kept without a geometry and with the reason, for a
person to look at; or refused, where it cannot be read: then standard error has a line
for it. Of FILE.xlsx FOLDER gets FILE.geojson and FILE.schema.json, which "clustermap
serve FOLDER" shows. The features keep every column under its own name, and have:

    adcode, adcode_2007   the division code today and, where it differs, in 2007
    level                 province, prefecture, county, town or zone
    precision             what the point is, such as county_seat
    confidence            how sure the place is, 0 to 1
    reasons, alternatives why it stands there, and what else was considered
    point                 whose point it is

A table whose rows are divisions with figures (population, employment, output) is
joined by code or name to the divisions of today: figures of divisions that became one
are summed, those of one that was split are listed and not shared out.

The same table gives the same files, byte for byte, and the order of its rows does not
matter. A file appears when it is whole; if the import is interrupted the old one stays.
What an import did not make is not written over without -force.

Flags, which may stand before, between and after the files ("--" ends them):

    -o WHERE            a folder, which is made if it is missing, or a file whose name
                        ends in .geojson
    -dry-run            write no features, only what -report and -write-map say
    -update             tell what is added, changed and removed against the file that
                        is there; features whose rows are gone are removed. Without
                        ids of its own (-key) a row that was changed is another one
    -force              write over files that an import did not make
    -report FILE        the fate of each row: .html to be read and mailed, .csv or .json
    -lang LANG          of reasons, report and summary: en or zh (en)
    -quiet              write only errors and the rows refused

How the table is read:

    -sheet NAME         only this sheet (all that have rows with a place)
    -encoding NAME      of text, such as GB18030 (found)
    -header N           the row with the names of the columns (found)
    -column NAME=ROLE   what a column is for; of numbers also NAME=number:UNIT; may be
                        given again. Roles: name, place, province, prefecture, county,
                        town, adcode, trade, longitude, latitude, coordinates, crs,
                        year, number, id, note, text
    -map FILE           a mapping file, which says all this and holds corrections;
                        flags go above it
    -write-map FILE     write the mapping in use, to be kept and edited
    -crs CRS            of the coordinates, such as EPSG:4490, GCJ-02 or BD-09 (guessed
                        by the places that the rows name, and said)
    -key A,B            columns that identify a row, and give the feature its id. Without
                        it a column of ids, else the content of the row; "" for content
    -year N             of the names of divisions, where no column tells it
    -split              a feature for each place of a row that names several
    -threshold N        the least confidence to be placed (0.6)
    -as KIND            places or totals (found)
    -outlines           of totals: outlines of divisions, not points

A correction in a mapping file overrides the machine:

    "corrections": [{"id": "7", "adcode": "320509"},
                    {"id": "8", "point": [120.64, 31.16]}, {"id": "9", "none": true}]

The exit status is 0 if a file was written for each FILE, also with rows listed or
refused, else 1.
`,

	"tiles": `Usage: clustermap tiles [flags] [PATH...] -o FILE

Writes vector tiles of the features that "clustermap serve PATH..." would serve
into one file: PMTiles (version 3) if its name ends in .pmtiles, MBTiles if it
ends in .mbtiles. Web maps read PMTiles from any web server; QGIS and GDAL read
MBTiles; "clustermap serve -basemap FILE" serves both. Without a PATH it writes
the built-in atlas.

The same features give the same file, byte for byte. The file appears when it is
whole; if writing fails or is interrupted, nothing is left.

Flags, which may stand before, between and after the paths ("--" ends them):

    -o FILE             what to write; the name ends in .pmtiles or .mbtiles
    -force              write over FILE if it is there
    -collections A,B    only these collections (all)
    -filter CQL2        only features for which the condition holds, such as
                        "trade = 'silk' AND firms > 100"
    -layers LIST        of features, groups, outlines (features): the features;
                        points merged into groups with counts and sums; the
                        borders of areas. A layer is named for its kind; of
                        several collections features for the collection, others
                        COLLECTION-groups and COLLECTION-outlines
    -properties A,B     only these properties; "" for none. Without it those that
                        name, date, sort, size or place a feature
    -minzoom N          the first zoom (0)
    -maxzoom N          the last zoom. Without it the first, up to 14, at which no
                        tile has more than 1000 features and half of the segments
                        of lines and areas are at least a pixel long, and for
                        points at least 8; maps enlarge the last one
    -radius PIXELS      of groups, 20 to 200 (60)
    -tile-bytes N       the most bytes of a tile, before compression (500000)
    -tile-features N    the most features of a tile (50000)
    -priority PROPERTY  of features that do not all fit, those with greater
                        numbers of this property stay
    -name TEXT          of the archive (the titles of the collections)
    -description TEXT   of the archive
    -attribution TEXT   to be shown on maps (that of the schema files)
    -quiet              write only errors

At the end it tells how many features were left out of tiles, and the worst tile.
`,

	"map": `Usage: clustermap map [flags] [PATH...] -o FILE
       clustermap map [flags] [PATH...] -batch region|PROPERTY -o FOLDER|FILE

Draws a map of the features that "clustermap serve PATH..." would serve, with title,
legend, scale and source: a picture if FILE ends in .png, .jpg or .svg, a page if it
ends in .pdf, a slide of shapes and text that can be edited if it ends in .pptx.
Without a PATH it draws the built-in atlas. With -batch it draws a series.

The flags are the parameters of GET /map, and the picture is the same. The same
features give the same file, byte for byte. A file appears when it is whole; if
writing fails or is interrupted, nothing of it is left.

Flags, which may stand before, between and after the paths ("--" ends them):

    -o FILE             what to write; its name tells the format
    -force              write over FILE if it is there
    -quiet              write only errors

What is shown:

    -collections A,B    these collections, the lowest first (all: areas, lines, points)
    -where NAME=VALUE   only features that have the value; a comma between values means
                        or; may be given again. Also q=WORDS, datetime=INTERVAL
    -filter CQL2        only features for which the condition holds, such as
                        "trade = 'silk' AND firms > 100"
    -bbox W,S,E,N       the part of the world (around what is selected and outlined)
    -bbox-crs CRS       the system of the box, such as 3857 (CRS84)
    -center LON,LAT     the middle, instead of a box
    -scale-denominator N  the scale, 1:N
    -crs CRS            of the map: CRS84, 3857, 4326, 4490 or albers (equal-area for
                        China). Without it 3857, and albers for the whole of China
    -fit exact|extend   fill the picture with the box, or show more rather than
                        stretch it (extend)
    -regions A,B        definitions to outline, or none (those in use)
    -view VIEW          features, groups, hex or territory (groups for points)
    -by DIVISION        of hex and territory: hex:KM, division:province (or
                        prefecture, county) or region:ID
    -radius PIXELS      of groups, 20 to 200 (what suits the scale)

How it looks:

    -size SIZE          slide (1280 x 720 pixels), slide4x3 (960 x 720), square
                        (1080 x 1080); a4, a4-upright, half (of a4), poster (A1) in
                        millimetres, as pixels with 300 dpi, the poster with 200
    -width N -height N  in pixels, to 8192 (1280 x 720)
    -dpi N              pixels to the inch, 24 to 600; twice 96 makes a sharper
                        picture of the same size
    -lang LANG          zh, en or both (en)
    -style STYLE        light, dark, print (for black and white) or presentation
    -title TEXT, -subtitle TEXT   (a finding from the numbers)
    -furniture LIST     all, none, or of title, subtitle, legend, scale, north, source,
                        date, definition, filter, review, inset
    -review TEXT        the review number of the map (审图号)
    -labels=false       no names on the map

A series:

    -batch region       a picture for each region outlined: zoomed to it, with its
                        features only
    -batch PROPERTY     a picture for each value, the most frequent first, 200 at
                        most; PROPERTY may also be its title, such as Trade.
                        Collections without it are not drawn
    -format FORMAT      of the files in FOLDER: png, jpeg, svg, pdf or pptx (png)

FOLDER is made if it is missing; its files are named for the region or value. A FILE
that ends in .pptx or .pdf holds all pictures, a slide or page for each. An interrupt
leaves whole files only.

At the end it tells how many features a picture shows, how many labels had no room,
and which characters no font has.
`,

	"version": `Usage: clustermap version

Tells the version of clustermap, of the Go that built it, and the system.
`,
}
