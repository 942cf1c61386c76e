# Prints golden-r.json: nearest neighbours and Ripley's L by spatstat.
#   Rscript golden.R > golden-r.json
suppressMessages(library(spatstat.explore))

# Lehmer's generator, of which Go and Python have the same numbers.
uniform <- function(n, seed) {
  out <- numeric(n)
  for (i in seq_len(n)) {
    seed <- (seed * 48271) %% 2147483647
    out[i] <- seed / 2147483647
  }
  out
}
u <- uniform(120, 1)
x <- u[seq(1, 120, 2)] * 100000
y <- u[seq(2, 120, 2)] * 60000

rectangle <- ppp(x, y, window = owin(c(0, 100000), c(0, 60000)))
hull <- convexhull.xy(x, y)
# No point lies on the outline: for a circle through a corner spatstat's share is wrong.
hexagon <- ppp(x, y, window = owin(poly = list(x = c(-5000, 50000, 105000, 105000, 50000, -5000),
                                               y = c(-5000, -20000, -5000, 65000, 80000, 65000))))
# An L with arms of 40 and 30 km, and the points within it.
corner <- owin(poly = list(x = c(0, 100000, 100000, 40000, 40000, 0), y = c(0, 0, 30000, 30000, 60000, 60000)))
inside <- inside.owin(x, y, corner)
bent <- ppp(x[inside], y[inside], window = corner)

curve <- function(X) {
  k <- Kest(X, r = seq(0, 15000, by = 500), correction = "isotropic", ratio = FALSE)
  sqrt(k$iso / pi)[-1]
}
row <- function(name, v) sprintf('"%s": [%s]', name, paste(sprintf("%.17g", v), collapse = ", "))
one <- function(name, v) sprintf('"%s": %.17g', name, v)
plain <- clarkevans.test(rectangle, correction = "none")
cat("{\n", paste(c(
  row("nearest", nndist(rectangle)),
  one("index", clarkevans(rectangle, correction = "none")),
  one("p", plain$p.value),
  one("donnelly", clarkevans(rectangle, correction = "Donnelly")),
  one("hull_area", area(hull)),
  one("hull_perimeter", perimeter(hull)),
  row("l_rectangle", curve(rectangle)),
  row("l_hexagon", curve(hexagon)),
  row("l_bent", curve(bent))
), collapse = ",\n "), "\n}\n", sep = "")
