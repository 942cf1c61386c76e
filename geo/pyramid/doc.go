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
// Of three ways this one was chosen by measure, on the places of GeoNames
// jittered to a million points, at zoom 8 with a radius of 60 (BenchmarkMethods
// measures it anew):
//
//	way                                    groups  symbols that overlap  members to symbol
//	                                               by more than a tenth  (root mean square)
//	a grid of cells as wide as the radius  54,671                85.3 %         0.38 radii
//	the densest takes all in the radius    26,267                 5.3 %         0.60
//	the same, and again until 0.9 apart    25,516                   0 %         0.60
//	the nearest two, until a radius apart  25,133                   0 %         0.56
//
// A grid draws its own lines over the map: it parts neighbours on both sides of an edge,
// and its symbols cover each other. Taking all that is within the radius, as
// supercluster does, leaves overlaps, since groups stand elsewhere than where they were
// measured from. The nearest two first gives as few symbols as that, nearer to
// what they stand for, and costs no more.
package pyramid
