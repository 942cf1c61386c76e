"""Edits a GeoPackage in QGIS, without a window: adds a feature, deletes one,
renames and moves one, saves, and asks the spatial index for the moved one.
Prints what came of it as JSON. Argument: the file.
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
)


def edit(file):
    layer = QgsVectorLayer(file, "layer", "ogr")
    seen = {"valid": layer.isValid(), "crs": layer.crs().authid(), "before": layer.featureCount(), "errors": []}
    layer.startEditing()
    features = list(layer.getFeatures())
    added = QgsFeature(layer.fields())
    added.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(100, 10)))
    layer.addFeature(added)
    layer.deleteFeature(features[0].id())
    moved = features[1].id()
    layer.changeGeometry(moved, QgsGeometry.fromPointXY(QgsPointXY(-50, -50)))
    layer.changeAttributeValue(moved, layer.fields().indexFromName("name_zh"), "改名")
    if not layer.commitChanges():
        seen["errors"] = layer.commitErrors()
    again = QgsVectorLayer(file, "again", "ogr")
    box = QgsFeatureRequest(QgsRectangle(-51, -51, -49, -49))
    found = list(again.getFeatures(box))
    seen["after"] = again.featureCount()
    seen["inBox"] = len(found)
    seen["renamed"] = found[0]["name_zh"] if found else ""
    return seen


def main():
    app = QgsApplication([], False)
    app.initQgis()
    print(json.dumps(edit(sys.argv[1]), ensure_ascii=False))
    app.exitQgis()


main()
