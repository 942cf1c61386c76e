"""What a person does in QGIS, without a window: connects to the server, opens
layers, filters one, walks all pages of another. Prints what QGIS saw as JSON.

Arguments: the address of the server, then "collection" or "collection|filter"
for each layer to open; a filter is a QGIS subset string.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
)


def open_layer(address, name, subset):
    uri = QgsDataSourceUri()
    uri.setParam("url", address)
    uri.setParam("typename", name)
    uri.setParam("pageSize", "100")
    layer = QgsVectorLayer(uri.uri(False), name, "OAPIF")
    if subset and not layer.setSubsetString(subset):
        raise SystemExit("QGIS refuses the filter " + subset)
    return layer


def values(feature):
    return {
        f.name(): (v if isinstance(v := feature[f.name()], (str, int, float, bool)) else None)
        for f in feature.fields()
    }


def walk(address, name, subset):
    layer = open_layer(address, name, subset)
    if not layer.isValid():
        return {"valid": False, "error": layer.error().message() or layer.dataProvider().error().message()}
    extent = layer.extent()
    features = [
        {
            "wkt": f.geometry().asWkt(6) if f.hasGeometry() else None,
            "properties": values(f),
        }
        for f in layer.getFeatures()
    ]
    south = QgsFeatureRequest(QgsRectangle(extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.center().y()))
    return {
        "valid": True,
        "crs": layer.crs().authid(),
        "geometry": layer.wkbType(),
        "fields": {f.name(): f.typeName() for f in layer.fields()},
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "count": layer.featureCount(),
        "south": sum(1 for _ in layer.getFeatures(south)),
        "features": features,
    }


def main():
    app = QgsApplication([], False)
    app.initQgis()
    address = sys.argv[1]
    print(json.dumps([walk(address, *(layer + "|").split("|")[:2]) for layer in sys.argv[2:]]))
    app.exitQgis()


main()
