// Package pyramid merges the points of an index into groups, for each zoom of a
// web map.
//
// At each zoom from 0 to MaxZoom the groups partition the features: each feature
// is in one group or stands alone. A coarser zoom only joins groups of the finer
// one, so that a group opens into groups. The result depends on the features and
// the radius alone, and not on a view or a tile, so that maps, tiles, tables and
// pictures show the same groups.
//
// Features that are no points take part with their anchor (geo.Index.Anchor).
// Positions are those of Web Mercator with 32 bits for the width of the world, which
// is 9 mm at the equator: what lies nearer is at one place. Latitudes beyond
// geo.MaxLatitude are on its edge. The world is round: groups reach over 180°.
//
// # How groups are made
//
// Two nodes that are the nearest to each other are joined, the finest zoom first, until
// none stand within the radius: at each zoom all groups and lone features stand at least
// the radius apart, and symbols no wider than the radius do not overlap at all. A group
// stands at the member nearest to the mean of its members, and that is where it is
// measured from. What is at one place is joined before anything else.
//
// This way was chosen by measure, of four, on 200,000 points around the places of
// GeoNames, at zoom 6 with a radius of 60 (BenchmarkMethods measures it anew):
//
//	way                                    symbols  overlapped  members to symbol, in radii:
//	                                                by a tenth  root mean square, 99 %, most
//	a grid of cells as wide as the radius    7,498        78 %          0.37   0.73   1.22
//	the largest takes in the radius          3,973         5 %          0.59   1.24   1.73
//	the same, and again until 0.9 apart      3,864           0          0.59   1.24   1.85
//	the two nearest to each other            3,731           0          0.56   1.20   2.16
//
// A grid draws its own lines over the map: it parts neighbours on both sides of an edge,
// and its symbols cover each other. Taking all that is within the radius, as
// supercluster does, leaves overlaps, since groups stand elsewhere than where they were
// measured from. The nearest two first gives as few symbols as that, nearer to
// what they stand for, and costs no more.
//
// # Territories
//
// Groups by distance on the map hold less ground in the north than in the south: a radius
// of Web Mercator covers a sixth less at the Bohai Rim than at the Pearl River Delta.
// Divide parts features by division, by region or by hexagons of equal ground area, whose
// numbers can be compared. Hexagons are regular in a Lambert azimuthal equal-area
// projection, fixed to the world and not to the features: it is centred on the first of
// six continents, Asia before all others, on which the features of the index all lie.
package pyramid
