# Moran's I, the general G, local Moran and Gi* of R's spdep, for the places and values
# that golden_test.go makes by the same formulas.

suppressMessages({
  library(spdep)
  library(jsonlite)
})

n <- 60
i <- 0:(n - 1)
fraction <- function(v) v - floor(v)
lon <- 100 + 20 * fraction((i + 1) * 0.6180339887498949)
lat <- 20 + 20 * fraction((i + 1) * 0.7548776662466927)
values <- function(n) {
  i <- 0:(n - 1)
  ((i * i * 37 + 11 * i + 5) %% 101) %/% 9 * ((i * 7) %% 5) + (n - i) %/% 8
}

# Chords order as great circles on the sphere do; spdep's own distances are on the
# ellipsoid.
xyz <- cbind(cos(lat * pi / 180) * cos(lon * pi / 180), cos(lat * pi / 180) * sin(lon * pi / 180), sin(lat * pi / 180))
chord <- as.matrix(dist(xyz))
arc <- 6371008.8 * 2 * asin(pmin(chord / 2, 1))
diag(arc) <- Inf
neighbours <- function(lists) {
  class(lists) <- "nb"
  attr(lists, "region.id") <- as.character(seq_along(lists))
  lists
}
k6 <- neighbours(lapply(1:n, function(a) sort(order(arc[a, ])[1:6])))
band <- neighbours(lapply(1:n, function(a) {
  near <- which(arc[a, ] <= 400000)
  if (length(near)) near else 0L
}))

whole <- function(test) list(
  value = unname(test$estimate[1]), expected = unname(test$estimate[2]),
  variance = unname(test$estimate[3]), z = as.numeric(test$statistic), p = as.numeric(test$p.value)
)

statistics <- function(nb, x) {
  out <- list()
  for (style in c("B", "W")) {
    lw <- nb2listw(nb, style = style)
    out[[if (style == "B") "binary" else "standardised"]] <- list(
      moran = whole(moran.test(x, lw, randomisation = TRUE, alternative = "two.sided")),
      moran_normal = whole(moran.test(x, lw, randomisation = FALSE, alternative = "two.sided")),
      general = whole(suppressWarnings(globalG.test(x, lw, alternative = "two.sided")))
    )
  }
  lm <- localmoran(x, nb2listw(nb, style = "W"), alternative = "two.sided")
  out$local_moran <- list(value = unname(lm[, 1]), expected = unname(lm[, 2]), variance = unname(lm[, 3]),
    z = unname(lm[, 4]), p = unname(lm[, 5]),
    p_adjusted = p.adjust(unname(lm[, 5]), method = "BH"))
  out$g <- list(z = as.vector(localG(x, nb2listw(nb, style = "B"))))
  out$g_star <- list(z = as.vector(localG(x, nb2listw(include.self(nb), style = "B"))),
    z_standardised = as.vector(localG(x, nb2listw(include.self(nb), style = "W"))))
  out
}

without <- which(card(band) == 0)
rest <- subset(band, !(seq_len(n) %in% without))
x <- values(n)
answer <- list(
  islands = I(without - 1),
  k6 = statistics(k6, x),
  grid = statistics(cell2nb(7, 8, type = "rook"), values(56)),
  band400 = list(
    moran = whole(moran.test(x[-without], nb2listw(rest, style = "W"), alternative = "two.sided")),
    g_star = list(z = as.vector(localG(x, nb2listw(include.self(band), style = "B"))))
  )
)
cat(toJSON(answer, digits = NA, auto_unbox = TRUE))
