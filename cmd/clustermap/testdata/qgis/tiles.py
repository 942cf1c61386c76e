"""Opens an MBTiles file, or tiles by their address, as a vector tile layer of QGIS, without a window, and draws
it with one red disc for each point. Prints as JSON what QGIS knows of it and, for
each position asked for, whether its pixel is red.

Arguments: the file, or what QGIS calls the source of tiles, such as
type=xyz&url=https://example.org/{z}/{y}/{x}; the name of a layer in it, and west,south,east,north of the
picture. Standard input: positions in longitude and latitude as JSON.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402


def main():
    app = QgsApplication([], False)
    app.initQgis()
    file, name, box = sys.argv[1], sys.argv[2], [float(v) for v in sys.argv[3].split(",")]
    layer = QgsVectorTileLayer(file if file.startswith("type=") else "type=mbtiles&url=" + file, "tiles")
    style = QgsVectorTileBasicRendererStyle("points", name, QgsWkbTypes.PointGeometry)
    style.setSymbol(QgsMarkerSymbol.createSimple({"name": "circle", "color": "#ff0000", "outline_style": "no", "size": "2"}))
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)

    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    to = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), mercator, QgsProject.instance())
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setOutputSize(QSize(1024, 1024))
    settings.setDestinationCrs(mercator)
    settings.setExtent(to.transformBoundingBox(QgsRectangle(*box)))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture, pixel = job.renderedImage(), settings.mapToPixel()

    def red(position):
        at = pixel.transform(to.transform(QgsPointXY(*position)))
        colour = picture.pixelColor(int(at.x()), int(at.y()))
        return colour.red() > 200 and colour.green() < 60

    print(json.dumps({
        "valid": layer.isValid(),
        "minzoom": layer.sourceMinZoom(),
        "maxzoom": layer.sourceMaxZoom(),
        "crs": layer.crs().authid(),
        "red": [red(p) for p in json.load(sys.stdin)],
        "drawn": sum(1 for x in range(0, 1024, 2) for y in range(0, 1024, 2) if picture.pixelColor(x, y).green() < 60),
    }))
    app.exitQgis()


main()
