"""What a person does in QGIS with a map service, without a window: adds a layer in some
systems, draws it, takes its legend, asks what is at a place. Prints it as JSON.

Arguments: the address of the service, the longitude and latitude of a place, and a
directory for pictures.
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
    QgsPointXY,
    QgsProject,
    QgsRaster,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEventLoop, QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402


def wait(start, *signals):
    loop = QEventLoop()
    for signal in signals:
        signal.connect(lambda *a: loop.quit())
    start()
    loop.exec()


def look(address, system, where, directory):
    layer = QgsRasterLayer(
        "crs=" + system + "&format=image/png&layers=clusters&styles=&url=" + address,
        "clusters",
        "wms",
    )
    seen = {"valid": layer.isValid(), "error": layer.error().message(), "crs": layer.crs().authid()}
    if not layer.isValid():
        return seen
    crs = QgsCoordinateReferenceSystem(system)
    turn = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"), crs, QgsProject.instance()
    )
    at = turn.transform(where)
    half = 200000 if crs.authid() == "EPSG:3857" else 2
    box = QgsRectangle(at.x() - half, at.y() - half, at.x() + half, at.y() + half)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(crs)
    settings.setExtent(box)
    settings.setOutputSize(QSize(300, 300))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    wait(job.start, job.finished)
    image = job.renderedImage()
    image.save(os.path.join(directory, system.replace(":", "") + ".png"))
    inked = [
        (x, y)
        for y in range(300)
        for x in range(300)
        if image.pixelColor(x, y).name() != "#ffffff"
    ]
    seen["inked"] = len(inked)
    seen["near"] = sum(1 for x, y in inked if abs(x - 150) < 16 and abs(y - 150) < 16)
    seen["errors"] = [e.message for e in job.errors()]
    provider = layer.dataProvider()
    found = provider.identify(at, QgsRaster.IdentifyFormatText, box, 300, 300)
    seen["text"] = "".join(str(v) for v in found.results().values())
    nothing = provider.identify(
        QgsPointXY(at.x() - half * 0.9, at.y() - half * 0.9),
        QgsRaster.IdentifyFormatText,
        box,
        300,
        300,
    )
    seen["nothing"] = "".join(str(v) for v in nothing.results().values())
    legend = provider.getLegendGraphicFetcher(settings)
    pictures = []
    legend.finish.connect(lambda image: pictures.append(image))
    wait(legend.start, legend.finish, legend.error)
    if pictures:
        pictures[0].save(os.path.join(directory, system.replace(":", "") + "-legend.png"))
        seen["legend"] = [pictures[0].width(), pictures[0].height()]
    return seen


def main():
    application = QgsApplication([], False)
    application.initQgis()
    address, directory = sys.argv[1], sys.argv[4]
    where = QgsPointXY(float(sys.argv[2]), float(sys.argv[3]))
    all = {s: look(address, s, where, directory) for s in ("CRS:84", "EPSG:3857", "EPSG:4326", "EPSG:4490")}
    print()
    print(json.dumps(all))
    sys.stdout.flush()
    os._exit(0)  # QGIS without a window does not always end


main()
